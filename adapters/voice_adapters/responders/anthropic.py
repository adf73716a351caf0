"""Answers by a language model of Anthropic (docs.anthropic.com, Messages API, streaming)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from types import MappingProxyType
from typing import Any

import attrs

from voice_adapters.responders.history import ChatMessage, chat_messages
from voice_adapters.responders.prompts import system_prompt
from voice_adapters.responders.session_memory import SessionMemory
from voice_adapters.responders.streamed_reply import ReplyDialect, StreamedReply
from voice_adapters.responders.summaries import summary_question, summary_system, whole_summary
from voice_adapters.services.http_stream import HttpStreams, Post, RefusedError
from voice_adapters.services.problem_text import json_object, shown
from voice_adapters.services.server_sent_events import SentEvent
from voice_domain.call import Call
from voice_domain.phrases import language_of
from voice_domain.ports.responder import ReplyError, ReplyRequest, Responder
from voice_domain.ports.summarizer import Summarizer

__all__ = ("AnthropicResponder",)

_VERSION = "2023-06-01"
_MOST_TOKENS = 1024  # minutes of speech
_PASSING = ("api_error", "overloaded_error", "rate_limit_error", "timeout_error")
_BEGINNING: Mapping[str, str] = MappingProxyType({"en": "(The call begins.)", "zh": "（通话开始。）"})
_OFFER: Mapping[str, str] = MappingProxyType(
    {
        "authentication_error": "the key is wrong; check {key}",
        "permission_error": "the key may not use {model}; check its permissions",
        "not_found_error": "there is no model {model}; choose another in responseModel",
        "billing_error": "the account has no credit left; add some, waiting does not help",
        "rate_limit_error": "too many requests at once; wait, or raise the account's rate limit",
        "overloaded_error": "it is overloaded; try again later",
    }
)


@attrs.frozen(kw_only=True)
class AnthropicResponder(Responder, Summarizer):
    """Answers through `POST /v1/messages`, streamed; no tool is given to the model."""

    http: HttpStreams
    model: str
    api_key: str = attrs.field(repr=False)
    base_url: str = "https://api.anthropic.com"
    """With or without `/v1`."""
    service: str = "anthropic"
    """The id in `models.providers`; errors name it."""
    persona: str | None = None
    """What the user wrote in `responseSystemPrompt`; None for a built-in one."""
    silence_seconds: float = 30.0
    """How long the service may be silent. How long a caller waits is the call's business."""
    memory: SessionMemory = attrs.field(factory=SessionMemory, eq=False, repr=False)
    """What was said in earlier calls with the same session key."""

    async def reply(self, request: ReplyRequest) -> AsyncIterator[str]:
        """Yield the model's answer, a sentence as soon as it is whole; nothing if it says nothing.

        Raises:
            ReplyError: if the service refuses, breaks off, or withholds the answer.
        """
        earlier = self.memory.recall(request)
        chat = chat_messages(request, earlier)
        if chat and chat[0].role == "assistant":
            # A conversation begins with the user here, and ours begin with a greeting.
            chat = (ChatMessage("user", _BEGINNING[language_of(request.locale)]), *chat)
        system = system_prompt(request, self.persona, recalls=bool(earlier))
        async with aclosing(self._streamed().sentences(self._post(system, chat))) as sentences:
            async for sentence in sentences:
                yield sentence

    async def summarize(self, call: Call) -> str:
        """Return the model's summary of *call*; see the role."""
        post = self._post(summary_system(call), (ChatMessage("user", summary_question(call)),))
        return await whole_summary(self._streamed().sentences(post))

    def _streamed(self) -> StreamedReply:
        return StreamedReply(
            http=self.http,
            service=self.service,
            dialect=_Messages(self.service, self.model, self.api_key),
            silence_seconds=self.silence_seconds,
        )

    def _post(self, system: str, chat: Sequence[ChatMessage]) -> Post:
        base_url = self.base_url.rstrip("/").removesuffix("/v1")
        return Post(
            url=f"{base_url}/v1/messages",
            headers={
                "accept": "text/event-stream",
                "x-api-key": self.api_key,
                "anthropic-version": _VERSION,
            },
            body={
                "model": self.model,
                "max_tokens": _MOST_TOKENS,
                "system": system,
                "messages": [{"role": message.role, "content": message.text} for message in chat],
                "stream": True,
            },
            refused_types=("text/html",),
        )


@attrs.define
class _Messages(ReplyDialect):
    """Named events: text in `content_block_delta`, the end in `message_stop`, `error` at any time."""

    service: str
    model: str
    key: str = attrs.field(repr=False)
    _answered: bool = attrs.field(default=False, init=False)

    def text_of(self, event: SentEvent) -> str | None:
        message = json_object(event.data.encode("utf-8", "replace"))
        match message.get("type"):
            case "message_stop":
                return None
            case "error":
                raise ReplyError(self.service, self._explained(message.get("error"), status=0))
            case "content_block_delta":
                delta = _object(message.get("delta"))
                text = str(delta.get("text") or "") if delta.get("type") == "text_delta" else ""
                self._answered = self._answered or bool(text.strip())
                return text
            case "message_delta" if _object(message.get("delta")).get("stop_reason") == "refusal":
                if not self._answered:
                    raise ReplyError(self.service, "the model refused to answer; nothing can be done here")
        return ""

    def explain(self, refused: RefusedError) -> str:
        return self._explained(json_object(refused.body).get("error"), status=refused.status)

    def may_pass(self, refused: RefusedError) -> bool:
        kind = _object(json_object(refused.body).get("error")).get("type")
        return kind in _PASSING or refused.status >= 500

    def _explained(self, error: object, *, status: int) -> str:
        kind = str(_object(error).get("type") or "")
        if kind in _OFFER:
            return _OFFER[kind].format(key=f"models.providers.{self.service}.apiKey", model=self.model)
        message = shown(_object(error).get("message"), self.key)
        where = f"status {status}" if status else f"error {shown(kind, self.key) or 'without a name'}"
        advice = "; try again later" if kind in _PASSING or status >= 500 else ""
        return f"{where}{f': {message}' if message else ''}{advice}"


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

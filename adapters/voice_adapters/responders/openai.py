"""Answers by a language model of OpenAI, or of any service with its chat completions."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

import attrs

from voice_adapters.responders.history import ChatMessage, chat_messages
from voice_adapters.responders.prompts import system_prompt
from voice_adapters.responders.session_memory import SessionMemory
from voice_adapters.responders.streamed_reply import ReplyDialect, StreamedReply
from voice_adapters.responders.summaries import summary_question, summary_system, whole_summary
from voice_adapters.services.http_stream import HttpStreams, Post, RefusedError
from voice_adapters.services.openai_refusals import OpenAiRefusals, may_pass
from voice_adapters.services.problem_text import json_object
from voice_adapters.services.server_sent_events import SentEvent
from voice_domain.call import Call
from voice_domain.ports.responder import ReplyError, ReplyRequest, Responder
from voice_domain.ports.summarizer import Summarizer

__all__ = ("OpenAiResponder",)

_DONE = "[DONE]"


@attrs.frozen(kw_only=True)
class OpenAiResponder(Responder, Summarizer):
    """Answers through `POST /chat/completions`, streamed; no tool is given to the model."""

    http: HttpStreams
    model: str
    api_key: str | None = attrs.field(default=None, repr=False)
    """None for services that ask for none, such as one on the same machine."""
    base_url: str = "https://api.openai.com/v1"
    """Ends in `/v1`."""
    service: str = "openai"
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
        system = system_prompt(request, self.persona, recalls=bool(earlier))
        post = self._post(system, chat_messages(request, earlier))
        async with aclosing(self._streamed().sentences(post)) as sentences:
            async for sentence in sentences:
                yield sentence

    async def summarize(self, call: Call) -> str:
        """Return the model's summary of *call*; see the role."""
        post = self._post(summary_system(call), (ChatMessage("user", summary_question(call)),))
        return await whole_summary(self._streamed().sentences(post))

    def _streamed(self) -> StreamedReply:
        refusals = OpenAiRefusals(
            model=self.model,
            key_setting=f"models.providers.{self.service}.apiKey",
            model_setting="responseModel",
            key=self.api_key or "",
        )
        return StreamedReply(
            http=self.http,
            service=self.service,
            dialect=_ChatCompletions(self.service, refusals),
            silence_seconds=self.silence_seconds,
        )

    def _post(self, system: str, chat: Sequence[ChatMessage]) -> Post:
        messages = [{"role": "system", "content": system}]
        messages += [{"role": message.role, "content": message.text} for message in chat]
        headers = {"accept": "application/json"}
        if self.api_key is not None:
            headers["authorization"] = f"Bearer {self.api_key}"
        return Post(
            url=f"{self.base_url.rstrip('/')}/chat/completions",
            headers=headers,
            body={"model": self.model, "stream": True, "messages": messages},
            refused_types=("text/html",),
        )


@attrs.define
class _ChatCompletions(ReplyDialect):
    """`data:` lines of `chat.completion.chunk`, then `[DONE]`."""

    service: str
    refusals: OpenAiRefusals
    _answered: bool = attrs.field(default=False, init=False)

    def text_of(self, event: SentEvent) -> str | None:
        if event.data.strip() == _DONE:
            return None
        chunk = json_object(event.data.encode("utf-8", "replace"))
        if chunk.get("error"):
            raise ReplyError(self.service, self.refusals.explain_error(chunk["error"]).problem)
        choice = _first(chunk.get("choices"))
        delta = choice.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        # What a model says instead of an answer is an answer too.
        text = str(delta.get("content") or delta.get("refusal") or "")
        self._answered = self._answered or bool(text.strip())
        if choice.get("finish_reason") == "content_filter" and not self._answered:
            raise ReplyError(self.service, "its content filter withheld the answer; nothing can be done here")
        return text

    def explain(self, refused: RefusedError) -> str:
        return self.refusals.explain(refused).problem

    def may_pass(self, refused: RefusedError) -> bool:
        return may_pass(refused)


def _first(choices: Any) -> dict[str, Any]:
    first = choices[0] if isinstance(choices, list) and choices else {}
    return first if isinstance(first, dict) else {}

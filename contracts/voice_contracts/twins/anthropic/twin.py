"""The twin of Anthropic: `POST /v1/messages` (docs.anthropic.com/en/api/messages-streaming)."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from voice_contracts.twins.faults import FaultPlan
from voice_contracts.twins.http import Answer, Request, json_answer
from voice_contracts.twins.service import Pace, RefusedRequestError, ServiceTwin, events, json_body, paced

__all__ = ("AnthropicScript", "AnthropicTwin")

_TYPES: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}

_MODELS = "/v1/models/"


@attrs.frozen
class AnthropicScript:
    """What the twin answers, and when. The defaults answer at once."""

    key: str = attrs.field(default="sk-ant-twin", repr=False)
    models: frozenset[str] | None = None
    """Models that exist; None: any."""
    answers: tuple[str, ...] | Callable[[list[dict[str, Any]]], str] = ("Hello.",)
    """Answers in order, the last one for ever; or a function of the messages."""
    tokens: Pace = attrs.field(factory=Pace)
    token_characters: int = 4
    cut_bytes: int | None = None
    """Streams are cut into parts of so many bytes; None: each event comes whole."""


class AnthropicTwin(ServiceTwin):
    """A running twin. It has no tasks of its own: making it is enough, inside an event loop."""

    def __init__(self, script: AnthropicScript | None = None, plan: FaultPlan | None = None) -> None:
        super().__init__(self._route, _refuse, plan)
        self.script = script or AnthropicScript()
        self._given = 0

    async def _route(self, request: Request) -> Answer:
        if not self._knows(request):
            raise RefusedRequestError(401, "authentication_error")
        if request.method == "GET" and request.path.startswith(_MODELS):
            return self._model(request.path.removeprefix(_MODELS))
        if request.path != "/v1/messages" or request.method != "POST":
            raise RefusedRequestError(404, "not_found_error")
        if "anthropic-version" not in request.headers:
            raise RefusedRequestError(400, "invalid_request_error", "anthropic-version")
        body = json_body(request)
        _judge(body)
        if self.script.models is not None and body["model"] not in self.script.models:
            raise RefusedRequestError(404, "not_found_error", "model")
        text = self._next_answer(body["messages"])
        if not body.get("stream"):
            return json_answer(200, _message(body["model"], text, "end_turn"))
        lines = paced(_pieces(body["model"], text, self.script), self.script.tokens, self.script.cut_bytes)
        return Answer(200, {"content-type": "text/event-stream; charset=utf-8"}, lines)

    def _knows(self, request: Request) -> bool:
        # The documentation sends the key in a header of its own; the SDK, from 2.13, as a bearer.
        key = self.script.key
        given = (request.headers.get("x-api-key"), request.headers.get("authorization"))
        return given in ((key, None), (None, f"Bearer {key}"))

    def _model(self, name: str) -> Answer:
        if self.script.models is not None and name not in self.script.models:
            raise RefusedRequestError(404, "not_found_error", "model")
        return json_answer(200, {"id": name, "type": "model", "display_name": name})

    def _next_answer(self, messages: list[dict[str, Any]]) -> str:
        answers = self.script.answers
        if callable(answers):
            return answers(messages)
        answer = answers[min(self._given, len(answers) - 1)]
        self._given += 1
        return answer


def _judge(body: dict[str, Any]) -> None:
    messages, most = body.get("messages"), body.get("max_tokens")
    if not isinstance(body.get("model"), str):
        raise RefusedRequestError(400, "invalid_request_error", "model")
    if not isinstance(most, int) or most < 1:
        raise RefusedRequestError(400, "invalid_request_error", "max_tokens")
    if not isinstance(messages, list) or not messages:
        raise RefusedRequestError(400, "invalid_request_error", "messages")
    # The system's words are a member of their own here, never a message.
    if any(not isinstance(one, dict) or one.get("role") not in ("user", "assistant") for one in messages):
        raise RefusedRequestError(400, "invalid_request_error", "messages.role")


def _pieces(model: str, text: str, script: AnthropicScript) -> list[bytes]:
    """Return the stream: what comes before the first words with them, what comes after the last with those."""
    step = script.token_characters
    tokens = [text[start : start + step] for start in range(0, len(text), step)] or [""]
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    before: list[dict[str, Any]] = [
        {"type": "message_start", "message": _message(model, None, None)},
        block,
        {"type": "ping"},
    ]
    after: list[dict[str, Any]] = [
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": len(tokens)},
        },
        {"type": "message_stop"},
    ]
    deltas = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": token}}
        for token in tokens
    ]
    pieces = events(deltas, named=True)
    pieces[0] = b"".join(events(before, named=True)) + pieces[0]
    pieces[-1] += b"".join(events(after, named=True))
    return pieces


def _message(model: str, text: str | None, stop_reason: str | None) -> dict[str, Any]:
    return {
        "id": "msg_twin",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [] if text is None else [{"type": "text", "text": text}],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 0 if text is None else len(text)},
    }


def _refuse(error: RefusedRequestError, headers: Mapping[str, str]) -> Answer:
    kind = _TYPES.get(error.status, "api_error")
    about = f": {error.field}" if error.field else ""
    body = {"type": "error", "error": {"type": kind, "message": f"{error.code}{about}"}}
    return json_answer(error.status, body, headers)

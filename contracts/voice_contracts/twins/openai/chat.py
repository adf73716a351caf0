"""Text: `POST /v1/chat/completions`, streamed or whole."""

from typing import Any

from voice_contracts.twins.http import Answer, json_answer
from voice_contracts.twins.openai.script import OpenAiScript
from voice_contracts.twins.service import RefusedRequestError, events, paced
from voice_contracts.twins.words import words_of

__all__ = ("ChatMemory", "chat")

_CREATED = 1_770_000_000
_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})


class ChatMemory:
    """Gives the answers of a script in order."""

    def __init__(self, script: OpenAiScript) -> None:
        self._script = script
        self._given = 0

    def answer(self, messages: list[dict[str, Any]]) -> str:
        """Return the answer to a conversation."""
        answers = self._script.answers
        if callable(answers):
            return answers(messages)
        answer = answers[min(self._given, len(answers) - 1)]
        self._given += 1
        return answer


def chat(script: OpenAiScript, memory: ChatMemory, body: dict[str, Any]) -> Answer:
    """Answer a conversation.

    Raises:
        RefusedRequestError: if a field is not allowed.
    """
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise RefusedRequestError(400, "invalid_value", "messages")
    if any(not isinstance(message, dict) or message.get("role") not in _ROLES for message in messages):
        raise RefusedRequestError(400, "invalid_value", "messages")
    text = memory.answer(messages)
    tokens = words_of(text)
    count = {"prompt_tokens": len(messages), "completion_tokens": len(tokens)}
    usage = {**count, "total_tokens": sum(count.values())}
    if not body.get("stream"):
        return json_answer(200, _whole(str(body["model"]), text, usage))
    options = body.get("stream_options") or {}
    told = _chunks(str(body["model"]), tokens, usage if options.get("include_usage") else None)
    first, *more = events(told, named=False)
    # The chunk that only names the role comes with the first word.
    first, more = first + more[0], more[1:]
    pieces = [first, *more[:-1], more[-1] + b"data: [DONE]\n\n"] if more else [first + b"data: [DONE]\n\n"]
    lines = paced(pieces, script.tokens, script.cut_bytes)
    return Answer(200, {"content-type": "text/event-stream; charset=utf-8"}, lines)


def _chunks(model: str, tokens: list[str], usage: dict[str, int] | None) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": token} for token in tokens]
    chunks = [_chunk(model, [{"index": 0, "delta": delta, "finish_reason": None}]) for delta in deltas]
    chunks.append(_chunk(model, [{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    if usage is not None:
        chunks.append(_chunk(model, []) | {"usage": usage})
    return chunks


def _chunk(model: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": "chatcmpl-twin",
        "object": "chat.completion.chunk",
        "created": _CREATED,
        "model": model,
        "choices": choices,
    }


def _whole(model: str, text: str, usage: dict[str, int]) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return _chunk(model, [choice]) | {"object": "chat.completion", "usage": usage}

"""Speech out: `POST /v1/audio/speech`."""

from base64 import b64encode
from typing import Any

from voice_contracts.twins.http import Answer
from voice_contracts.twins.openai.script import OpenAiScript
from voice_contracts.twins.service import RefusedRequestError, events, paced

__all__ = ("speech",)

_LONGEST_INPUT = 4096
_SLOWEST, _FASTEST = 0.25, 4.0
_VOICES = frozenset(
    "alloy ash ballad coral echo fable onyx nova sage shimmer verse marin cedar".split()  # noqa: SIM905 - one word each reads better
)


def speech(script: OpenAiScript, body: dict[str, Any]) -> Answer:
    """Answer with PCM as it is made; as bytes, or as events when the request asks for `sse`.

    Raises:
        RefusedRequestError: if a field is not allowed.
    """
    _judge(body)
    audio = script.voice(body["input"])
    step = script.speech_piece_bytes
    pieces = [audio[start : start + step] for start in range(0, len(audio), step)]
    if body.get("stream_format", "audio") == "audio":
        return Answer(200, {"content-type": "audio/pcm"}, paced(pieces, script.speech, script.cut_bytes))
    told: list[dict[str, Any]] = [
        {"type": "speech.audio.delta", "audio": b64encode(piece).decode()} for piece in pieces
    ]
    usage = {"input_tokens": len(body["input"]), "output_tokens": len(pieces), "total_tokens": len(pieces)}
    told.append({"type": "speech.audio.done", "usage": usage})
    lines = paced(events(told, named=False), script.speech, script.cut_bytes)
    return Answer(200, {"content-type": "text/event-stream"}, lines)


def _judge(body: dict[str, Any]) -> None:
    text, voice, speed = body.get("input"), body.get("voice"), body.get("speed", 1.0)
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST_INPUT:
        raise RefusedRequestError(400, "invalid_value", "input")
    if not isinstance(voice, dict) and voice not in _VOICES:
        raise RefusedRequestError(400, "invalid_value", "voice")
    if not isinstance(speed, int | float) or not _SLOWEST <= speed <= _FASTEST:
        raise RefusedRequestError(400, "invalid_value", "speed")
    if body.get("response_format", "mp3") != "pcm":
        # The service has more formats; a telephone needs no other, and the twin makes no other.
        raise RefusedRequestError(400, "invalid_value", "response_format")
    if body.get("stream_format", "audio") not in ("audio", "sse"):
        raise RefusedRequestError(400, "invalid_value", "stream_format")
    old = str(body["model"]).startswith("tts-1")
    if old and body.get("stream_format") == "sse":
        raise RefusedRequestError(400, "invalid_value", "stream_format")
    if old and body.get("instructions"):
        raise RefusedRequestError(400, "invalid_value", "instructions")

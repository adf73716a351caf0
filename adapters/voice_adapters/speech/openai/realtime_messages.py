"""The messages of a realtime transcription session (developers.openai.com, realtime; the current event names)."""

import json
from base64 import b64encode
from typing import Any

import attrs

__all__ = ("COMMIT", "NO_TURN_DETECTION", "ListeningTerms", "append", "event_of", "session_update")

COMMIT = '{"type":"input_audio_buffer.commit"}'
NO_TURN_DETECTION = ("gpt-live-transcribe", "gpt-realtime-whisper")
"""Models, and the beginnings of their snapshots' names, that leave it to us to end turns."""
_PREFIX_PADDING_MS = 300


@attrs.frozen(kw_only=True)
class ListeningTerms:
    """How one call is to be transcribed."""

    model: str
    language: str | None = None
    """ISO 639-1; None lets the model find out."""
    prompt: str | None = None
    """Words that are likely to come up."""
    noise_reduction: str | None = None
    """`near_field` or `far_field`; None for none: telephone audio has been through one already."""
    detects_turns: bool = True
    """Whether the service ends turns; else we do."""
    silence_duration_ms: int = 800
    vad_threshold: float = 0.5


def session_update(terms: ListeningTerms) -> str:
    """The message that configures a session for telephone audio as it is."""
    transcription: dict[str, Any] = {"model": terms.model}
    if terms.language is not None:
        transcription["language"] = terms.language
    if terms.prompt is not None:
        transcription["prompt"] = terms.prompt
    listening: dict[str, Any] = {"format": {"type": "audio/pcmu"}, "transcription": transcription}
    if terms.noise_reduction is not None:
        listening["noise_reduction"] = {"type": terms.noise_reduction}
    listening["turn_detection"] = _turn_detection(terms)
    session = {"type": "transcription", "audio": {"input": listening}}
    return json.dumps({"type": "session.update", "session": session}, ensure_ascii=False)


def _turn_detection(terms: ListeningTerms) -> dict[str, Any] | None:
    if not terms.detects_turns:
        return None
    return {
        "type": "server_vad",
        "threshold": terms.vad_threshold,
        "prefix_padding_ms": _PREFIX_PADDING_MS,
        "silence_duration_ms": terms.silence_duration_ms,
    }


def append(payload: bytes) -> str:
    """The message that adds µ-law audio; it is never acknowledged."""
    return f'{{"type":"input_audio_buffer.append","audio":"{b64encode(payload).decode()}"}}'


def event_of(message: str | bytes) -> dict[str, Any]:
    """The event in *message*; empty if it is none."""
    try:
        event = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}

"""The settings of a realtime transcription session, as the client sends them and the service judges them."""

from typing import Any

import attrs

from voice_contracts.twins.openai.turns import AudioFormat
from voice_contracts.twins.service import RefusedRequestError

__all__ = ("RealtimeSession", "updated")

_FORMATS = ("audio/pcm", "audio/pcmu", "audio/pcma")
_DETECTIONS = ("server_vad", "semantic_vad")
_WITHOUT_DETECTION = ("gpt-live-transcribe", "gpt-realtime-whisper")
_SEMANTIC_SILENCE_MS = 500


@attrs.frozen
class RealtimeSession:
    """One session's settings; before the first update it transcribes nothing."""

    id: str
    format: AudioFormat = attrs.field(factory=AudioFormat)
    transcription: dict[str, Any] | None = None
    noise_reduction: dict[str, Any] | None = None
    turn_detection: dict[str, Any] | None = None

    @property
    def silence_ms(self) -> int | None:
        """How much silence ends a turn; None: the client ends turns."""
        if self.turn_detection is None:
            return None
        return int(self.turn_detection.get("silence_duration_ms", _SEMANTIC_SILENCE_MS))

    @property
    def padding_ms(self) -> int:
        """How much audio before the voice counts as part of the turn."""
        return int((self.turn_detection or {}).get("prefix_padding_ms", 0))

    def wire(self) -> dict[str, Any]:
        """Return the session as the service shows it."""
        shown: dict[str, Any] = {"type": self.format.type}
        if self.format.type == "audio/pcm":
            shown["rate"] = self.format.rate_hz
        return {
            "type": "transcription",
            "object": "realtime.transcription_session",
            "id": self.id,
            "audio": {
                "input": {
                    "format": shown,
                    "transcription": self.transcription,
                    "noise_reduction": self.noise_reduction,
                    "turn_detection": self.turn_detection,
                }
            },
            "include": None,
        }


def updated(session: RealtimeSession, change: dict[str, Any]) -> RealtimeSession:
    """Return the session after a `session.update`; what the change does not name stays.

    Raises:
        RefusedRequestError: if something in it is not allowed; names the field.
    """
    if change.get("type") != "transcription":
        raise RefusedRequestError(400, "invalid_value", "session.type")
    asked = change.get("audio", {}).get("input", {})
    if "format" in asked:
        session = attrs.evolve(session, format=_format(asked["format"]))
    if "transcription" in asked:
        if not (asked["transcription"] or {}).get("model"):
            raise RefusedRequestError(400, "missing_required_parameter", "session.audio.input.transcription")
        session = attrs.evolve(session, transcription={"prompt": "", **asked["transcription"]})
    if "noise_reduction" in asked:
        session = attrs.evolve(session, noise_reduction=asked["noise_reduction"])
    if "turn_detection" in asked:
        session = attrs.evolve(session, turn_detection=_detection(asked["turn_detection"]))
    model = str((session.transcription or {}).get("model"))
    if session.turn_detection is not None and model.startswith(_WITHOUT_DETECTION):
        raise RefusedRequestError(400, "invalid_value", "session.audio.input.turn_detection")
    return session


def _format(asked: Any) -> AudioFormat:
    if not isinstance(asked, dict) or asked.get("type") not in _FORMATS:
        raise RefusedRequestError(400, "invalid_value", "session.audio.input.format")
    form = AudioFormat(asked["type"])
    if asked.get("rate", form.rate_hz) != form.rate_hz:
        raise RefusedRequestError(400, "invalid_value", "session.audio.input.format.rate")
    return form


def _detection(asked: Any) -> dict[str, Any] | None:
    if asked is None:
        return None
    if not isinstance(asked, dict) or asked.get("type") not in _DETECTIONS:
        raise RefusedRequestError(400, "invalid_value", "session.audio.input.turn_detection")
    if asked["type"] == "semantic_vad":
        return {"eagerness": "auto", **asked}
    return {"threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 500, **asked}

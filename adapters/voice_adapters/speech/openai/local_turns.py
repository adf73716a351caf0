"""Finds the turns in a call's audio, for models that leave that to us."""

from collections import deque

from voice_adapters.audio.voice_gate import VoiceGate, VoiceTurn

__all__ = ("LocalTurns",)

_LEAD_FRAMES = 15  # 300 ms before a voice is noticed: the first consonant is quiet


class LocalTurns:
    """Lets through what is said, and the moment before it; silence is not sent."""

    def __init__(self, silence_ms: int) -> None:
        self._gate = VoiceGate(silence_ms)
        self._lead: deque[bytes] = deque(maxlen=_LEAD_FRAMES)

    @property
    def speaking(self) -> bool:
        """Whether a turn is being said."""
        return self._gate.voiced

    def push(self, frame: bytes) -> tuple[tuple[bytes, ...], bool]:
        """Return the frames to send now, and whether they are the last ones of a turn."""
        change = self._gate.push(frame)
        if change is not None and change.turn is VoiceTurn.VOICE_ENDED:
            return (frame,), True
        if not self._gate.voiced:
            self._lead.append(frame)
            return (), False
        frames = (*self._lead, frame)
        self._lead.clear()
        return frames, False

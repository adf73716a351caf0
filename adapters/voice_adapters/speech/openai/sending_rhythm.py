"""When audio must be sent to a transcriber at once, and when it may wait a little to travel in company."""

import attrs

from voice_adapters.audio.format import FRAME_MS
from voice_adapters.audio.g711 import loudness

__all__ = ("SendingRhythm",)

_TOGETHER = 3
"""Frames that travel together while nobody waits for them: 60 ms."""
_LATE_MS = 400  # a service may need longer than it promises to be sure of a silence

# In units of loudness(), as in the voice gate: 16 are 6 dB.
_LEAST = 22.0
_MARGIN = 10.0
_FADING, _RISING, _LASTING = (
    0.25,
    0.0625,
    1 / 256,
)  # of the way to a new level in a frame; the last while it is loud


@attrs.define(eq=False)
class SendingRhythm:
    """Takes the frames of a call in order and says after each whether all that wait go now.

    The service's decision that a turn is over needs the silence behind it, so every frame of that goes at once, and
    the first takes with it what was said before. In the middle of speech, and in a long silence, no decision hangs
    on 40 ms.
    """

    silence_ms: int
    """Silence after which the service takes a turn for over."""
    _waiting: int = attrs.field(default=0, init=False)
    _noise: float = attrs.field(default=0.0, init=False)
    _quiet: int = attrs.field(
        default=0, init=False
    )  # frames since the last loud one, or since we began to listen
    _patience: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._patience = (self.silence_ms + _LATE_MS) // FRAME_MS

    def push(self, frame: bytes) -> bool:
        """Take the next frame; whether it and those before it go now."""
        level = loudness(frame)
        if level > max(_LEAST, self._noise + _MARGIN):
            self._noise += (level - self._noise) * _LASTING
            self._quiet = 0
        else:
            self._noise += (level - self._noise) * (_FADING if level < self._noise else _RISING)
            self._quiet += 1
        self._waiting += 1
        if self._waiting < _TOGETHER and not 0 < self._quiet <= self._patience:
            return False
        self._waiting = 0
        return True

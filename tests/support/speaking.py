"""Voices that machines can tell apart: a pitch for each text, in syllables, and what of it an ear has heard."""

from collections.abc import Iterable, Sequence

import attrs
import numpy as np

from voice_contracts.twins.ear import Heard
from voice_contracts.twins.sound import (
    FRAME_BYTES,
    from_mulaw,
    hum_pitch_hz,
    hum_seconds,
    is_voiced,
    to_mulaw,
)

__all__ = ("FrameCounter", "cough", "frames_of", "rumble")

_SYLLABLES_HZ = 4.0
_POINTS = 1 << 13
_WORST_HZ = 40.0
"""How far off the pitch of 20 ms may be measured."""


def cough() -> bytes:
    """Return a fifth of a second of noise: loud, and no word."""
    noise = np.random.default_rng(7).normal(0, 6_000, 1_600)
    return to_mulaw((noise * np.hanning(1_600)).astype(np.int16))


def rumble(seconds: float) -> bytes:
    """Return noise that rises and falls as a voice does, and holds no word: a tram, a television next door."""
    size = round(seconds * 8_000)
    noise = np.random.default_rng(11).normal(0, 6_000, size)
    swell = 0.55 + 0.45 * np.sin(2 * np.pi * _SYLLABLES_HZ * np.arange(size) / 8_000)
    return to_mulaw((noise * swell).astype(np.int16))


def frames_of(text: str) -> int:
    """Return how many frames of 20 ms a hummed text lasts."""
    return round(hum_seconds(text) * 50)


def _pitch_hz(frame: bytes) -> float:
    samples = from_mulaw(frame).astype(np.float64) * np.hanning(len(frame))
    return float(np.argmax(np.abs(np.fft.rfft(samples, _POINTS)))) * 8000 / _POINTS


@attrs.define
class FrameCounter:
    """Goes through what an ear has heard, in order, and counts the frames of one text after the other."""

    _pitches: list[float]
    _place: int = 0

    @classmethod
    def of(cls, sounds: Iterable[Heard]) -> "FrameCounter":
        """Take the streamed sounds of an ear."""
        audio = [sound.audio for sound in sounds if sound.kind == "stream"]
        frames = [one[at : at + FRAME_BYTES] for one in audio for at in range(0, len(one), FRAME_BYTES)]
        return cls([_pitch_hz(frame) for frame in frames if len(frame) == FRAME_BYTES and is_voiced(frame)])

    def take(self, text: str, others: Sequence[str]) -> int:
        """Return how many of the next frames are *text*; one that fits one of *others* better is not."""
        start = self._place
        while self._place < len(self._pitches) and self._is(text, others):
            self._place += 1
        return self._place - start

    def peek(self, text: str, others: Sequence[str]) -> bool:
        """Whether the next frame is *text*."""
        return self._place < len(self._pitches) and self._is(text, others)

    @property
    def left(self) -> int:
        """How many frames nobody has taken."""
        return len(self._pitches) - self._place

    def _is(self, text: str, others: Sequence[str]) -> bool:
        heard = self._pitches[self._place]
        mine = abs(hum_pitch_hz(text) - heard)
        return mine <= _WORST_HZ and all(mine <= abs(hum_pitch_hz(other) - heard) for other in others)

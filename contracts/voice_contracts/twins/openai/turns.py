"""Finds the turns in audio, by the audio's own clock, as server turn detection does."""

from typing import TypeAlias

import attrs
import numpy as np

from voice_contracts.twins.sound import Samples, from_mulaw

__all__ = ("AudioFormat", "Began", "Ended", "TurnFinder")

_FRAME_MS = 20
_VOICED_ABOVE = 500


@attrs.frozen
class AudioFormat:
    """How audio is sent: `audio/pcm` at 24 kHz, or G.711 at 8 kHz."""

    type: str = "audio/pcm"

    @property
    def rate_hz(self) -> int:
        """Samples in a second."""
        return 24_000 if self.type == "audio/pcm" else 8_000

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample."""
        return 2 if self.type == "audio/pcm" else 1

    def samples(self, audio: bytes) -> Samples:
        """Return whole samples."""
        if self.type == "audio/pcm":
            return np.frombuffer(audio, dtype="<i2").astype(np.int16)
        if self.type == "audio/pcmu":
            return from_mulaw(audio)
        return _from_alaw(audio)


@attrs.frozen
class Began:
    """Speech began, in milliseconds of audio."""

    at_ms: int


@attrs.frozen
class Ended:
    """Speech ended; the samples are the whole turn, the silence that ended it included."""

    at_ms: int
    samples: Samples


Found: TypeAlias = Began | Ended


class TurnFinder:
    """Fed with audio in any pieces; a turn ends after *silence_ms* without voice."""

    def __init__(self, form: AudioFormat, silence_ms: int) -> None:
        self._form = form
        self._silence_ms = silence_ms
        self._rest = b""
        self._turn: list[Samples] | None = None
        self._quiet_ms = 0
        self._clock_ms = 0

    def feed(self, audio: bytes) -> list[Found]:
        """Take more audio, and return what it completes."""
        self._rest += audio
        size = self._form.rate_hz * _FRAME_MS // 1000 * self._form.sample_bytes
        found: list[Found] = []
        while len(self._rest) >= size:
            frame, self._rest = self._form.samples(self._rest[:size]), self._rest[size:]
            found += self._frame(frame)
        return found

    def _frame(self, frame: Samples) -> list[Found]:
        voiced = int(np.count_nonzero(np.abs(frame.astype(np.int32)) > _VOICED_ABOVE)) * 8 >= len(frame)
        began_ms, self._clock_ms = self._clock_ms, self._clock_ms + _FRAME_MS
        if self._turn is None:
            if not voiced:
                return []
            self._turn, self._quiet_ms = [frame], 0
            return [Began(began_ms)]
        self._turn.append(frame)
        self._quiet_ms = 0 if voiced else self._quiet_ms + _FRAME_MS
        if self._quiet_ms < self._silence_ms:
            return []
        samples, self._turn = np.concatenate(self._turn), None
        return [Ended(self._clock_ms, samples)]


def _from_alaw(audio: bytes) -> Samples:
    # ITU-T G.711, A-law: even bits are inverted on the line.
    code = np.frombuffer(audio, dtype=np.uint8) ^ 0x55
    exponent = (code >> 4).astype(np.int32) & 7
    mantissa = ((code & 15).astype(np.int32) << 4) + 8
    magnitude = np.where(exponent == 0, mantissa, (mantissa + 0x100) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)

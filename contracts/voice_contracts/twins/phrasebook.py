"""Understands hummed texts: so a transcription twin really listens, and says what it heard and nothing else."""

from collections.abc import Iterable

import numpy as np

from voice_contracts.twins.sound import Samples, hum_pitch_hz, hum_seconds

__all__ = ("Phrasebook",)

_WORST_HZ = 12.0
_SPECTRUM_POINTS = 1 << 16


class Phrasebook:
    """Knows the hums of some texts (see `hum`)."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = tuple(texts)

    def recognise(self, samples: Samples, rate_hz: int) -> str:
        """Return the text whose pitch and length fit best; empty text if no pitch comes near.

        Silence around the hum does no harm, nor do µ-law and resampling. Of a text that was cut short, the pitch
        still tells which one it was.
        """
        if not samples.any():
            return ""
        spectrum = np.abs(np.fft.rfft(samples.astype(np.float64), _SPECTRUM_POINTS))
        pitch_hz = float(np.argmax(spectrum)) * rate_hz / _SPECTRUM_POINTS
        near = [text for text in self._texts if abs(hum_pitch_hz(text) - pitch_hz) <= _WORST_HZ]
        seconds = np.count_nonzero(np.abs(samples.astype(np.int32)) > 0) / rate_hz
        return min(
            near,
            key=lambda text: (abs(hum_pitch_hz(text) - pitch_hz), abs(hum_seconds(text) - seconds)),
            default="",
        )

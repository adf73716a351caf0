"""The voice of callees on media streams: a hum in syllables, because what stays at one level is no voice."""

from typing import Final

import numpy as np

from voice_contracts.twins.sound import hum_samples, to_mulaw

__all__ = ("babble",)

_RATE_HZ: Final = 8_000
_SYLLABLES_HZ: Final = 4.0


def babble(text: str) -> bytes:
    """Return the hum of *text* with syllables, µ-law at 8 kHz."""
    hum = hum_samples(text, _RATE_HZ).astype(np.float64)
    loudness = 0.55 + 0.45 * np.sin(2 * np.pi * _SYLLABLES_HZ * np.arange(len(hum)) / _RATE_HZ)
    return to_mulaw((hum * loudness).astype(np.int16))

"""Between a stream's own encoding and the µ-law at 8 kHz that calls hear and speak."""

from collections.abc import Callable
from typing import Final

from voice_adapters.audio.g711 import alaw_to_ulaw, ulaw_to_alaw
from voice_adapters.audio.resampler import Resampler
from voice_adapters.audio.samples import (
    pcm16_to_samples,
    samples_to_pcm16,
    samples_to_ulaw,
    ulaw_to_samples,
)
from voice_domain.ports.media_dialect import MediaEncoding, MediaFormat

__all__ = ("Conversion", "from_the_stream", "to_the_stream")

Conversion = Callable[[bytes], bytes]
"""Takes audio piece by piece, and gives what it completes."""

_CALL_HZ: Final = 8_000
_SAMPLE_BYTES: Final = 2


def from_the_stream(form: MediaFormat) -> Conversion | None:
    """Return what makes µ-law of a stream's audio; None for a stream that carries µ-law."""
    match form.encoding:
        case MediaEncoding.MULAW:
            return None
        case MediaEncoding.ALAW:
            return alaw_to_ulaw
        case MediaEncoding.L16:
            return _FromLinear(form.rate_hz)


def to_the_stream(form: MediaFormat) -> Conversion | None:
    """Return what makes a stream's audio of µ-law; None for a stream that carries µ-law."""
    match form.encoding:
        case MediaEncoding.MULAW:
            return None
        case MediaEncoding.ALAW:
            return ulaw_to_alaw
        case MediaEncoding.L16:
            return _ToLinear(form.rate_hz)


class _FromLinear:
    """Linear PCM to µ-law; half a sample waits for its other half."""

    def __init__(self, rate_hz: int) -> None:
        self._resampler = None if rate_hz == _CALL_HZ else Resampler(rate_hz, _CALL_HZ)
        self._rest = b""

    def __call__(self, payload: bytes) -> bytes:
        whole = self._rest + payload
        odd = len(whole) % _SAMPLE_BYTES
        whole, self._rest = whole[: len(whole) - odd], whole[len(whole) - odd :]
        samples = pcm16_to_samples(whole)
        return samples_to_ulaw(samples if self._resampler is None else self._resampler.push(samples))


class _ToLinear:
    """µ-law to linear PCM."""

    def __init__(self, rate_hz: int) -> None:
        self._resampler = None if rate_hz == _CALL_HZ else Resampler(_CALL_HZ, rate_hz)

    def __call__(self, payload: bytes) -> bytes:
        samples = ulaw_to_samples(payload)
        return samples_to_pcm16(samples if self._resampler is None else self._resampler.push(samples))

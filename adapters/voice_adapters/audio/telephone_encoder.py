"""Turns the linear PCM of a speech service into the µ-law of a telephone, while it arrives."""

import attrs

from voice_adapters.audio.resampler import Resampler
from voice_adapters.audio.samples import Samples, pcm16_to_samples, samples_to_ulaw

__all__ = ("TelephoneEncoder",)

_TELEPHONE_HZ = 8000


@attrs.define
class TelephoneEncoder:
    """16-bit little-endian mono PCM at ``rate_hz`` in, µ-law at 8 kHz out, nothing held back.

    A piece may end in the middle of a sample: the odd byte waits for the next piece.

    Raises:
        ValueError: if ``rate_hz`` is no usual audio rate.
    """

    rate_hz: int
    _resampler: Resampler | None = attrs.field(init=False, repr=False)
    _odd: bytes = attrs.field(default=b"", init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._resampler = None if self.rate_hz == _TELEPHONE_HZ else Resampler(self.rate_hz, _TELEPHONE_HZ)

    def push(self, pcm: bytes) -> bytes:
        """The µ-law that *pcm* completes; empty if it holds no whole sample."""
        pcm = self._odd + pcm
        even = len(pcm) & ~1
        self._odd = pcm[even:]
        return self._encoded(pcm16_to_samples(pcm[:even]))

    def flush(self) -> bytes:
        """The end of the sound (1.5 ms; an odd byte is dropped). The encoder starts afresh afterwards."""
        self._odd = b""
        return b"" if self._resampler is None else samples_to_ulaw(self._resampler.flush())

    def _encoded(self, samples: Samples) -> bytes:
        return samples_to_ulaw(samples if self._resampler is None else self._resampler.push(samples))

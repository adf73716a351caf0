"""The format of a stretch of audio: it travels with the bytes, so that nobody has to guess."""

import enum

import attrs

from voice_adapters.audio.g711 import ALAW_SILENCE, ULAW_SILENCE

__all__ = ("FRAME_MS", "MULAW_8K", "AudioFormat", "Encoding")

FRAME_MS = 20
"""Milliseconds in a frame."""


class Encoding(enum.Enum):
    """How one sample is written. All are mono here."""

    MULAW = "mulaw"
    """G.711 µ-law, one byte."""
    ALAW = "alaw"
    """G.711 A-law, one byte."""
    L16 = "l16"
    """Signed 16-bit linear PCM, little-endian, two bytes."""


_SILENT_SAMPLE = {Encoding.MULAW: ULAW_SILENCE, Encoding.ALAW: ALAW_SILENCE, Encoding.L16: b"\x00\x00"}


def _whole_frames(_: object, __: "attrs.Attribute[int]", rate_hz: int) -> None:
    if rate_hz <= 0 or rate_hz * FRAME_MS % 1000:
        raise ValueError(
            f"rate_hz is {rate_hz}: use a rate with whole samples in {FRAME_MS} ms, such as 8000"
        )


@attrs.frozen
class AudioFormat:
    """An encoding at a rate; mono.

    Raises:
        ValueError: if a frame of 20 ms would not be a whole number of samples.
    """

    encoding: Encoding
    rate_hz: int = attrs.field(validator=_whole_frames)

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample."""
        return len(_SILENT_SAMPLE[self.encoding])

    @property
    def frame_samples(self) -> int:
        """Samples of one frame of 20 ms."""
        return self.rate_hz * FRAME_MS // 1000

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame of 20 ms."""
        return self.frame_samples * self.sample_bytes

    def silence(self, duration_ms: int = FRAME_MS) -> bytes:
        """Silent audio of *duration_ms*, a frame unless told; whole samples, rounded down."""
        return _SILENT_SAMPLE[self.encoding] * (self.rate_hz * duration_ms // 1000)

    def duration_ms(self, payload_bytes: int) -> float:
        """Milliseconds that *payload_bytes* bytes last."""
        return payload_bytes * 1000 / (self.sample_bytes * self.rate_hz)

    def bytes_of(self, duration_ms: int) -> int:
        """Bytes of the whole samples in *duration_ms*."""
        return self.rate_hz * duration_ms // 1000 * self.sample_bytes


MULAW_8K = AudioFormat(Encoding.MULAW, 8000)
"""What every carrier speaks, and what synthesizers hand out."""

"""RIFF WAV headers ("Multimedia Programming Interface and Data Specifications 1.0"), little-endian."""

import struct

__all__ = ("STEREO_HEADER_BYTES", "mulaw_wav", "stereo_header")

_PCM, _MULAW = 1, 7
_RATE_HZ = 8000

STEREO_HEADER_BYTES = 44
"""Length of what ``stereo_header`` returns; the first sample follows."""

_STEREO = struct.Struct("<4sI4s4sIHHIIHH4sI")
_MONO = struct.Struct("<4sI4s4sIHHIIHHH4sII4sI")


def stereo_header(data_bytes: int) -> bytes:
    """The header of 16-bit stereo at 8 kHz with *data_bytes* bytes of samples after it."""
    return _STEREO.pack(
        *(b"RIFF", _STEREO.size - 8 + data_bytes, b"WAVE"),
        *(b"fmt ", 16, _PCM, 2, _RATE_HZ, _RATE_HZ * 4, 4, 16),
        *(b"data", data_bytes),
    )


def mulaw_wav(payload: bytes) -> bytes:
    """A whole WAV file of mono µ-law at 8 kHz: 58 bytes of header, the payload, a byte to make it even."""
    padding = b"\0" * (len(payload) % 2)
    header = _MONO.pack(
        *(b"RIFF", _MONO.size - 8 + len(payload) + len(padding), b"WAVE"),
        *(b"fmt ", 18, _MULAW, 1, _RATE_HZ, _RATE_HZ, 1, 8, 0),
        *(b"fact", 4, len(payload)),
        *(b"data", len(payload)),
    )
    return header + payload + padding

"""G.711 companding (ITU-T G.711), by tables that need no numpy and no module of the standard library.

A payload is µ-law or A-law bytes, one a sample; linear PCM is signed 16-bit little-endian, two bytes a
sample. Encoding follows the 14-bit (µ-law) and 13-bit (A-law) convention: the low bits are dropped first, so
a payload equals what telephone switches and the usual C libraries make of the same samples.
"""

from functools import cache

__all__ = (
    "ALAW_LEVELS",
    "ALAW_SILENCE",
    "LOUDEST",
    "ULAW_LEVELS",
    "ULAW_SILENCE",
    "alaw_encoding",
    "alaw_to_pcm16",
    "alaw_to_ulaw",
    "loudness",
    "pcm16_to_alaw",
    "pcm16_to_ulaw",
    "ulaw_encoding",
    "ulaw_to_alaw",
    "ulaw_to_pcm16",
)

ULAW_SILENCE = b"\xff"
"""One µ-law sample of level zero."""

ALAW_SILENCE = b"\xd5"
"""One A-law sample nearest to zero (A-law has no zero; this is +8 of 32,768)."""

LOUDEST = 127
"""The loudness of a frame that only touches full scale."""

_ULAW_BIAS = 33  # G.711: added to the 14-bit magnitude so that every segment starts at a power of two


def _ulaw_level(code: int) -> int:
    inverted = ~code & 0xFF
    magnitude = (((inverted & 0x0F) << 1 | 0x21) << (inverted >> 4 & 0x07)) - _ULAW_BIAS
    return -magnitude * 4 if inverted & 0x80 else magnitude * 4


def _alaw_level(code: int) -> int:
    toggled = code ^ 0x55
    segment, step = toggled >> 4 & 0x07, toggled & 0x0F
    magnitude = (step << 1 | 1) if segment == 0 else (step << 1 | 0x21) << (segment - 1)
    return magnitude * 8 if toggled & 0x80 else -magnitude * 8


ULAW_LEVELS = tuple(_ulaw_level(code) for code in range(256))
"""The signed 16-bit sample of each of the 256 µ-law codes, by code."""

ALAW_LEVELS = tuple(_alaw_level(code) for code in range(256))
"""The signed 16-bit sample of each of the 256 A-law codes, by code."""


@cache
def ulaw_encoding() -> bytes:
    """The µ-law code of each 16-bit sample: 65,536 bytes, indexed by the sample modulo 65,536."""
    # Codes come in runs: 16 steps of one width in each of 8 segments, each segment twice as coarse.
    runs = [(0x7F - (segment << 4 | step), 2 << segment) for segment in range(8) for step in range(16)]
    magnitudes = b"".join(bytes((code,)) * width for code, width in runs)[1:]  # the bias eats half of run 0
    magnitudes += magnitudes[-1:] * (8193 - len(magnitudes))  # clipped from 8,159 up
    positive = b"".join(bytes((code | 0x80,)) * 4 for code in magnitudes[:8192])
    # A negative sample is shifted first (towards minus infinity), then negated: -1..-4 have magnitude 1.
    negative = b"".join(bytes((code,)) * 4 for code in magnitudes[8192:0:-1])
    return positive + negative


@cache
def alaw_encoding() -> bytes:
    """The A-law code of each 16-bit sample: 65,536 bytes, indexed by the sample modulo 65,536."""
    runs = [(segment << 4 | step, 2 << max(segment - 1, 0)) for segment in range(8) for step in range(16)]
    magnitudes = b"".join(bytes((code,)) * width for code, width in runs)
    positive = b"".join(bytes((code ^ 0xD5,)) * 8 for code in magnitudes)
    negative = b"".join(bytes((code ^ 0x55,)) * 8 for code in reversed(magnitudes))
    return positive + negative


def _bytes_of(levels: tuple[int, ...], shift: int) -> bytes:
    return bytes(level >> shift & 0xFF for level in levels)


_ULAW_LOW, _ULAW_HIGH = _bytes_of(ULAW_LEVELS, 0), _bytes_of(ULAW_LEVELS, 8)
_ALAW_LOW, _ALAW_HIGH = _bytes_of(ALAW_LEVELS, 0), _bytes_of(ALAW_LEVELS, 8)


def _expand(payload: bytes, low: bytes, high: bytes) -> bytes:
    pcm = bytearray(2 * len(payload))
    pcm[0::2] = payload.translate(low)
    pcm[1::2] = payload.translate(high)
    return bytes(pcm)


def ulaw_to_pcm16(payload: bytes) -> bytes:
    """Linear PCM of a µ-law payload; twice as long."""
    return _expand(payload, _ULAW_LOW, _ULAW_HIGH)


def alaw_to_pcm16(payload: bytes) -> bytes:
    """Linear PCM of an A-law payload; twice as long."""
    return _expand(payload, _ALAW_LOW, _ALAW_HIGH)


def _compress(pcm: bytes, table: bytes) -> bytes:
    if len(pcm) % 2:
        raise ValueError("16-bit PCM has an odd number of bytes: keep the last byte for the next piece")
    return bytes(table[low | high << 8] for low, high in zip(pcm[0::2], pcm[1::2], strict=True))


def pcm16_to_ulaw(pcm: bytes) -> bytes:
    """The µ-law payload of linear PCM, half as long.

    Raises:
        ValueError: if *pcm* ends in the middle of a sample.
    """
    return _compress(pcm, ulaw_encoding())


def pcm16_to_alaw(pcm: bytes) -> bytes:
    """The A-law payload of linear PCM, half as long.

    Raises:
        ValueError: if *pcm* ends in the middle of a sample.
    """
    return _compress(pcm, alaw_encoding())


@cache
def _transcoding() -> tuple[bytes, bytes]:
    to_alaw, to_ulaw = alaw_encoding(), ulaw_encoding()
    return bytes(to_alaw[level & 0xFFFF] for level in ULAW_LEVELS), bytes(
        to_ulaw[level & 0xFFFF] for level in ALAW_LEVELS
    )


def ulaw_to_alaw(payload: bytes) -> bytes:
    """The same sound in A-law, by way of linear PCM."""
    return payload.translate(_transcoding()[0])


def alaw_to_ulaw(payload: bytes) -> bytes:
    """The same sound in µ-law, by way of linear PCM."""
    return payload.translate(_transcoding()[1])


# The magnitude bits of a µ-law code are themselves a logarithm: 16 codes are about 6 dB.
_ULAW_LOUDNESS = bytes(~code & 0x7F for code in range(256))


def loudness(payload: bytes) -> float:
    """How loud a µ-law payload is: 0 (silence, or no samples) to ``LOUDEST``.

    The mean logarithmic level of its samples: 16 units are about 6 dB, and a single click hardly moves it.
    A steady tone of -44 dBFS is near 18, one of -20 dBFS near 68.
    """
    return sum(payload.translate(_ULAW_LOUDNESS)) / (len(payload) or 1)

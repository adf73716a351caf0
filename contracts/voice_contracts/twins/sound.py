"""Telephone audio for twins: ITU-T G.711 µ-law at 8 kHz, in frames of 20 ms.

Written apart from the adapters' audio on purpose: a twin must not share their mistakes.
"""

import io
import wave
import zlib
from collections.abc import Callable
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from voice_domain.errors import VoiceError

__all__ = (
    "BYTES_PER_MS",
    "FRAME_BYTES",
    "FRAME_SECONDS",
    "SILENCE",
    "Samples",
    "Speak",
    "UnusableSoundError",
    "babble",
    "from_mulaw",
    "hum",
    "hum_pitch_hz",
    "hum_samples",
    "hum_seconds",
    "is_voiced",
    "silence",
    "to_mulaw",
    "wav_as_mulaw",
)

FRAME_BYTES = 160
FRAME_SECONDS = 0.02
BYTES_PER_MS = 8
SILENCE = b"\xff" * FRAME_BYTES

Speak = Callable[[str], bytes]
"""Turns a text into µ-law audio at 8 kHz, without a header."""

Samples = npt.NDArray[np.int16]

_BIAS = 0x84
_CLIP = 32635
_VOICED_ABOVE = 500
"""About -36 dB below full scale: louder than the noise of a line."""
_HUM_LOUDNESS = 8000
_SYLLABLES_HZ = 4.0
_SECONDS_PER_WIDE = 1 / 4.5
_SECONDS_PER_NARROW = 1 / 14


class UnusableSoundError(VoiceError):
    """A WAV that a telephone cannot play; the message says what is needed."""

    kind: ClassVar[str] = "unusable_sound"


def _decoded_bytes() -> Samples:
    code = ~np.arange(256, dtype=np.uint8)
    exponent = (code >> 4).astype(np.int32) & 7
    magnitude = ((((code & 15).astype(np.int32) << 3) + _BIAS) << exponent) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


_DECODED = _decoded_bytes()
_QUIET = bytes(np.flatnonzero(np.abs(_DECODED.astype(np.int32)) <= _VOICED_ABOVE).astype(np.uint8))


def from_mulaw(payload: bytes) -> Samples:
    """Return the linear samples of µ-law audio."""
    return _DECODED[np.frombuffer(payload, dtype=np.uint8)]


def to_mulaw(samples: Samples) -> bytes:
    """Return linear samples as µ-law audio."""
    wide = samples.astype(np.int32)
    magnitude = np.minimum(np.abs(wide), _CLIP) + _BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 15
    sign = np.where(wide < 0, 0x80, 0)
    code: npt.NDArray[np.uint8] = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return code.tobytes()


def is_voiced(payload: bytes) -> bool:
    """Whether at least an eighth of the samples is louder than the noise of a line."""
    return len(payload.translate(None, _QUIET)) * 8 >= max(len(payload), 1)


def silence(milliseconds: int) -> bytes:
    """Return so much µ-law silence."""
    return b"\xff" * (milliseconds * BYTES_PER_MS)


def hum(text: str) -> bytes:
    """Return a tone as long as *text* takes to say, in whole frames; each text has a pitch of its own.

    The stand-in for a voice where none is given: 14 Latin or 4.5 Chinese characters in a second.
    """
    return to_mulaw(hum_samples(text, 8000))


def hum_samples(text: str, rate_hz: int) -> Samples:
    """Return the same tone as linear samples, at any rate."""
    moments = np.arange(round(hum_seconds(text) * rate_hz)) / rate_hz
    return (_HUM_LOUDNESS * np.sin(2 * np.pi * hum_pitch_hz(text) * moments)).astype(np.int16)


def babble(text: str) -> bytes:
    """Return the hum of *text* in syllables, µ-law: what stays at one level is taken for a noise of the line."""
    samples = hum_samples(text, 8000).astype(np.float64)
    loudness = 0.55 + 0.45 * np.sin(2 * np.pi * _SYLLABLES_HZ * np.arange(len(samples)) / 8000)
    return to_mulaw((samples * loudness).astype(np.int16))


def hum_seconds(text: str) -> float:
    """Return how long a text is hummed: whole frames, one at least."""
    wide = sum("\u2e80" <= character <= "\uffef" for character in text)
    seconds = wide * _SECONDS_PER_WIDE + (len(text) - wide) * _SECONDS_PER_NARROW
    return max(1, round(seconds / FRAME_SECONDS)) * FRAME_SECONDS


def hum_pitch_hz(text: str) -> int:
    """Return the pitch that a text is hummed in."""
    return 300 + zlib.crc32(text.encode()) % 600


def wav_as_mulaw(wav: bytes) -> bytes:
    """Return the audio of a WAV as µ-law.

    Raises:
        UnusableSoundError: unless the WAV is mono PCM of 16 bits at 8 kHz.
    """
    try:
        with wave.open(io.BytesIO(wav)) as opened:
            shape = (opened.getnchannels(), opened.getsampwidth(), opened.getframerate())
            pcm = opened.readframes(opened.getnframes())
    except (wave.Error, EOFError) as error:
        raise UnusableSoundError(f"the callee's WAV cannot be read ({error}); save it as PCM") from error
    if shape != (1, 2, 8000):
        raise UnusableSoundError("the callee's WAV must be mono, 16 bits, 8000 Hz; convert it first")
    return to_mulaw(np.frombuffer(pcm, dtype="<i2").astype(np.int16))

"""Payloads as numpy arrays of signed 16-bit samples, and back."""

from functools import cache

import numpy as np
import numpy.typing as npt

from voice_adapters.audio.g711 import ALAW_LEVELS, ULAW_LEVELS, alaw_encoding, ulaw_encoding

__all__ = (
    "Samples",
    "alaw_to_samples",
    "pcm16_to_samples",
    "samples_to_alaw",
    "samples_to_pcm16",
    "samples_to_ulaw",
    "ulaw_to_samples",
)

Samples = npt.NDArray[np.int16]
"""Mono linear samples."""

_ULAW = np.array(ULAW_LEVELS, np.int16)
_ALAW = np.array(ALAW_LEVELS, np.int16)


def ulaw_to_samples(payload: bytes) -> Samples:
    """The samples of a µ-law payload."""
    return _ULAW[np.frombuffer(payload, np.uint8)]


def alaw_to_samples(payload: bytes) -> Samples:
    """The samples of an A-law payload."""
    return _ALAW[np.frombuffer(payload, np.uint8)]


def pcm16_to_samples(pcm: bytes) -> Samples:
    """The samples of little-endian 16-bit PCM.

    Raises:
        ValueError: if *pcm* ends in the middle of a sample.
    """
    return np.frombuffer(pcm, "<i2").astype(np.int16, copy=False)


@cache
def _codes_of_ulaw() -> npt.NDArray[np.uint8]:
    return np.frombuffer(ulaw_encoding(), np.uint8)


@cache
def _codes_of_alaw() -> npt.NDArray[np.uint8]:
    return np.frombuffer(alaw_encoding(), np.uint8)


def samples_to_ulaw(samples: Samples) -> bytes:
    """The µ-law payload of *samples*."""
    return _codes_of_ulaw()[samples.view(np.uint16)].tobytes()


def samples_to_alaw(samples: Samples) -> bytes:
    """The A-law payload of *samples*."""
    return _codes_of_alaw()[samples.view(np.uint16)].tobytes()


def samples_to_pcm16(samples: Samples) -> bytes:
    """Little-endian 16-bit PCM of *samples*."""
    return samples.astype("<i2", copy=False).tobytes()

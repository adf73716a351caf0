"""What is on telephone lines and is no voice: a gate that falls for it makes us stop for nothing."""

from collections.abc import Iterator
from typing import Final

import attrs
import numpy as np

from voice_entrypoints.bench.barge_in.voices import Wave, amplitude, line_noise, plain_speech, with_noise

__all__ = ("Disturbance", "disturbances")

_RATE_HZ: Final = 8_000
_LOWER_KEYS_HZ: Final = (697, 770, 852, 941)
_UPPER_KEYS_HZ: Final = (1209, 1336, 1477, 1633)


@attrs.frozen
class Disturbance:
    """One kind, heard many times."""

    name: str
    sounds: tuple[Wave, ...]
    """Each on a line with noise, with silence around it."""


def disturbances() -> Iterator[Disturbance]:
    """Yield every kind; all but the local voice, which never says a thing twice the same, is the same at every call."""
    yield Disturbance(
        "a minute of line noise", tuple(line_noise(60, level) for level in (-60, -50, -45, -40))
    )
    yield _kind("sudden noise, 2 s", _sudden_noises())
    yield _kind("cough", (_cough(number) for number in range(60)))
    yield _kind("key (DTMF)", _keys())
    yield _kind("European ringback, 1 s", (_tones(1.0, level, 425) for level in (-15, -20, -25)))
    yield _kind("American ringback, 2 s", (_tones(2.0, level, 440, 480) for level in (-15, -20, -25)))
    yield _kind("click of a key or a plug", (_clicks(number) for number in range(100)))
    yield _kind("our own echo, 20 dB down", plain_speech(-20 - 20))
    yield _kind("our own echo, 30 dB down", plain_speech(-20 - 30))


def _kind(name: str, sounds: Iterator[Wave]) -> Disturbance:
    return Disturbance(name, tuple(_on_a_line(sound) for sound in sounds))


def _on_a_line(sound: Wave) -> Wave:
    return with_noise(np.concatenate((np.zeros(_RATE_HZ // 2), sound, np.zeros(_RATE_HZ))))


def _sudden_noises() -> Iterator[Wave]:
    for seed, level in enumerate((-40.0, -35.0, -30.0, -25.0, -20.0)):
        yield line_noise(2.0, level, seed + 2)


def _cough(number: int) -> Wave:
    """A burst of 60 to 250 ms that rises in 5 ms and dies away, once or twice, low in pitch."""
    chance = np.random.default_rng(1_000 + number)
    wave = np.zeros(_RATE_HZ)
    for start in (0, int(chance.uniform(0.25, 0.5) * _RATE_HZ))[: 1 + number % 2]:
        length = int(chance.uniform(0.06, 0.25) * _RATE_HZ)
        rough = chance.normal(0, amplitude(chance.uniform(-26, -14)) * 2, length)
        low = np.convolve(rough, np.ones(6) / 6, "same")
        rise = np.minimum(np.arange(length) / 40, 1)
        wave[start : start + length] += low * rise * np.exp(-np.arange(length) / (length / 3))
    return wave


def _keys() -> Iterator[Wave]:
    lengths: tuple[tuple[float, int], ...] = ((0.06, 0), (0.1, 120), (0.25, 40))
    for low in _LOWER_KEYS_HZ:
        for high in _UPPER_KEYS_HZ:
            for seconds, offset in lengths:
                yield np.concatenate((np.zeros(offset), _tones(seconds, -13, low, high)))


def _tones(seconds: float, level_dbfs: float, *tones_hz: float) -> Wave:
    moments = np.arange(int(seconds * _RATE_HZ)) / _RATE_HZ
    waves: Wave = np.sin(2 * np.pi * np.outer(tones_hz, moments))
    total: Wave = amplitude(level_dbfs) * waves.sum(axis=0)
    return total


def _clicks(number: int) -> Wave:
    """Two clicks of 1 to 30 ms."""
    chance = np.random.default_rng(number)
    wave = np.zeros(1_600)
    for start, length in zip(chance.integers(0, 800, 2), chance.integers(8, 240, 2), strict=True):
        decay = np.exp(-np.arange(length) / (length / 3))
        wave[start : start + length] += chance.normal(0, 12_000, length) * decay
    return wave

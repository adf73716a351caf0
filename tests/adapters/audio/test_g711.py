"""G.711 against the standard library's own, where it still has one, and against itself everywhere."""

import struct
import timeit
import warnings
import zlib
from types import ModuleType

import numpy as np
import pytest

from voice_adapters.audio.g711 import (
    ALAW_LEVELS,
    ALAW_SILENCE,
    LOUDEST,
    ULAW_LEVELS,
    ULAW_SILENCE,
    alaw_encoding,
    alaw_to_pcm16,
    alaw_to_ulaw,
    loudness,
    pcm16_to_alaw,
    pcm16_to_ulaw,
    ulaw_encoding,
    ulaw_to_alaw,
    ulaw_to_pcm16,
)
from voice_adapters.audio.samples import (
    alaw_to_samples,
    pcm16_to_samples,
    samples_to_alaw,
    samples_to_pcm16,
    samples_to_ulaw,
    ulaw_to_samples,
)

ALL_CODES = bytes(range(256))
# CRC-32 of what the standard library's module made of all samples, while it existed.
ULAW_CRC, ALAW_CRC = 0x0FA298CA, 0xAADA9009
ALL_SAMPLES = struct.pack("<65536H", *range(65536))


def oracle() -> ModuleType | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import audioop
        except ModuleNotFoundError:  # gone since Python 3.13
            return None
        return audioop


def test_the_encoding_tables_equal_the_convention_for_all_65536_samples() -> None:
    assert zlib.crc32(ulaw_encoding()) == ULAW_CRC
    assert zlib.crc32(alaw_encoding()) == ALAW_CRC


def test_the_tables_equal_the_standard_library_where_it_has_them() -> None:
    audioop = oracle()
    expected = (
        (ulaw_encoding(), alaw_encoding(), ulaw_to_pcm16(ALL_CODES), alaw_to_pcm16(ALL_CODES))
        if audioop is None
        else (
            audioop.lin2ulaw(ALL_SAMPLES, 2),
            audioop.lin2alaw(ALL_SAMPLES, 2),
            audioop.ulaw2lin(ALL_CODES, 2),
            audioop.alaw2lin(ALL_CODES, 2),
        )
    )

    assert pcm16_to_ulaw(ALL_SAMPLES) == expected[0]
    assert pcm16_to_alaw(ALL_SAMPLES) == expected[1]
    assert ulaw_to_pcm16(ALL_CODES) == expected[2]
    assert alaw_to_pcm16(ALL_CODES) == expected[3]


def test_decoding_and_encoding_again_gives_every_code_back_but_negative_zero() -> None:
    changed = {code for code in range(256) if pcm16_to_ulaw(ulaw_to_pcm16(bytes((code,)))) != bytes((code,))}

    assert changed == {0x7F}
    assert pcm16_to_alaw(alaw_to_pcm16(ALL_CODES)) == ALL_CODES


def test_the_known_levels_of_g711_are_met() -> None:
    assert ULAW_LEVELS[0x00] == -32124
    assert ULAW_LEVELS[0x80] == 32124
    assert ULAW_LEVELS[ULAW_SILENCE[0]] == 0
    assert ALAW_LEVELS[0x2A] == -32256
    assert ALAW_LEVELS[ALAW_SILENCE[0]] == 8


def test_transcoding_goes_through_the_linear_sample() -> None:
    assert ulaw_to_alaw(ALL_CODES) == pcm16_to_alaw(ulaw_to_pcm16(ALL_CODES))
    assert alaw_to_ulaw(ALL_CODES) == pcm16_to_ulaw(alaw_to_pcm16(ALL_CODES))


def test_arrays_and_bytes_agree() -> None:
    samples = pcm16_to_samples(ALL_SAMPLES)

    assert samples.dtype == np.int16
    assert samples_to_ulaw(samples) == pcm16_to_ulaw(ALL_SAMPLES)
    assert samples_to_alaw(samples) == pcm16_to_alaw(ALL_SAMPLES)
    assert samples_to_pcm16(ulaw_to_samples(ALL_CODES)) == ulaw_to_pcm16(ALL_CODES)
    assert samples_to_pcm16(alaw_to_samples(ALL_CODES)) == alaw_to_pcm16(ALL_CODES)


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="odd number of bytes"):
        pcm16_to_ulaw(b"\x00\x01\x02")


def test_an_empty_payload_stays_empty() -> None:
    assert ulaw_to_pcm16(b"") == pcm16_to_ulaw(b"") == alaw_to_ulaw(b"") == b""
    assert loudness(b"") == 0


def test_loudness_is_zero_in_silence_and_grows_by_16_units_for_6_db() -> None:
    angle = np.arange(1600) * 0.7
    quiet, twice = (samples_to_ulaw((peak * np.sin(angle)).astype(np.int16)) for peak in (4000, 8000))

    assert loudness(ULAW_SILENCE * 160) == 0
    assert loudness(b"\x80" * 160) == loudness(b"\x00" * 160) == LOUDEST
    assert loudness(twice) - loudness(quiet) == pytest.approx(16, abs=2)


def test_a_single_click_hardly_moves_the_loudness() -> None:
    assert loudness(ULAW_SILENCE * 159 + b"\x00") < 1


def test_the_loudness_of_a_frame_costs_microseconds() -> None:
    frame = samples_to_ulaw((4000 * np.sin(np.arange(160) * 0.7)).astype(np.int16))

    best = min(timeit.repeat(lambda: loudness(frame), number=1000, repeat=5)) / 1000

    assert best < 5e-6

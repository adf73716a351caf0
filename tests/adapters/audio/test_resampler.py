"""The resampler holds nothing back, folds nothing back, and does not care how a stream was cut."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_adapters.audio.resampler import Resampler
from voice_adapters.audio.samples import Samples, samples_to_pcm16, samples_to_ulaw
from voice_adapters.audio.telephone_encoder import TelephoneEncoder

RATES_TO_TELEPHONE = (16000, 22050, 24000, 44100, 48000)
RATIOS = [(rate, 8000) for rate in RATES_TO_TELEPHONE] + [(8000, 16000), (8000, 24000), (24000, 16000)]


def sine(rate_hz: int, tone_hz: float, seconds: float = 0.5) -> Samples:
    at = np.arange(int(rate_hz * seconds)) / rate_hz
    return (20000 * np.sin(2 * np.pi * tone_hz * at)).astype(np.int16)


def level_db(samples: Samples) -> float:
    settled = samples[100:-100].astype(float)
    return float(20 * np.log10(np.sqrt(np.mean(settled**2)) + 1e-9))


@pytest.mark.parametrize("rate_hz", RATES_TO_TELEPHONE)
@pytest.mark.parametrize(("tone_hz", "loss_db"), [(300, 0.1), (1000, 0.1), (3000, 0.3), (3400, 3.0)])
def test_speech_frequencies_pass(rate_hz: int, tone_hz: float, loss_db: float) -> None:
    tone = sine(rate_hz, tone_hz)

    lost = level_db(tone) - level_db(Resampler(rate_hz, 8000).push(tone))

    assert -0.05 <= lost <= loss_db


@pytest.mark.parametrize("rate_hz", RATES_TO_TELEPHONE)
@pytest.mark.parametrize("tone_hz", [4600, 5000, 6100, 7300])
def test_what_a_telephone_cannot_carry_is_gone_rather_than_folded_back(rate_hz: int, tone_hz: float) -> None:
    tone = sine(rate_hz, tone_hz)

    assert level_db(tone) - level_db(Resampler(rate_hz, 8000).push(tone)) >= 80


def test_going_up_leaves_no_mirror_image() -> None:
    spectrum = np.abs(np.fft.rfft(Resampler(8000, 16000).push(sine(8000, 1000))[800:4800] * np.hanning(4000)))
    at_hz = np.fft.rfftfreq(4000, 1 / 16000)

    assert 20 * np.log10(spectrum[at_hz < 4000].max() / spectrum[at_hz > 4600].max()) >= 60


@pytest.mark.parametrize(("rate_in_hz", "rate_out_hz"), RATIOS)
def test_every_piece_gives_all_its_output_at_once(rate_in_hz: int, rate_out_hz: int) -> None:
    resampler = Resampler(rate_in_hz, rate_out_hz)
    frame = np.ones(rate_in_hz // 50, np.int16)

    assert [len(resampler.push(frame)) for _ in range(5)] == [rate_out_hz // 50] * 5


@pytest.mark.parametrize(("rate_in_hz", "rate_out_hz"), RATIOS)
def test_the_delay_is_what_it_says_and_under_2_ms(rate_in_hz: int, rate_out_hz: int) -> None:
    resampler = Resampler(rate_in_hz, rate_out_hz)
    click = np.zeros(rate_in_hz // 10, np.int16)
    click[rate_in_hz // 20] = 20000

    peak_ms = int(np.argmax(resampler.push(click))) * 1000 / rate_out_hz

    assert resampler.delay_ms <= 2
    assert peak_ms - 50 == pytest.approx(resampler.delay_ms, abs=1000 / rate_out_hz)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(RATIOS), st.lists(st.integers(0, 700), max_size=12), st.integers(0, 2**32 - 1))
def test_the_result_does_not_depend_on_the_pieces(
    ratio: tuple[int, int], sizes: list[int], seed: int
) -> None:
    noise = np.random.default_rng(seed).integers(-32768, 32768, sum(sizes), np.int16)
    whole, pieced = Resampler(*ratio), Resampler(*ratio)

    expected = np.concatenate((whole.push(noise), whole.flush()))
    edges = np.cumsum([0, *sizes])
    pieces = [pieced.push(noise[start:end]) for start, end in itertools.pairwise(edges)]

    assert np.array_equal(np.concatenate((*pieces, pieced.flush())), expected)


def test_after_a_flush_the_next_sound_starts_clean() -> None:
    resampler, tone = Resampler(22050, 8000), sine(22050, 500)
    first = np.concatenate((resampler.push(tone), resampler.flush()))

    assert np.array_equal(np.concatenate((resampler.push(tone), resampler.flush())), first)


def test_no_sound_in_gives_no_sound_out() -> None:
    assert len(Resampler(24000, 8000).flush()) == 0
    assert TelephoneEncoder(24000).flush() == b""


def test_full_scale_noise_is_clipped_not_wrapped() -> None:
    square = np.repeat(np.array([32767, -32768] * 40, np.int16), 30)

    assert Resampler(24000, 8000).push(square).max() == 32767


@pytest.mark.parametrize(("rate_in_hz", "rate_out_hz"), [(0, 8000), (8000, -1), (44101, 8000)])
def test_an_odd_rate_is_refused_with_a_remedy(rate_in_hz: int, rate_out_hz: int) -> None:
    with pytest.raises(ValueError, match=f"{rate_in_hz} Hz to {rate_out_hz} Hz: use a usual audio rate"):
        Resampler(rate_in_hz, rate_out_hz)


@given(st.lists(st.integers(0, 99), max_size=30), st.sampled_from([8000, 24000]))
def test_the_encoder_takes_pieces_that_end_in_the_middle_of_a_sample(sizes: list[int], rate_hz: int) -> None:
    pcm = samples_to_pcm16(sine(rate_hz, 440, 0.1))
    whole, pieced = TelephoneEncoder(rate_hz), TelephoneEncoder(rate_hz)
    edges = [0, *np.cumsum(sizes), len(pcm)]

    pieces = [pieced.push(pcm[start:end]) for start, end in itertools.pairwise(edges)]

    assert b"".join(pieces) + pieced.flush() == whole.push(pcm) + whole.flush()


def test_telephone_audio_is_only_companded() -> None:
    tone = sine(8000, 440)

    assert TelephoneEncoder(8000).push(samples_to_pcm16(tone)) == samples_to_ulaw(tone)

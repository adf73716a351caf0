"""The voice gate on synthesised speech and on what is not speech, with its rates as bounds that can fail."""

from collections.abc import Iterable
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from voice_adapters.audio.g711 import loudness
from voice_adapters.audio.samples import samples_to_ulaw, ulaw_to_samples
from voice_adapters.audio.telephone_encoder import TelephoneEncoder
from voice_adapters.audio.voice_gate import VoiceChange, VoiceGate, VoiceTurn
from voice_adapters.speech.local.espeak import espeak

Wave = npt.NDArray[np.float64]

SENTENCES = (
    ("Hello, this is Anna.", "en-us+f2"),
    ("Yes, that is right.", "en-us+m3"),
    ("Wait a moment please!", "en+f4"),
    ("Sorry, who is speaking?", "en-us+m7"),
    ("Four five six, seven eight nine.", "en-us+m3"),
    ("Could you repeat that?", "en+m3"),
    ("I would like to cancel my appointment.", "en-us+f3"),
    ("你好，请问你是谁？", "cmn+f2"),
    ("等一下，我没听清楚。", "cmn+m3"),
    ("不要。", "cmn+f4"),
    ("好的，谢谢你。", "cmn+m7"),
    ("明天下午三点可以吗？", "cmn+f2"),
    ("Mhm, okay.", "en-us+m1"),
    ("Actually stop, stop.", "en-us+f1"),
    ("Oh, I see what you mean.", "en-us+m2"),
)
LEAD_FRAMES = 25


@cache
def spoken() -> tuple[Wave, ...]:
    waves = []
    for text, voice in SENTENCES:
        encoder = TelephoneEncoder(espeak().rate_hz)
        pieces = espeak().speak(text, voice=voice, pause=False)
        waves.append(ulaw_to_samples(b"".join(encoder.push(pcm) for pcm in pieces)).astype(float))
    return tuple(waves)


def amplitude(level_dbfs: float) -> float:
    return float(32768 * 10 ** (level_dbfs / 20))


def at_level(wave: Wave, level_dbfs: float) -> Wave:
    active = wave[np.abs(wave) > 100]
    louder: Wave = wave * (amplitude(level_dbfs) / np.sqrt(np.mean(active**2)))
    return louder


def noise(seconds: float, level_dbfs: float, seed: int = 1) -> Wave:
    return np.random.default_rng(seed).normal(0, amplitude(level_dbfs), int(seconds * 8000))


def tones(seconds: float, level_dbfs: float, *tones_hz: float) -> Wave:
    at = np.arange(int(seconds * 8000)) / 8000
    waves: Wave = np.sin(2 * np.pi * np.outer(tones_hz, at))
    total: Wave = amplitude(level_dbfs) * waves.sum(axis=0)
    return total


def frames(wave: Wave) -> list[bytes]:
    payload = samples_to_ulaw(np.clip(wave, -32768, 32767).astype(np.int16))
    return [payload[start : start + 160] for start in range(0, len(payload) - 159, 160)]


def on_a_line(wave: Wave, line_dbfs: float = -60) -> Wave:
    """The wave after half a second and before one second of line noise, with the noise all through it."""
    padded = np.concatenate((np.zeros(160 * LEAD_FRAMES), wave, np.zeros(8000)))
    return padded + noise(len(padded) / 8000, line_dbfs)


def changes(wave: Wave, silence_ms: int = 500) -> list[tuple[int, VoiceChange]]:
    gate = VoiceGate(silence_ms)
    told = ((at, gate.push(frame)) for at, frame in enumerate(frames(wave)))
    return [(at, change) for at, change in told if change is not None]


def starts(wave: Wave) -> int:
    return sum(change.turn is VoiceTurn.VOICE_STARTED for _, change in changes(wave))


def delays_ms(waves: Iterable[Wave], line_dbfs: float) -> list[float]:
    """From the start of the first voiced frame to the end of the frame that told."""
    delays = []
    for wave in waves:
        first = next(at for at, frame in enumerate(frames(wave)) if loudness(frame) > 20)
        told = [at for at, _ in changes(on_a_line(wave, line_dbfs))]
        delays.append((told[0] - LEAD_FRAMES - first + 1) * 20.0 if told else float("inf"))
    return delays


@pytest.mark.parametrize(("level_dbfs", "line_dbfs"), [(-18, -60), (-22, -60), (-22, -50), (-28, -50)])
def test_every_sentence_is_heard_and_most_within_100_ms(level_dbfs: float, line_dbfs: float) -> None:
    waves = [
        np.concatenate((np.zeros(offset), at_level(wave, level_dbfs)))
        for wave in spoken()
        for offset in (0, 37, 91)
    ]

    delays = delays_ms(waves, line_dbfs)

    assert np.median(delays) <= 100
    assert np.percentile(delays, 90) <= 200
    assert max(delays) <= 500
    assert min(delays) >= 60


def test_each_sentence_is_one_stretch_that_ends_after_the_silence() -> None:
    for wave in spoken():
        told = changes(on_a_line(at_level(wave, -22)))

        assert [change.turn for _, change in told] == [VoiceTurn.VOICE_STARTED, VoiceTurn.VOICE_ENDED]
        (_, start), (at, end) = told
        assert start.at_frame < end.at_frame
        assert at - end.at_frame == 24


def test_quiet_speech_in_a_noisy_line_is_heard() -> None:
    delays = delays_ms([at_level(wave, -22) for wave in spoken()], -40)

    assert np.median(delays) <= 120
    assert max(delays) < 1000


@pytest.mark.parametrize("level_dbfs", [-70, -60, -50, -45, -40])
def test_a_minute_of_line_noise_is_not_a_voice(level_dbfs: float) -> None:
    assert starts(noise(60, level_dbfs)) == 0


@pytest.mark.parametrize("level_dbfs", [-30, -20])
def test_sudden_loud_noise_is_taken_for_a_voice_once_and_then_learnt(level_dbfs: float) -> None:
    told = changes(on_a_line(noise(10, level_dbfs)))

    assert [change.turn for _, change in told] == [VoiceTurn.VOICE_STARTED, VoiceTurn.VOICE_ENDED]
    assert told[1][0] - told[0][0] <= 100


def test_a_voice_is_heard_again_after_the_noise_is_gone() -> None:
    wave = np.concatenate((noise(5, -25), np.zeros(8000), at_level(spoken()[0], -22), np.zeros(8000)))

    assert starts(wave) == 2


def test_keys_are_not_a_voice() -> None:
    false_starts = [
        starts(on_a_line(np.concatenate((np.zeros(offset), tones(seconds, level_dbfs, low, high)))))
        for low in (697, 770, 852, 941)
        for high in (1209, 1336, 1477, 1633)
        for seconds, offset in ((0.06, 0), (0.1, 120), (0.25, 40))
        for level_dbfs in (-10, -22)
    ]

    assert sum(false_starts) / len(false_starts) <= 0.01


@pytest.mark.parametrize("tones_hz", [(450,), (425,), (400, 450), (1000,), (50,), (100, 200)])
def test_steady_call_progress_tones_beeps_and_hum_are_not_a_voice(tones_hz: tuple[float, ...]) -> None:
    false_starts = sum(starts(on_a_line(tones(1.0, level_dbfs, *tones_hz))) for level_dbfs in (-15, -20, -25))

    assert false_starts == 0


def test_a_ringback_that_beats_is_one_voice_a_ring_at_the_worst() -> None:
    # 440 and 480 Hz together swell 40 times a second: to an energy gate that moves like a voice.
    assert starts(on_a_line(tones(2.0, -20, 440, 480))) <= 1


def test_clicks_are_rarely_a_voice() -> None:
    chance = np.random.default_rng(7)
    false_starts = 0
    for _ in range(100):
        wave = np.zeros(1600)
        for start, length in zip(chance.integers(0, 800, 2), chance.integers(8, 240, 2), strict=True):
            decay = np.exp(-np.arange(length) / (length / 3))
            wave[start : start + length] += chance.normal(0, 12000, length) * decay
        false_starts += starts(on_a_line(wave))

    assert false_starts <= 3


def test_a_short_pause_does_not_end_the_voice_but_a_long_one_does() -> None:
    word = at_level(spoken()[9], -22)
    apart = np.concatenate((word, np.zeros(2400), word))

    assert starts(on_a_line(apart)) == 1
    ends = [change for _, change in changes(on_a_line(apart), 200) if change.turn is VoiceTurn.VOICE_ENDED]
    assert len(ends) == 2


def test_the_gate_says_whether_a_voice_is_on() -> None:
    gate = VoiceGate(100)
    states = []
    for frame in frames(on_a_line(at_level(spoken()[9], -22))):
        gate.push(frame)
        states.append(gate.voiced)

    assert any(states)
    assert not states[0]
    assert not states[-1]


def test_a_silence_of_no_length_is_refused() -> None:
    with pytest.raises(ValueError, match="silence_ms is 0"):
        VoiceGate(0)

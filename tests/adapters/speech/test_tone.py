"""The tone voice has the rhythm, the length and the level of speech, and never clicks."""

from collections.abc import AsyncGenerator
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_adapters.audio.samples import ulaw_to_samples
from voice_adapters.speech.tone import ToneSynthesizer

pytestmark = pytest.mark.anyio


async def speak(text: str, *, voice: str | None = None) -> bytes:
    pieces = [piece async for piece in ToneSynthesizer().synthesize(text, locale="en-US", voice=voice)]
    return b"".join(pieces)


async def test_a_latin_sentence_lasts_as_long_as_speech() -> None:
    text = "please call me back tomorrow morning about the delivery of the parcel"

    seconds = len(await speak(text)) / 8000

    assert 12 <= len(text) / seconds <= 16


async def test_a_chinese_sentence_lasts_as_long_as_speech() -> None:
    text = "请明天早上给我回电话谈谈包裹的事情"

    seconds = len(await speak(text)) / 8000

    assert 4.2 <= len(text) / seconds <= 4.8


async def test_punctuation_is_a_pause() -> None:
    together, apart = await speak("yes no"), await speak("yes. no")

    assert len(apart) - len(together) == 2400


async def test_the_same_text_gives_the_same_bytes() -> None:
    assert await speak("Hello, world.") == await speak("Hello, world.")


async def test_different_characters_have_different_pitches_and_voices_differ() -> None:
    assert await speak("你") != await speak("好")
    assert await speak("你", voice="counterpart") != await speak("你")
    assert await speak("你", voice="somebody else") == await speak("你", voice="agent")


async def test_a_tone_is_at_minus_18_dbfs_and_has_one_pitch() -> None:
    samples = ulaw_to_samples(await speak("一"))[200:1200].astype(float)  # 19968 % 7 == 4: nine semitones up
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(1000), 8000))

    assert 20 * np.log10(np.sqrt(np.mean(samples**2)) / 32768) == pytest.approx(-18, abs=0.5)
    assert int(np.argmax(spectrum)) == pytest.approx(262 * 2 ** (9 / 12), abs=2)


async def test_nothing_clicks() -> None:
    samples = ulaw_to_samples(await speak("Good morning, this is a test. 12 再见")).astype(int)

    # A full-level sine of 900 Hz moves this much from sample to sample; a cut tone would jump at a boundary.
    assert np.abs(np.diff(samples)).max() < 5600 * (900 + 0.3 * 1800) * 2 * np.pi / 8000
    assert np.abs(samples[:8]).max() < 200
    assert np.abs(samples[-8:]).max() < 200


async def test_a_text_comes_piece_by_piece() -> None:
    pieces = [piece async for piece in ToneSynthesizer().synthesize("one two three", locale="en")]

    assert len(pieces) >= 5
    assert max(map(len, pieces)) <= 0.4 * 8000


async def test_leaving_early_is_clean() -> None:
    iteration = cast(
        "AsyncGenerator[bytes, None]", ToneSynthesizer().synthesize("a long story " * 100, locale="en")
    )
    first = await anext(iteration)

    await iteration.aclose()

    assert first
    with pytest.raises(StopAsyncIteration):
        await anext(iteration)


@pytest.mark.parametrize("text", ["", "   ", "\x00\x07", "😀👍", "\u200b\u202e", "\ud800"])
async def test_what_has_no_letters_gives_no_tone(text: str) -> None:
    assert set(await speak(text)) <= {0xFF}


async def test_a_very_long_text_lasts_very_long() -> None:
    payload = await speak("a" * 5000)

    assert len(payload) / 8000 == pytest.approx(5000 / 14, rel=0.1)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60))
async def test_any_text_gives_whole_milliseconds_of_audio(text: str) -> None:
    assert len(await speak(text)) % 80 == 0

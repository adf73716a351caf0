"""The local voice speaks English and Chinese, off the loop, and survives any text."""

import threading
from collections.abc import AsyncGenerator
from typing import cast

import anyio
import anyio.lowlevel
import numpy as np
import pytest

from voice_adapters.audio.samples import ulaw_to_samples
from voice_adapters.speech.local import LocalSpeechMissingError, LocalSynthesizer, local_speech_available
from voice_adapters.speech.local.espeak import espeak
from voice_adapters.speech.local.sentences import LONGEST_SENTENCE, Sentence, sentences
from voice_domain.ports.synthesizer import SynthesisError

# The voice works on a thread of its own, in the machine's time.
pytestmark = [pytest.mark.anyio, pytest.mark.real_time]

ENGLISH = "Hello, this is a test call. How are you today?"
CHINESE = "你好，这是一个测试电话。你今天好吗？"


async def speak(text: str, locale: str = "en-US", voice: str | None = None) -> bytes:
    pieces = [piece async for piece in LocalSynthesizer().synthesize(text, locale=locale, voice=voice)]
    assert all(0 < len(piece) <= 1600 for piece in pieces)
    return b"".join(pieces)


def median_pitch_hz(payload: bytes) -> float:
    samples = ulaw_to_samples(payload).astype(float)
    loud = [
        frame
        for frame in np.array_split(samples, len(samples) // 400)
        if frame.std() > samples.std() and len(frame) >= 400
    ]
    lags = [np.correlate(frame, frame, "full")[len(frame) - 1 :][25:115].argmax() + 25 for frame in loud]
    return float(8000 / np.median(lags))


@pytest.mark.parametrize(("text", "shortest", "longest"), [(ENGLISH, 2.2, 4.0), (CHINESE, 3.0, 6.0)])
async def test_both_languages_last_as_long_as_speech_at_a_pleasant_level(
    text: str, shortest: float, longest: float
) -> None:
    samples = ulaw_to_samples(await speak(text)).astype(float)

    assert shortest <= len(samples) / 8000 <= longest
    assert -24 <= 20 * np.log10(np.sqrt(np.mean(samples**2)) / 32768) <= -14


async def test_chinese_is_read_in_chinese_even_if_the_locale_is_english() -> None:
    spoken = len(await speak(CHINESE, "en-US"))

    # The English voice would read each character as "Chinese letter", more than twice as long.
    assert spoken == pytest.approx(len(await speak(CHINESE, "zh-CN")), abs=400)
    english = sum(map(len, espeak().speak(CHINESE, voice="en-us+f2", pause=False))) / 2 / 22050
    assert spoken / 8000 < english / 2


async def test_british_and_american_differ() -> None:
    assert await speak("The bath is rather hot.", "en-GB") != await speak("The bath is rather hot.", "en-US")


@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
async def test_the_counterpart_sounds_clearly_lower_than_the_agent(text: str) -> None:
    agent, counterpart = await speak(text, voice="agent"), await speak(text, voice="counterpart")

    assert median_pitch_hz(agent) > 1.4 * median_pitch_hz(counterpart)


async def test_an_unknown_voice_is_the_agents() -> None:
    assert len(await speak("Yes.", voice="coral")) == len(await speak("Yes."))


@pytest.mark.parametrize(
    "text",
    [
        "<b>hi</b> & <speak>",
        "[[h@l'oU]]",
        "\x01\x02abc\x00def",
        "😀👍 ok",
        "\ud800 lone",
        "请打开 OpenAI 的网页 please",
        "123",
        "a" * 1000,
        "x\u0301" * 300,
        "%s%n {0}",
    ],
)
@pytest.mark.parametrize("locale", ["en-US", "zh-CN", "", "de-DE"])
async def test_strange_text_is_spoken_without_a_crash(text: str, locale: str) -> None:
    assert set(await speak(text, locale)) - {0xFF, 0x7F}


@pytest.mark.parametrize("text", ["", "   ", "\x00\x07\n", "。，", "...", "\u200b\u202e"])
async def test_a_text_with_nothing_to_say_gives_no_audio(text: str) -> None:
    assert await speak(text) == b""


async def test_five_thousand_characters_begin_at_once_and_can_be_left() -> None:
    text = "This sentence goes on and on and has no end " * 114
    iteration = cast("AsyncGenerator[bytes, None]", LocalSynthesizer().synthesize(text, locale="en-US"))

    with anyio.fail_after(5):
        first = await anext(iteration)
        await iteration.aclose()

    assert first
    with pytest.raises(StopAsyncIteration):
        await anext(iteration)


async def test_many_calls_speak_at_once_without_mixing_their_words() -> None:
    synthesizer, texts = LocalSynthesizer(), [f"This is caller number {number}." for number in range(8)]
    alone = [await speak(text) for text in texts]
    together: dict[int, bytes] = {}

    async def call(number: int) -> None:
        pieces = [piece async for piece in synthesizer.synthesize(texts[number], locale="en-US")]
        together[number] = b"".join(pieces)

    async with anyio.create_task_group() as tasks:
        for number in range(8):
            tasks.start_soon(call, number)

    # espeak-ng varies its noise a little from one reading to the next, so lengths are compared.
    assert [len(together[number]) for number in range(8)] == pytest.approx(list(map(len, alone)), abs=400)


async def test_the_loop_goes_on_while_a_text_is_spoken() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await anyio.lowlevel.checkpoint()
            ticks += 1

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tick)
        await speak("A sentence that takes a worker thread some milliseconds to read aloud.")
        tasks.cancel_scope.cancel()

    assert ticks > 3


def test_threads_take_turns_at_the_one_instance() -> None:
    lengths: list[int] = []

    def read() -> None:
        lengths.append(sum(map(len, espeak().speak("One two three.", voice="en-us+m3", pause=False))))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert max(lengths) - min(lengths) < 2000
    assert min(lengths) > 20000


def test_without_the_extra_the_error_says_how_to_install_it() -> None:
    assert local_speech_available()
    assert not local_speech_available("no_such_package_of_voices")
    with pytest.raises(LocalSpeechMissingError, match=r"pip install 'voicecall\[local\]'"):
        espeak("no_such_package_of_voices")


def test_an_unknown_voice_of_the_library_is_a_synthesis_error() -> None:
    with pytest.raises(SynthesisError, match="no voice nobody"):
        espeak().speak("yes", voice="nobody", pause=False)


def test_a_text_is_cut_into_sentences_with_their_languages() -> None:
    text = "It costs 3.14 dollars. 好的，谢谢！Call OpenAI 吧。\n42"

    assert sentences(text, "en-GB") == (
        Sentence("It costs 3.14 dollars.", "en-gb"),
        Sentence("好的，谢谢！", "cmn"),
        Sentence("Call OpenAI 吧。", "cmn"),
        Sentence("42", "en-gb"),
    )
    assert sentences("42", "zh-CN") == (Sentence("42", "cmn"),)
    assert sentences("Hello.", "zh-CN") == (Sentence("Hello.", "en-us"),)


@pytest.mark.parametrize("text", ["word " * 300, "字" * 900, "a, " * 400, "x" * 900])
def test_long_sentences_are_cut_where_it_hurts_least_and_lose_nothing(text: str) -> None:
    pieces = sentences(text, "en-US")

    assert all(0 < len(piece.text) <= LONGEST_SENTENCE for piece in pieces)
    assert "".join(piece.text for piece in pieces).replace(" ", "") == text.replace(" ", "")

"""What was synthesised while it rang is said at once, and only once."""

from collections.abc import AsyncIterator

import anyio
import pytest

from voice_adapters.speech.prepared import PreparedSpeech
from voice_domain.ports.synthesizer import SynthesisError, Synthesizer

pytestmark = pytest.mark.anyio


class SlowVoice(Synthesizer):
    """Says each letter of a text as 500 bytes, each after a second; a "!" is an error."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def synthesize(self, text: str, *, locale: str, voice: str | None = None) -> AsyncIterator[bytes]:
        self.asked.append(text)
        for letter in text:
            await anyio.sleep(1)
            if letter == "!":
                raise SynthesisError("slow", "no such letter")
            yield letter.encode() * 500


def sound(text: str) -> bytes:
    return b"".join(letter.encode() * 500 for letter in text)


async def spoken(synthesizer: Synthesizer, text: str, locale: str = "en", voice: str | None = None) -> bytes:
    return b"".join([piece async for piece in synthesizer.synthesize(text, locale=locale, voice=voice)])


async def test_what_was_prepared_takes_no_time_to_say() -> None:
    speech = PreparedSpeech(SlowVoice())
    await speech.prepare("abc", "en")
    began = anyio.current_time()

    assert await spoken(speech, "abc") == sound("abc")
    assert anyio.current_time() == began


async def test_what_is_being_prepared_is_said_as_far_as_it_is_there() -> None:
    voice = SlowVoice()
    speech = PreparedSpeech(voice)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(speech.prepare, "abc", "en")
        await anyio.sleep(1.5)
        pieces = speech.synthesize("abc", locale="en")
        first, at = await anext(pieces), anyio.current_time()
        rest = b"".join([piece async for piece in pieces])

    assert (first + rest, at) == (sound("abc"), pytest.approx(1.5))
    assert (voice.asked, anyio.current_time()) == (["abc"], pytest.approx(3))


async def test_a_text_is_prepared_once_whoever_asks() -> None:
    voice = SlowVoice()
    speech = PreparedSpeech(voice)

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(speech.prepare, "ab", "en")
    await speech.prepare("ab", "en")

    assert voice.asked == ["ab"]


@pytest.mark.parametrize("wish", [("abc", "zh", None), ("abc", "en", "nova"), ("abd", "en", None)])
async def test_another_text_language_or_voice_is_something_else(wish: tuple[str, str, str | None]) -> None:
    voice = SlowVoice()
    speech = PreparedSpeech(voice)
    await speech.prepare("abc", "en")

    await spoken(speech, *wish)

    assert len(voice.asked) == 2


async def test_a_preparation_that_failed_is_done_again_when_it_is_said() -> None:
    voice = SlowVoice()
    speech = PreparedSpeech(voice)
    await speech.prepare("!", "en")

    with pytest.raises(SynthesisError, match="no such letter"):
        await spoken(speech, "!")
    assert (voice.asked, speech.kept_bytes) == (["!", "!"], 0)


async def test_a_preparation_that_fails_in_the_middle_of_being_said_is_not_begun_again() -> None:
    voice = SlowVoice()
    speech = PreparedSpeech(voice)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(speech.prepare, "ab!", "en")
        await anyio.sleep(0.5)
        with pytest.raises(SynthesisError, match="no such letter"):
            await spoken(speech, "ab!")

    assert voice.asked == ["ab!"]


async def test_a_preparation_that_fails_before_it_is_said_is_replaced_while_waiting() -> None:
    voice = SlowVoice()
    speech = PreparedSpeech(voice)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(speech.prepare, "!", "en")
        await anyio.sleep(0.5)
        with pytest.raises(SynthesisError):
            await spoken(speech, "!")

    assert voice.asked == ["!", "!"]


async def test_another_call_goes_on_with_what_a_call_that_is_over_had_prepared() -> None:
    voice = SlowVoice()
    speech = PreparedSpeech(voice)
    heard: list[bytes] = []

    async def say() -> None:
        heard.append(await spoken(speech, "abcd"))

    async with anyio.create_task_group() as tasks:
        with anyio.move_on_after(2.5):
            tasks.start_soon(say)
            await speech.prepare("abcd", "en")

    assert heard == [sound("abcd")]
    assert speech.kept_bytes == 0


async def test_no_more_is_kept_than_allowed_and_what_was_used_last_stays() -> None:
    voice = SlowVoice()
    speech = PreparedSpeech(voice, most_bytes=2_500)
    await speech.prepare("ab", "en")
    await speech.prepare("cd", "en")
    await spoken(speech, "ab")

    await speech.prepare("ef", "en")
    await spoken(speech, "ab")
    await spoken(speech, "cd")

    assert (voice.asked, speech.kept_bytes) == (["ab", "cd", "ef", "cd"], 2_000)


async def test_a_text_that_is_too_long_to_keep_is_still_said() -> None:
    speech = PreparedSpeech(SlowVoice(), most_bytes=1_250)

    await speech.prepare("abcdef", "en")
    kept = speech.kept_bytes

    assert (kept, await spoken(speech, "abcdef")) == (0, sound("abcdef"))
    assert anyio.current_time() == pytest.approx(3 + 6)


@pytest.mark.parametrize("nothing", ["", "  "])
async def test_nothing_is_prepared_for_nothing(nothing: str) -> None:
    voice = SlowVoice()

    await PreparedSpeech(voice).prepare(nothing, "en")

    assert voice.asked == []


async def test_what_nobody_prepared_is_said_as_ever() -> None:
    speech = PreparedSpeech(SlowVoice())

    assert (await spoken(speech, "ab"), speech.kept_bytes) == (sound("ab"), 0)


async def test_audio_too_short_for_its_text_is_said_to_those_who_wait_and_to_nobody_later() -> None:
    """What a service had cut short once was all that later calls heard of their greeting."""

    class CutsOnce(SlowVoice):
        async def synthesize(
            self, text: str, *, locale: str, voice: str | None = None
        ) -> AsyncIterator[bytes]:
            cut = text[:1] if not self.asked else text
            async for piece in super().synthesize(cut, locale=locale, voice=voice):
                yield piece

    speech = PreparedSpeech(CutsOnce())
    await speech.prepare("abcdef", "en")

    assert speech.kept_bytes == 0
    assert await spoken(speech, "abcdef") == sound("abcdef")

"""When one voice cannot speak the next one does, and nothing is said twice."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import cast

import anyio
import anyio.lowlevel
import pytest

from voice_adapters.services.fault import Explanation, Fault
from voice_adapters.speech.breaker import Breaker
from voice_adapters.speech.chain import NamedVoice, SynthesizerChain
from voice_adapters.speech.service_error import SpeechServiceError
from voice_domain.ports.synthesizer import SynthesisError, Synthesizer

pytestmark = pytest.mark.anyio
Step = bytes | float | Exception


class ScriptedVoice(Synthesizer):
    """Gives pieces, waits seconds and raises errors as its script says, the same for each text."""

    def __init__(self, *steps: Step) -> None:
        self.steps: Sequence[Step] = steps
        self.asked: list[tuple[str, str | None]] = []
        self.left = 0

    async def synthesize(self, text: str, *, locale: str, voice: str | None = None) -> AsyncIterator[bytes]:
        self.asked.append((text, voice))
        try:
            for step in self.steps:
                await anyio.lowlevel.checkpoint()
                if isinstance(step, bytes):
                    yield step
                elif isinstance(step, Exception):
                    raise step
                else:
                    await anyio.sleep(step)
        finally:
            self.left += 1


def broken(fault: Fault = Fault.PASSING, name: str = "first") -> SpeechServiceError:
    return SpeechServiceError(name, Explanation("out of order", fault))


def chain(*voices: Synthesizer) -> SynthesizerChain:
    names = ("first", "second", "third")
    return SynthesizerChain([NamedVoice(name, voice) for name, voice in zip(names, voices, strict=False)])


async def spoken(synthesizer: Synthesizer, text: str = "Hello", **wish: str) -> bytes:
    return b"".join([piece async for piece in synthesizer.synthesize(text, locale="en-US", **wish)])


def test_a_chain_needs_a_voice() -> None:
    with pytest.raises(ValueError, match="at least one voice"):
        SynthesizerChain([])


async def test_the_first_voice_speaks_while_it_can() -> None:
    first, second = ScriptedVoice(b"1", b"2"), ScriptedVoice(b"x")

    assert await spoken(chain(first, second), voice="nova") == b"12"
    assert (first.asked, second.asked) == ([("Hello", "nova")], [])


@pytest.mark.parametrize(
    "first", [(broken(),), (b"", broken()), (), (60.0, b"late")], ids=["refusal", "empty", "none", "slow"]
)
async def test_the_next_voice_speaks_when_one_gives_no_audio(first: tuple[Step, ...]) -> None:
    broken_voice, second = ScriptedVoice(*first), ScriptedVoice(b"x")

    assert await spoken(chain(broken_voice, second), voice="nova") == b"x"
    assert second.asked == [("Hello", None)]
    assert broken_voice.left == 1


async def test_a_slow_voice_is_left_after_a_patience_that_a_caller_has_too() -> None:
    await spoken(chain(ScriptedVoice(60.0), ScriptedVoice(b"x")))

    assert anyio.current_time() == pytest.approx(3)


async def test_the_last_voice_may_take_as_long_as_it_says_itself() -> None:
    assert await spoken(chain(ScriptedVoice(broken()), ScriptedVoice(20.0, b"x"))) == b"x"


async def test_one_warning_tells_the_whole_chain(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        await spoken(chain(ScriptedVoice(broken()), ScriptedVoice(4.0), ScriptedVoice(b"x")), "Secret words")

    assert [record.getMessage() for record in caplog.records] == [
        "third speaks instead: Speech synthesis by first failed: out of order; second gave no audio within 3 s"
    ]


async def test_when_no_voice_speaks_the_error_names_all_reasons() -> None:
    with pytest.raises(SynthesisError, match=r"by first, second failed: .*out of order; .*it gave no audio"):
        await spoken(chain(ScriptedVoice(broken()), ScriptedVoice()))


async def test_what_breaks_in_the_middle_is_not_repeated_in_another_voice() -> None:
    second = ScriptedVoice(b"x")
    pieces = chain(ScriptedVoice(b"1", broken()), second).synthesize("Hello", locale="en-US")

    first = await anext(pieces)
    with pytest.raises(SynthesisError, match="broke off in the middle, and the rest is not repeated"):
        await anext(pieces)

    assert (first, second.asked) == (b"1", [])


async def test_a_broken_voice_is_passed_over_and_tried_again_after_a_while() -> None:
    first, second = ScriptedVoice(broken()), ScriptedVoice(b"x")
    voices = chain(first, second)
    await spoken(voices)
    await spoken(voices)
    tried = len(first.asked)

    first.steps = (b"1",)
    await anyio.sleep(6)

    assert (tried, voices.working) == (1, ("second",))
    assert await spoken(voices) == b"1"
    assert voices.working == ("first", "second")


async def test_a_voice_that_needs_a_person_is_left_alone_for_longer() -> None:
    first = ScriptedVoice(broken(Fault.ACCOUNT))
    voices = chain(first, ScriptedVoice(b"x"))
    await spoken(voices)

    await anyio.sleep(30)
    await spoken(voices)
    early = len(first.asked)
    await anyio.sleep(31)
    await spoken(voices)

    assert (early, len(first.asked)) == (1, 2)


async def test_a_text_that_is_at_fault_says_nothing_about_the_voice() -> None:
    first = ScriptedVoice(broken(Fault.REQUEST))
    voices = chain(first, ScriptedVoice(b"x"))

    await spoken(voices)
    await spoken(voices)

    assert (len(first.asked), voices.working) == (2, ("first", "second"))


async def test_one_text_at_a_time_tries_a_voice_that_may_be_well_again() -> None:
    first = ScriptedVoice(broken())
    voices = chain(first, ScriptedVoice(b"x"))
    await spoken(voices)
    await anyio.sleep(6)
    first.steps = (1.0, b"1")

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(spoken, voices)

    assert len(first.asked) == 2


async def test_when_all_voices_are_broken_each_is_tried_all_the_same() -> None:
    first, second = ScriptedVoice(broken()), ScriptedVoice(broken(name="second"))
    voices = chain(first, second)
    with pytest.raises(SynthesisError):
        await spoken(voices)

    second.steps = (b"x",)

    assert await spoken(voices) == b"x"
    assert len(first.asked) == 2


async def test_a_barge_in_counts_as_no_failure() -> None:
    first = ScriptedVoice(1.0, b"1", 1.0, b"2")
    voices = chain(first, ScriptedVoice(b"x"))

    with anyio.move_on_after(0.5):
        await spoken(voices)
    with anyio.move_on_after(1.5):
        await spoken(voices)
    async with aclosing(cast("AsyncGenerator[bytes]", voices.synthesize("Hi", locale="en-US"))) as pieces:
        await anext(pieces)

    assert (voices.working, first.left) == (("first", "second"), 3)


async def test_an_abandoned_trial_lets_the_next_text_try() -> None:
    first = ScriptedVoice(broken())
    voices = chain(first, ScriptedVoice(b"x"))
    await spoken(voices)
    await anyio.sleep(6)
    first.steps = (1.0, b"1")

    with anyio.move_on_after(0.5):
        await spoken(voices)

    assert await spoken(voices) == b"1"


async def test_a_blank_text_is_nobodys_failure() -> None:
    voices = chain(ScriptedVoice(broken()))

    assert await spoken(voices, "  ") == b""
    assert voices.working == ("first",)


async def test_a_breaker_stays_open_longer_with_each_failure_up_to_five_minutes() -> None:
    breaker = Breaker()
    early: list[bool] = []
    late: list[bool] = []

    for seconds in (5, 10, 20, 40, 80, 160, 300, 300):
        breaker.begin()
        breaker.failed(Fault.PASSING)
        await anyio.sleep(seconds - 1)
        early.append(breaker.is_ready)
        await anyio.sleep(1)
        late.append(breaker.is_ready)

    assert (any(early), all(late)) == (False, True)


async def test_failures_at_the_same_time_count_as_one() -> None:
    breaker = Breaker()

    for _ in range(10):
        breaker.failed(Fault.PASSING)
    await anyio.sleep(5)

    assert breaker.is_ready

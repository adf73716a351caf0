"""The callee plays its script when it has heard us out; its speech is a steady stream of frames in real time."""

from itertools import pairwise

import anyio
import pytest
from support.mock_network import LOUD, DeskLine, MockNetwork, dial_request, mock_network

from voice_adapters.carriers.mock import HangUp, Interrupt, MockScript, Press, Say, Step
from voice_domain.identity import CarrierCallId
from voice_domain.inputs import KeysPressed, LineEnded
from voice_domain.ports.transcriber import Words

pytestmark = pytest.mark.anyio

# The callee answers at 0.6; an opening of 100 frames lasts until 2.6 in the loop's time.
ANSWER = 0.6


def script(*steps: Step, realtime: bool = True, patience_ms: int = 20_000) -> MockScript:
    return MockScript(steps=steps, realtime=realtime, patience_ms=patience_ms)


async def called(network: MockNetwork, *, opening_frames: int = 100) -> DeskLine:
    """Dial, and speak the opening as soon as there is audio."""
    await network.carrier.dial(dial_request(opening="Hello." if opening_frames else ""))
    line = await network.desk.line()
    if opening_frames:
        line.say(opening_frames, "opening")
    return line


async def test_the_first_step_counts_from_the_moment_the_opening_was_heard_out() -> None:
    async with mock_network(script(Say("abcde", after_ms=300))) as network:
        line = await called(network)
        await anyio.sleep(10)

    assert line.voiced[0] == pytest.approx(2.9, abs=0.021)
    assert len(line.voiced) == 5


async def test_with_nothing_to_hear_the_first_step_counts_from_the_answer() -> None:
    async with mock_network(script(Say("abc", after_ms=300))) as network:
        line = await called(network, opening_frames=0)
        await anyio.sleep(5)

    assert line.voiced[0] == pytest.approx(ANSWER + 0.3, abs=0.021)


async def test_a_step_after_its_own_words_waits_for_our_answer_to_be_heard_out() -> None:
    async with mock_network(script(Say("abcde"), Say("fgh", after_ms=100))) as network:
        line = await called(network)
        await anyio.sleep(5)
        said_before_our_answer = len(line.voiced)
        answered_at = anyio.current_time()
        line.say(50, "answer")
        await anyio.sleep(5)

    assert said_before_our_answer == 5
    assert line.voiced[5] == pytest.approx(answered_at + 1.1, abs=0.021)


async def test_a_breath_between_our_sentences_is_not_the_end_of_our_speech() -> None:
    async with mock_network(script(Say("abc", after_ms=500))) as network:
        line = await called(network)
        await anyio.sleep(2.3)
        line.say(100, "second sentence")
        await anyio.sleep(5)

    assert line.voiced[0] == pytest.approx(ANSWER + 2.3 + 2 + 0.5, abs=0.021)


async def test_keys_are_told_and_need_no_answer() -> None:
    async with mock_network(script(Press("12#", after_ms=200), HangUp(after_ms=300))) as network:
        await called(network)
        pressed_at, pressed = await network.desk.first(KeysPressed)
        ended_at, _ = await network.desk.first(LineEnded)

    assert pressed.digits == "12#"
    assert [pressed_at, ended_at] == pytest.approx([2.8, 3.1])


async def test_an_interruption_comes_while_we_speak() -> None:
    async with mock_network(script(Interrupt("abcde", after_ms=500))) as network:
        line = await called(network)
        await anyio.sleep(5)

    assert line.voiced[0] == pytest.approx(ANSWER + 0.5, abs=0.021)
    assert line.marks[0][0] == pytest.approx(2.6)


async def test_what_follows_an_interruption_waits_for_the_answer_to_it() -> None:
    async with mock_network(script(Interrupt("abcde", after_ms=500), HangUp())) as network:
        line = await called(network)
        await anyio.sleep(0.7)
        line.link.clear()
        await anyio.sleep(5)
        still_there = "LineEnded" not in network.desk.news
        answered_at = anyio.current_time()
        line.say(50, "answer")
        ended_at, _ = await network.desk.first(LineEnded)

    assert still_there
    assert ended_at == pytest.approx(answered_at + 1)


async def test_what_follows_an_interruption_that_did_not_stop_us_waits_until_we_were_heard_out() -> None:
    async with mock_network(script(Interrupt("abcde", after_ms=500), HangUp(after_ms=100))) as network:
        await called(network)
        ended_at, _ = await network.desk.first(LineEnded)

    assert ended_at == pytest.approx(2.7)


async def test_an_interruption_of_our_answer_counts_from_its_beginning() -> None:
    async with mock_network(script(Say("abc"), Interrupt("def", after_ms=200))) as network:
        line = await called(network)
        await anyio.sleep(5)
        answered_at = anyio.current_time()
        line.say(100, "answer")
        await anyio.sleep(5)

    assert line.voiced[3] == pytest.approx(answered_at + 0.2, abs=0.021)


async def test_our_mark_comes_back_before_the_callee_hangs_up_on_it() -> None:
    async with mock_network(script(HangUp())) as network:
        line = await called(network)
        ended_at, _ = await network.desk.first(LineEnded)

    assert [name for _, name in line.marks] == ["opening"]
    assert ended_at == pytest.approx(2.6)


async def test_a_callee_whom_nobody_answers_loses_patience_and_goes_on() -> None:
    async with mock_network(script(Say("abc"), HangUp(), patience_ms=7_000)) as network:
        line = await called(network)
        ended_at, _ = await network.desk.first(LineEnded)

    assert ended_at == pytest.approx(line.voiced[-1] + 7, abs=0.021)


async def test_whoever_wants_to_interrupt_us_without_being_owed_an_answer_waits_a_quarter_as_long() -> None:
    async with mock_network(script(Press("1"), Interrupt("abc", after_ms=100), patience_ms=8_000)) as network:
        line = await called(network)
        await anyio.sleep(30)

    assert line.voiced[0] == pytest.approx(2.6 + 2 + 0.1, abs=0.021)


async def test_after_its_script_the_callee_stays_on_the_line_and_is_silent() -> None:
    async with mock_network(script(Say("abc"))) as network:
        line = await called(network)
        await anyio.sleep(60)
        status = await network.carrier.look_up(CarrierCallId("mock-c1"))

    assert status.alive
    assert len(line.voiced) == 3


async def test_the_line_carries_a_frame_every_twenty_milliseconds_for_as_long_as_it_is_up() -> None:
    async with mock_network(script(Say("abcdefghij", after_ms=1_000))) as network:
        line = await called(network)
        await anyio.sleep(60)
    times = [at for at, _ in line.frames]
    gaps = [later - earlier for earlier, later in pairwise(times)]

    assert len(times) == pytest.approx(3_000, abs=2)
    assert max(gaps) == pytest.approx(0.02)


async def test_the_callees_words_are_transcribed_as_they_are_spoken() -> None:
    async with mock_network(script(Say("yes please"))) as network:
        line = await called(network)
        async with network.listening(line) as readings:
            await anyio.sleep(10)
    (half_at, half), (whole_at, whole) = readings

    assert (half, whole) == (Words("yes", final=False), Words("yes please", final=True))
    assert half_at == pytest.approx(line.voiced[4])
    assert whole_at == pytest.approx(line.voiced[-1] + 0.12)


async def test_a_callee_without_a_voice_is_understood_all_the_same() -> None:
    async with mock_network(script(Say("unspeakable"))) as network:
        line = await called(network)
        async with network.listening(line) as readings:
            await anyio.sleep(10)

    assert line.voiced == []
    assert readings[-1][1] == Words("unspeakable", final=True)


async def test_without_real_time_words_come_at_once_and_silence_does_not_come_at_all() -> None:
    async with mock_network(script(Say("one two", after_ms=300), HangUp(), realtime=False)) as network:
        line = await called(network)
        async with network.listening(line) as readings:
            await anyio.sleep(1)
        line.say(50, "answer")
        ended_at, _ = await network.desk.first(LineEnded)

    assert line.voiced == [pytest.approx(ANSWER + 0.3)] * 6
    assert len(line.frames) == 6
    assert [words for _, words in readings] == [Words("one two", final=True)]
    assert readings[0][0] == pytest.approx(ANSWER + 0.3)
    assert ended_at == pytest.approx(ANSWER + 1)


async def test_without_real_time_speech_that_we_pace_ourselves_is_heard_out_to_its_mark() -> None:
    async with mock_network(script(HangUp(), realtime=False)) as network:
        await network.carrier.dial(dial_request(opening="Hello."))
        line = await network.desk.line()
        began_at = anyio.current_time()
        for number in range(100):
            await anyio.sleep_until(began_at + number * 0.02)
            line.link.send_frame(LOUD)
        line.link.send_mark("end")
        finished_at = anyio.current_time()
        ended_at, _ = await network.desk.first(LineEnded)

    assert ended_at == pytest.approx(finished_at)


async def test_the_ear_keeps_what_it_heard_when_the_carrier_is_told_to() -> None:
    async with mock_network(script(HangUp()), memory_frames=1_000) as network:
        name = await network.carrier.dial(dial_request(opening="Hello."))
        (await network.desk.line()).say(20)
        await network.desk.first(LineEnded)
        leg = network.carrier.leg(name)

    assert leg is not None
    assert leg.link is not None
    assert len(leg.link.frames_heard) == 20


async def test_fifty_calls_at_once_keep_their_time() -> None:
    async with mock_network(script(Say("abcde", after_ms=300))) as network:
        for number in range(50):
            await network.carrier.dial(dial_request(str(number)))
        await anyio.sleep(2)
    lines = network.desk.lines.values()

    assert len(lines) == 50
    assert {len(line.voiced) for line in lines} == {5}
    assert max(line.voiced[0] for line in lines) == pytest.approx(0.9, abs=0.021)

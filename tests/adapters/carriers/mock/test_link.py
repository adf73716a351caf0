"""The callee's ear plays in real time, and says honestly what it has played."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from support.mock_network import LOUD, DeskLine

from voice_adapters.carriers.mock.link import BUFFER_FRAMES, MockLink

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def ear(*, realtime: bool = True, memory_frames: int = 0) -> AsyncIterator[tuple[MockLink, DeskLine]]:
    link = MockLink(realtime=realtime, memory_frames=memory_frames)
    line = DeskLine(link)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(link.run, line)
        await anyio.sleep(1)
        yield link, line
        link.close()


def rounded(marks: list[tuple[float, str]]) -> list[tuple[float, str]]:
    return [(round(at, 6), name) for at, name in marks]


async def test_a_mark_comes_back_when_everything_before_it_was_played() -> None:
    async with ear() as (_, line):
        line.say(50, "first")
        line.say(10, "second")
        await anyio.sleep(5)

    assert rounded(line.marks) == [(2.0, "first"), (2.2, "second")]


async def test_a_mark_behind_nothing_comes_back_at_once_but_not_before_it_was_sent() -> None:
    async with ear() as (link, line):
        link.send_mark("empty")
        before = list(line.marks)
        await anyio.sleep(0.1)

    assert before == []
    assert rounded(line.marks) == [(1.0, "empty")]


async def test_clear_drops_what_was_not_played_and_brings_its_marks_back_at_once() -> None:
    async with ear() as (link, line):
        line.say(50, "cut")
        await anyio.sleep(0.21)
        link.clear()
        marks, played, speaking = rounded(line.marks), link.played, link.speaking
        await anyio.sleep(5)

    assert marks == [(1.21, "cut")]
    assert (played, speaking) == (10, False)
    assert link.played == 10
    assert len(line.marks) == 1


async def test_what_follows_a_clear_is_played_at_once() -> None:
    async with ear() as (link, line):
        line.say(50, "cut")
        await anyio.sleep(0.2)
        link.clear()
        line.say(5, "after")
        await anyio.sleep(5)

    assert rounded(line.marks)[-1] == (1.3, "after")


async def test_frames_sent_ahead_are_played_one_after_the_other_without_drift() -> None:
    async with ear() as (link, line):
        for number in range(500):
            await anyio.sleep_until(1 + number * 0.02)
            link.send_frame(LOUD)
        link.send_mark("end")
        await anyio.sleep(1)

    assert rounded(line.marks) == [(11.0, "end")]
    assert link.played == 500


async def test_a_pause_in_what_is_sent_is_a_pause_in_what_is_heard() -> None:
    async with ear() as (link, line):
        line.say(5, "one")
        await anyio.sleep(1)
        line.say(5, "two")
        await anyio.sleep(1)

    assert rounded(line.marks) == [(1.1, "one"), (2.1, "two")]
    assert link.began_at == 2


async def test_the_ear_keeps_the_newest_frames_that_it_heard_when_asked_to() -> None:
    async with ear(memory_frames=3) as (link, _):
        for number in range(5):
            link.send_frame(bytes((number,)) * 160)
        await anyio.sleep(0.09)
        heard = link.played, [frame[0] for frame in link.frames_heard]

    assert heard == (4, [1, 2, 3])


async def test_a_flood_is_dropped_and_counted() -> None:
    async with ear() as (link, line):
        line.say(BUFFER_FRAMES + 7, "end")
        await anyio.sleep(61)

    assert link.dropped == 7
    assert link.played == BUFFER_FRAMES
    assert rounded(line.marks) == [(61.0, "end")]


async def test_a_flood_of_marks_is_dropped_and_counted() -> None:
    async with ear() as (link, _):
        for number in range(BUFFER_FRAMES + 1):
            link.send_mark(str(number))

    assert link.dropped == 1


async def test_a_frame_of_another_size_is_refused() -> None:
    async with ear() as (link, _):
        with pytest.raises(ValueError, match="a frame is 160 bytes of µ-law, not 159"):
            link.send_frame(b"\xff" * 159)


async def test_a_closed_link_plays_nothing_and_calls_nobody() -> None:
    async with ear() as (link, line):
        line.say(5, "lost")
        link.close()
        link.close()
        line.say(5, "late")
        await anyio.sleep(1)

    assert line.marks == []
    assert link.played == 0


async def test_without_real_time_frames_are_played_and_marked_as_they_come() -> None:
    async with ear(realtime=False, memory_frames=2) as (link, line):
        line.say(50, "end")
        played = link.played
        await anyio.sleep(0.001)

    assert played == 50
    assert rounded(line.marks) == [(1.0, "end")]
    assert list(link.frames_heard) == [LOUD, LOUD]


async def test_without_real_time_a_mark_says_that_we_have_finished() -> None:
    async with ear(realtime=False) as (link, line):
        link.send_frame(LOUD)
        during = link.speaking
        line.say(1, "end")
        after = link.speaking

    assert (during, after) == (True, False)


async def test_whoever_waits_is_told_when_we_begin_and_when_we_have_finished() -> None:
    times: list[float] = []

    async def wait(link: MockLink) -> None:
        await link.speech_begins(beyond=0, within_seconds=60)
        times.append(anyio.current_time())
        await link.speech_ends()
        times.append(anyio.current_time())

    async with ear() as (link, line), anyio.create_task_group() as tasks:
        tasks.start_soon(wait, link)
        await anyio.sleep(2)
        line.say(50, "end")
        await anyio.sleep(0.5)
        line.say(50, "more")
        await anyio.sleep(3)

    assert [round(at, 6) for at in times] == [3.0, 5.0]


async def test_whoever_waits_for_us_to_begin_gives_up_in_time() -> None:
    async with ear() as (link, _):
        await link.speech_begins(beyond=0, within_seconds=7)
        gave_up_at = anyio.current_time()

    assert gave_up_at == 8


async def test_whoever_waits_for_the_end_is_told_of_a_clear() -> None:
    async with ear() as (link, line), anyio.create_task_group() as tasks:
        line.say(500, "cut")

        async def cut() -> None:
            await anyio.sleep(0.5)
            link.clear()

        tasks.start_soon(cut)
        await link.speech_ends()
        ended_at = anyio.current_time()

    assert ended_at == 1.5

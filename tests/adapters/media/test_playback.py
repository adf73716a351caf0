"""What the counterpart hears, and what we say that it heard."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable

import anyio
import pytest

from voice_adapters.media.pacer import FRAME_SECONDS, Pacer
from voice_adapters.media.playback import PLAYBACK_LIMIT, Playback
from voice_domain.effects import Play
from voice_domain.identity import SpeechId
from voice_domain.inputs import CallInput, HangUpRequested, PartFailed, PartHeard, PartStarted
from voice_domain.ports.media import MediaLink
from voice_domain.ports.synthesizer import SynthesisError, Synthesizer
from voice_domain.vocabulary import EndReason

pytestmark = pytest.mark.anyio


class Ear(MediaLink):
    """A far end that plays in real time and echoes marks, as carriers do."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, bytes]] = []
        self.closed = False
        self.silent_since: float | None = None
        self.echo: Callable[[str], None] = lambda _: None
        self._queue: list[bytes | str] = []
        self._arrived = anyio.Event()

    @property
    def silent_seconds(self) -> float:
        return 0.0 if self.silent_since is None else anyio.current_time() - self.silent_since

    def send_frame(self, payload: bytes) -> None:
        self._queue.append(payload)
        self._arrived.set()

    def send_mark(self, name: str) -> None:
        self._queue.append(name)
        self._arrived.set()

    def clear(self) -> None:
        marks = [entry for entry in self._queue if isinstance(entry, str)]
        self._queue.clear()
        for name in marks:
            self.echo(name)

    def close(self) -> None:
        self.closed = True

    async def run(self) -> None:
        while True:
            while not self._queue:
                self._arrived = anyio.Event()
                await self._arrived.wait()
            entry = self._queue.pop(0)
            if isinstance(entry, str):
                self.echo(entry)
                continue
            self.heard.append((anyio.current_time(), entry))
            await anyio.sleep(FRAME_SECONDS)


class Letters(Synthesizer):
    """Gives ten frames a letter, each filled with the letter, so that what was heard can be read."""

    def __init__(self, pause_seconds: float = 0.0) -> None:
        self.pause_seconds = pause_seconds

    async def synthesize(self, text: str, *, locale: str, voice: str | None = None) -> AsyncIterator[bytes]:
        if text == "broken":
            raise SynthesisError("letters", "no voice")
        for letter in text:
            await anyio.sleep(self.pause_seconds)
            yield letter.encode() * 1600


class Idle:
    def first_byte(self, speech_id: SpeechId, part: int) -> None: ...

    def first_frame(self, speech_id: SpeechId, part: int) -> None: ...


class Desk:
    """A playback with its pacer, an ear, and the reports that it gave."""

    def __init__(self, synthesizer: Synthesizer | None = None) -> None:
        self.reports: list[CallInput] = []
        self.pacer = Pacer()
        self.ear = Ear()
        self.playback = Playback(
            synthesizer or Letters(), self.pacer, report=self.reports.append, moments=Idle()
        )
        self.ear.echo = self.playback.mark_played

    async def run(self) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.pacer.run)
            tasks.start_soon(self.ear.run)
            tasks.start_soon(self.playback.run)

    def say(self, text: str, name: str = "a", part: int = 0) -> None:
        self.playback.play(Play(SpeechId(name), part, text, "en-US", interruptible=True))

    @property
    def text_heard(self) -> str:
        return "".join(chr(frame[0]) for _, frame in self.ear.heard)


async def _running(desk: Desk, script: Callable[[], Awaitable[None]], seconds: float) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(desk.run)
        await script()
        await anyio.sleep(seconds)
        tasks.cancel_scope.cancel()


async def test_parts_are_heard_in_order_without_a_gap() -> None:
    desk = Desk()

    async def script() -> None:
        desk.playback.attach(desk.ear)
        desk.say("abc")
        desk.say("de", part=1)

    await _running(desk, script, 3)

    assert desk.text_heard == "a" * 10 + "b" * 10 + "c" * 10 + "d" * 10 + "e" * 10
    times = [at for at, _ in desk.ear.heard]
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) < 0.021
    speech = SpeechId("a")
    assert desk.reports == [
        PartStarted(speech, 0),
        PartStarted(speech, 1),
        PartHeard(speech, 0, "abc"),
        PartHeard(speech, 1, "de"),
    ] or desk.reports == [
        PartStarted(speech, 0),
        PartHeard(speech, 0, "abc"),
        PartStarted(speech, 1),
        PartHeard(speech, 1, "de"),
    ]


async def test_the_first_frame_leaves_within_a_frame_of_the_first_audio() -> None:
    desk = Desk()
    began = 0.0

    async def script() -> None:
        nonlocal began
        desk.playback.attach(desk.ear)
        await anyio.sleep(0.1)
        began = anyio.current_time()
        desk.say("a")

    await _running(desk, script, 1)

    assert desk.ear.heard[0][0] - began < FRAME_SECONDS + 0.001


async def test_cleared_speech_is_reported_as_far_as_the_ear_heard_it() -> None:
    desk = Desk()

    async def script() -> None:
        desk.playback.attach(desk.ear)
        desk.say("abcdefghij")
        desk.say("never", name="b")
        await anyio.sleep(1.0)
        desk.playback.clear()

    await _running(desk, script, 2)

    heard = len(desk.ear.heard)
    assert 48 <= heard <= 51
    assert desk.reports[1:] == [
        PartHeard(SpeechId("a"), 0, "abcde"),
        PartHeard(SpeechId("b"), 0, ""),
    ]


async def test_a_pause_is_silent_at_once_and_nothing_is_lost_or_said_twice() -> None:
    desk = Desk()
    paused_at = 0.0

    async def script() -> None:
        nonlocal paused_at
        desk.playback.attach(desk.ear)
        desk.say("abcdef")
        await anyio.sleep(0.5)
        desk.playback.pause()
        paused_at = anyio.current_time()
        await anyio.sleep(0.7)
        desk.playback.resume()

    await _running(desk, script, 3)

    silent = [at for at, _ in desk.ear.heard if paused_at + FRAME_SECONDS < at < paused_at + 0.69]
    assert silent == []
    assert 59 <= len(desk.ear.heard) <= 61
    assert [type(report) for report in desk.reports] == [PartStarted, PartStarted, PartHeard]
    assert desk.reports[-1] == PartHeard(SpeechId("a"), 0, "abcdef")


async def test_a_part_that_cannot_be_spoken_fails_and_the_next_is_said() -> None:
    desk = Desk()

    async def script() -> None:
        desk.playback.attach(desk.ear)
        desk.say("broken")
        desk.say("ok", name="b")

    await _running(desk, script, 2)

    failed, *rest = desk.reports
    assert isinstance(failed, PartFailed)
    assert "no voice" in failed.error
    assert rest[-1] == PartHeard(SpeechId("b"), 0, "ok")


async def test_a_slow_synthesizer_makes_pauses_but_loses_nothing() -> None:
    desk = Desk(Letters(pause_seconds=0.5))

    async def script() -> None:
        desk.playback.attach(desk.ear)
        desk.say("abc")

    await _running(desk, script, 4)

    assert desk.text_heard == "a" * 10 + "b" * 10 + "c" * 10
    assert desk.reports[-1] == PartHeard(SpeechId("a"), 0, "abc")


async def test_a_silent_synthesizer_is_given_up() -> None:
    desk = Desk(Letters(pause_seconds=60))

    async def script() -> None:
        desk.playback.attach(desk.ear)
        desk.say("a")

    await _running(desk, script, 10)

    (failed,) = desk.reports
    assert isinstance(failed, PartFailed)
    assert "8 s" in failed.error


async def test_speech_waits_for_a_link_but_not_for_ever() -> None:
    desk = Desk()

    async def script() -> None:
        desk.say("a")

    await _running(desk, script, 11)

    (failed,) = desk.reports
    assert isinstance(failed, PartFailed)
    assert "no media stream" in failed.error


async def test_a_new_link_hears_what_the_old_one_had_not_played() -> None:
    desk = Desk()
    newer = Ear()
    newer.echo = desk.playback.mark_played

    async def script() -> None:
        desk.playback.attach(desk.ear)
        desk.say("abcdef")
        await anyio.sleep(0.6)
        desk.playback.detach()
        await anyio.sleep(1)
        desk.playback.attach(newer)
        await newer.run()

    with anyio.move_on_after(5):
        await _running(desk, script, 1)

    both = desk.text_heard + "".join(chr(frame[0]) for _, frame in newer.heard)
    assert 59 <= len(both) <= 61
    assert desk.reports[-1] == PartHeard(SpeechId("a"), 0, "abcdef")


async def test_a_mark_that_never_comes_back_counts_as_played_two_seconds_late() -> None:
    desk = Desk()
    desk.ear.echo = lambda _: None

    async def script() -> None:
        desk.playback.attach(desk.ear)
        desk.say("a")

    await _running(desk, script, 2.0)
    assert desk.reports == [PartStarted(SpeechId("a"), 0)]

    desk = Desk()
    desk.ear.echo = lambda _: None
    await _running(desk, script, 2.5)
    assert desk.reports[-1] == PartHeard(SpeechId("a"), 0, "a")


async def test_what_a_far_end_that_fell_silent_may_not_have_played_is_not_counted() -> None:
    desk = Desk()
    desk.ear.echo = lambda _: None

    async def script() -> None:
        desk.playback.attach(desk.ear)
        desk.say("abcdefgh")
        await anyio.sleep(0.5)
        desk.ear.silent_since = anyio.current_time()
        await anyio.sleep(10)
        assert not any(isinstance(report, PartHeard) for report in desk.reports)
        desk.playback.clear()

    await _running(desk, script, 0.1)

    assert desk.reports[-1] == PartHeard(SpeechId("a"), 0, "ab")


async def test_a_far_end_that_was_only_late_has_heard_everything() -> None:
    desk = Desk()
    desk.ear.echo = lambda _: None

    async def script() -> None:
        desk.playback.attach(desk.ear)
        desk.say("abcdefgh")
        await anyio.sleep(0.5)
        desk.ear.silent_since = anyio.current_time()
        await anyio.sleep(0.8)
        desk.ear.silent_since = None

    await _running(desk, script, 4)

    assert desk.reports[-1] == PartHeard(SpeechId("a"), 0, "abcdefgh")


async def test_a_flood_of_parts_is_refused_beyond_the_limit() -> None:
    desk = Desk()

    async def script() -> None:
        for part in range(PLAYBACK_LIMIT + 1):
            desk.say("a", part=part)

    await _running(desk, script, 0.1)

    (failed,) = desk.reports
    assert isinstance(failed, PartFailed)
    assert "too much" in failed.error


async def test_clearing_twice_or_an_empty_queue_reports_nothing_more() -> None:
    desk = Desk()

    async def script() -> None:
        desk.playback.clear()
        desk.playback.attach(desk.ear)
        desk.say("abc")
        await anyio.sleep(0.3)
        desk.playback.clear()
        desk.playback.clear()

    await _running(desk, script, 1)

    assert [type(report) for report in desk.reports] == [PartStarted, PartHeard]


async def test_a_link_that_comes_late_is_spoken_to_although_what_waited_for_it_was_given_up() -> None:
    desk = Desk()

    async def script() -> None:
        desk.say("a" * 100)
        await anyio.sleep(12)
        desk.playback.attach(desk.ear)
        desk.say("b", "later")

    await _running(desk, script, 5)

    assert [type(report) for report in desk.reports] == [PartFailed, PartStarted, PartHeard]
    assert desk.text_heard == "b" * 10


class Buggy(Synthesizer):
    """Breaks in the middle of whatever it says."""

    async def synthesize(self, text: str, *, locale: str, voice: str | None = None) -> AsyncIterator[bytes]:
        yield b"x" * 1600
        raise KeyError(text)


async def test_a_synthesizer_with_a_bug_fails_its_part_and_not_the_call() -> None:
    desk = Desk(Buggy())

    async def script() -> None:
        desk.playback.attach(desk.ear)
        desk.say("Hello")
        desk.say("again", "b")

    await _running(desk, script, 3)

    failures = [report for report in desk.reports if isinstance(report, PartFailed)]
    assert [failure.error for failure in failures] == ["the speech service broke: KeyError"] * 2


async def test_of_a_text_that_breaks_off_only_what_sounded_counts_as_heard() -> None:
    desk = Desk(Buggy())

    async def script() -> None:
        desk.playback.attach(desk.ear)
        desk.say("one two three four five six")

    await _running(desk, script, 3)

    failed = desk.reports[-1]
    assert isinstance(failed, PartFailed)
    assert failed.heard == "one"


class BrokenEar(Ear):
    """Takes ten frames and breaks."""

    def send_frame(self, payload: bytes) -> None:
        super().send_frame(payload)
        if len(self.heard) >= 10:
            raise OSError("no such stream")


async def test_a_link_that_breaks_asks_for_the_end_of_its_call() -> None:
    desk = Desk()
    desk.ear = BrokenEar()

    async def script() -> None:
        desk.playback.attach(desk.ear)
        desk.say("abc")

    await _running(desk, script, 3)

    assert HangUpRequested(EndReason.ERROR, "internal error: OSError") in desk.reports


async def test_a_part_that_is_foreseen_is_made_but_not_heard_until_it_is_ordered() -> None:
    desk = Desk(Letters(pause_seconds=0.5))
    order = Play(SpeechId("a"), 0, "ab", "en-US", interruptible=True)
    before = -1

    async def script() -> None:
        nonlocal before
        desk.playback.attach(desk.ear)
        desk.playback.foresee(order)
        await anyio.sleep(2)
        before = len(desk.ear.heard)
        desk.playback.play(order)

    await _running(desk, script, 1)

    assert before == 0
    assert desk.text_heard == "a" * 10 + "b" * 10
    assert desk.ear.heard[0][0] == pytest.approx(2, abs=0.001)
    assert desk.reports == [PartStarted(SpeechId("a"), 0), PartHeard(SpeechId("a"), 0, "ab")]


async def test_a_part_that_is_foreseen_and_forgotten_is_made_again_when_it_is_ordered() -> None:
    desk = Desk()
    order = Play(SpeechId("a"), 0, "ab", "en-US", interruptible=True)

    async def script() -> None:
        desk.playback.attach(desk.ear)
        desk.playback.foresee(order)
        desk.playback.forget()
        await anyio.sleep(1)
        desk.playback.play(order)

    await _running(desk, script, 1)

    assert desk.text_heard == "a" * 10 + "b" * 10


async def test_a_part_that_is_foreseen_and_cleared_is_made_again_when_it_is_ordered() -> None:
    desk = Desk()
    order = Play(SpeechId("b"), 0, "b", "en-US", interruptible=True)

    async def script() -> None:
        desk.playback.attach(desk.ear)
        desk.say("a")
        desk.playback.foresee(order)
        desk.playback.clear()
        desk.playback.play(order)

    await _running(desk, script, 1)

    assert desk.text_heard == "b" * 10


@pytest.mark.parametrize("marks", ["echoed", "lost"])
async def test_a_foreseen_part_does_not_make_up_for_the_silence_before_it(marks: str) -> None:
    desk = Desk()
    order = Play(SpeechId("b"), 0, "bcd", "en-US", interruptible=True)
    ahead: list[int] = []

    async def script() -> None:
        if marks == "lost":  # so that the first part is not over yet
            desk.ear.echo = lambda _: None
        desk.playback.attach(desk.ear)
        desk.say("a")
        desk.playback.foresee(order)
        await anyio.sleep(1.5)
        desk.playback.play(order)
        await anyio.sleep(0.05)
        ahead.append(len(desk.ear._queue))

    await _running(desk, script, 2)

    assert ahead[0] <= 5
    assert desk.text_heard == "a" * 10 + "b" * 10 + "c" * 10 + "d" * 10

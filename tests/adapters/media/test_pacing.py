"""One tick for all calls: a call that breaks stops nobody, and a frame that somebody waits for waits for no tick."""

from collections.abc import AsyncIterator

import anyio
import pytest

from voice_adapters.media.pacer import FRAME_SECONDS, Pacer
from voice_adapters.media.playback import Playback
from voice_domain.effects import Play
from voice_domain.identity import SpeechId
from voice_domain.inputs import CallInput, PartHeard
from voice_domain.ports.media import MediaLink
from voice_domain.ports.synthesizer import Synthesizer

pytestmark = pytest.mark.anyio


class Gaps(Synthesizer):
    """Gives 40 ms of audio for each letter, at moments that fit no tick, with a pause before each."""

    def __init__(self) -> None:
        self.gave: list[float] = []

    async def synthesize(self, text: str, *, locale: str, voice: str | None = None) -> AsyncIterator[bytes]:
        for _ in text:
            await anyio.sleep(0.513)
            self.gave.append(anyio.current_time())
            yield b"\x10" * 320


class Wire(MediaLink):
    """Plays at once whatever is sent, and remembers when it came."""

    def __init__(self, *, realtime: bool = True) -> None:
        self.sent: list[float] = []
        self.marks: list[str] = []
        self._realtime = realtime

    @property
    def realtime(self) -> bool:
        return self._realtime

    def send_frame(self, payload: bytes) -> None:
        self.sent.append(anyio.current_time())

    def send_mark(self, name: str) -> None:
        self.marks.append(name)

    def clear(self) -> None: ...

    def close(self) -> None: ...


class Idle:
    def first_byte(self, speech_id: SpeechId, part: int) -> None: ...

    def first_frame(self, speech_id: SpeechId, part: int) -> None: ...


async def _say(text: str, wire: Wire, synthesizer: Synthesizer, seconds: float) -> list[CallInput]:
    reports: list[CallInput] = []
    pacer = Pacer()
    playback = Playback(synthesizer, pacer, report=reports.append, moments=Idle())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pacer.run)
        tasks.start_soon(playback.run)
        playback.attach(wire)
        playback.play(Play(SpeechId("a"), 0, text, "en-US", interruptible=True))
        await anyio.sleep(seconds)
        for mark in wire.marks:
            playback.mark_played(mark)
        tasks.cancel_scope.cancel()
    return reports


async def test_audio_that_is_waited_for_leaves_in_the_moment_it_comes() -> None:
    synthesizer, wire = Gaps(), Wire()

    reports = await _say("abcd", wire, synthesizer, 3)

    assert len(wire.sent) == 8
    assert wire.sent[::2] == synthesizer.gave
    assert reports[-1] == PartHeard(SpeechId("a"), 0, "abcd")


async def test_a_link_that_plays_at_once_is_sent_everything_at_once() -> None:
    wire = Wire(realtime=False)

    await _say("ab", wire, Gaps(), 2)

    assert len(wire.sent) == 4


async def test_a_call_whose_sound_breaks_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    pacer = Pacer()
    beats: list[float] = []

    def broken(now: float) -> bool:
        raise KeyError("a fault of one call")

    def sound(now: float) -> bool:
        beats.append(now)
        return True

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pacer.run)
        pacer.add(broken)
        pacer.add(sound)
        await anyio.sleep(10 * FRAME_SECONDS)
        tasks.cancel_scope.cancel()

    assert len(beats) >= 10
    assert caplog.text.count("paced no more") == 1


async def test_ticks_keep_to_absolute_deadlines() -> None:
    pacer = Pacer()
    beats: list[float] = []

    def sound(now: float) -> bool:
        beats.append(now)
        return True

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pacer.run)
        pacer.add(sound)
        await anyio.sleep(20.001)
        tasks.cancel_scope.cancel()

    assert len(beats) == 1_001
    assert beats[-1] - beats[0] == pytest.approx(20.0, abs=1e-6)

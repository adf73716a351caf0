"""What is begun while the disk still works, and what has to wait for it."""

from collections.abc import AsyncIterator, Callable

import anyio
import pytest
from support.telephone import Mouth, World, answered, call_to

from voice_adapters.stores.memory import MemoryStore
from voice_domain.effects import Play
from voice_domain.events import CallEvent, UtteranceHeard
from voice_domain.identity import CallId
from voice_domain.inputs import CallInput, VoiceBegan, WordsHeard
from voice_domain.ports.event_store import OutboxItem, Ruling, StoreError
from voice_domain.ports.responder import ReplyRequest, Responder
from voice_domain.vocabulary import Speaker

pytestmark = pytest.mark.anyio


class SlowDisk(MemoryStore):
    """Takes a second for everything once it is slow, and refuses as often as it is told to."""

    slow = False
    refusals = 0

    async def append(
        self,
        call_id: CallId,
        events: tuple[CallEvent, ...],
        *,
        expected_version: int,
        outbox: tuple[OutboxItem, ...] = (),
        rulings: tuple[Ruling, ...] = (),
    ) -> int:
        if self.slow:
            await anyio.sleep(1)
        if self.refusals:
            self.refusals -= 1
            raise StoreError("disk full")
        return await super().append(
            call_id, events, expected_version=expected_version, outbox=outbox, rulings=rulings
        )


class Told(Mouth):
    """Notes when it was told what."""

    def __init__(self, report: Callable[[CallInput], None]) -> None:
        super().__init__(report)
        self.told: list[tuple[str, float]] = []

    def play(self, order: Play) -> None:
        self._note("play")
        super().play(order)

    def foresee(self, order: Play) -> None:
        self._note("foresee")

    def forget(self) -> None:
        self._note("forget")

    def pause(self) -> None:
        self._note("pause")

    def resume(self) -> None:
        self._note("resume")

    def _note(self, what: str) -> None:
        self.told.append((what, round(anyio.current_time(), 3)))


class Counting(Responder):
    """Numbers its answers, notes when it was asked, and cannot be stopped from thinking."""

    def __init__(self) -> None:
        self.asked_at: list[float] = []
        self.thinks_seconds = 0.0

    async def reply(self, request: ReplyRequest) -> AsyncIterator[str]:
        self.asked_at.append(round(anyio.current_time(), 3))
        number = len(self.asked_at)
        with anyio.CancelScope(shield=True):
            await anyio.sleep(self.thinks_seconds)
        yield f"Answer {number}."


class Scene:
    def __init__(self) -> None:
        self.disk = SlowDisk()
        self.responder = Counting()
        self.mouth: Told
        self.world = World(store=self.disk, responder=self.responder, mouth=self._mouth)
        self.call_id: CallId

    def _mouth(self, report: Callable[[CallInput], None]) -> Told:
        self.mouth = Told(report)
        return self.mouth

    async def begin(self, *, opening: str = "") -> None:
        """Let a call be up; from then on the disk is slow, and time counts from zero."""
        call = await self.world.calls.open(call_to(opening=opening))
        self.call_id = call.call_id
        await answered(self.world, call)
        await anyio.sleep(0.1)
        self.mouth.told.clear()
        self.disk.slow = True
        self.began_at = anyio.current_time()

    def hear(self, given: CallInput) -> None:
        self.world.calls._processes[self.call_id].post(given)

    def told(self, what: str) -> list[float]:
        return [round(at - self.began_at, 3) for each, at in self.mouth.told if each == what]

    @property
    def asked(self) -> list[float]:
        return [round(at - self.began_at, 3) for at in self.responder.asked_at]

    async def said(self) -> list[str]:
        call = self.world.calls.find(self.call_id)
        assert call is not None
        return [entry.text for entry in call.transcript if entry.speaker is Speaker.US]


async def test_the_responder_is_asked_and_the_answer_is_made_while_the_disk_works() -> None:
    scene = Scene()
    async with scene.world.running():
        await scene.begin()
        scene.hear(WordsHeard(scene.world.now_ms(), "Well", event_id="w"))
        await anyio.sleep(5)

    assert scene.asked == [0.0]
    assert scene.told("foresee") == [1.0]
    assert scene.told("play") == [2.0]


async def test_nothing_is_answered_before_the_question_is_kept() -> None:
    scene = Scene()
    async with scene.world.running():
        await scene.begin()
        scene.hear(WordsHeard(scene.world.now_ms(), "Well", event_id="w"))
        await anyio.sleep(0.9)
        kept = await scene.disk.load(scene.call_id)

        assert scene.asked == [0.0]
        assert not any(isinstance(event, UtteranceHeard) for event in kept)
        assert scene.mouth.told == []


@pytest.mark.parametrize("thinks_seconds", [0.0, 1.2])
async def test_an_answer_to_words_that_were_not_kept_is_dropped_and_made_again(thinks_seconds: float) -> None:
    scene = Scene()
    scene.responder.thinks_seconds = thinks_seconds
    async with scene.world.running():
        await scene.begin()
        scene.disk.refusals = 1
        scene.hear(WordsHeard(scene.world.now_ms(), "Well", event_id="w"))
        await anyio.sleep(12)
        said = await scene.said()

    assert len(scene.asked) == 2
    assert said == ["Answer 2."]


async def test_while_nothing_can_be_kept_nothing_is_begun_again_and_again() -> None:
    scene = Scene()
    async with scene.world.running():
        await scene.begin()
        scene.disk.refusals = 3
        scene.hear(WordsHeard(scene.world.now_ms(), "Well", event_id="w"))
        await anyio.sleep(12)

    assert len(scene.asked) == 2


async def test_we_fall_silent_for_a_voice_before_that_is_kept() -> None:
    scene = Scene()
    async with scene.world.running():
        await scene.begin(opening="A long opening that is being said.")
        scene.hear(VoiceBegan(scene.world.now_ms()))
        await anyio.sleep(0.5)

        assert scene.told("pause") == [0.0]


async def test_a_pause_that_could_not_be_kept_ends() -> None:
    scene = Scene()
    async with scene.world.running():
        await scene.begin(opening="A long opening that is being said.")
        scene.disk.refusals = 1
        scene.hear(VoiceBegan(scene.world.now_ms()))
        await anyio.sleep(1.2)

        assert scene.told("resume") == [1.0]

"""A part of a call that breaks: the leg is hung up, the slot is freed, the record says it, nobody waits for ever."""

from collections.abc import AsyncIterator

import anyio
import pytest
from support.telephone import Line, Mouth, World, answered, call_to, over

from voice_adapters.stores.memory import MemoryStore
from voice_domain.effects import Play
from voice_domain.errors import VoiceError
from voice_domain.events import CallEvent, Ended, WaiterOutcome
from voice_domain.identity import CallId, CarrierCallId, SpeechId, WaiterId
from voice_domain.inputs import (
    CallInput,
    ContinueRequested,
    DigitsRequested,
    HangUpRequested,
    LineAnswered,
    LineEnded,
    SpeakRequested,
    WordsHeard,
)
from voice_domain.ports.carrier import DialRequest, UnsupportedError
from voice_domain.ports.event_store import OutboxItem, Ruling, VersionConflictError
from voice_domain.ports.responder import ReplyRequest, Responder
from voice_domain.vocabulary import EndReason

pytestmark = pytest.mark.anyio


class BrokenVoice(Mouth):
    """Breaks in its own task, half a second after it was first needed."""

    async def run(self) -> None:
        await anyio.sleep(0.5)
        raise KeyError("no such phoneme")


class BrokenMouth(Mouth):
    """Breaks when it is told to say something."""

    def play(self, order: Play) -> None:
        raise KeyError(order.text)


class LateBreaker(Mouth):
    """Breaks while it is let go."""

    async def run(self) -> None:
        try:
            await super().run()
        finally:
            raise KeyError("already closed")


@pytest.mark.parametrize("mouth", [BrokenVoice, BrokenMouth])
async def test_a_voice_that_breaks_ends_its_call_truthfully(mouth: type[Mouth]) -> None:
    async with World(mouth=mouth, limit=1).running() as world:
        world.line.refusals_of_hang_up = 3
        async with world.calls.hub.subscribe() as updates:
            call = await world.calls.open(call_to())
            await answered(world, call)
            with anyio.fail_after(60):
                record = await over(world, call.call_id)
                heard = [type((await anext(updates)).event) async for _ in _as_many(record.version)]
        await world.calls.open(call_to())  # its slot is free

    assert record.end_reason is EndReason.ERROR
    assert "KeyError" in record.error
    assert heard.count(Ended) == 1
    assert world.asked("hang up") >= 4
    assert world.line.legs == set()
    assert await world.store.outstanding() == ()


async def _as_many(count: int) -> AsyncIterator[int]:
    for number in range(count):
        yield number


async def test_whoever_waits_in_a_call_that_breaks_is_told() -> None:
    async with World(mouth=BrokenVoice).running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        await world.calls.submit(call.call_id, ContinueRequested(SpeechId("s"), "Well?", WaiterId("w")))
        with anyio.fail_after(60):
            released = await world.calls.utterance(call.call_id, WaiterId("w"))

    assert released.outcome is WaiterOutcome.CALL_ENDED


async def test_a_voice_that_breaks_while_it_is_let_go_does_not_end_its_call_twice() -> None:
    async with World(mouth=LateBreaker).running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        await anyio.sleep(1)
        await world.calls.submit(call.call_id, LineEnded(world.now_ms(), EndReason.HANGUP_USER))
        record = await over(world, call.call_id)
        kept = await world.store.load(call.call_id)

    assert record.end_reason is EndReason.HANGUP_USER
    assert [type(event) for event in kept].count(Ended) == 1


async def test_an_input_that_makes_the_rules_stumble_ends_the_call_and_its_sender_hears_of_it() -> None:
    async with World().running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        senseless = WordsHeard(world.now_ms(), 12)  # type: ignore[arg-type]  # that is the point
        with pytest.raises(Exception, match="AttributeError"), anyio.fail_after(60):
            await world.calls.submit(call.call_id, senseless)
        record = await over(world, call.call_id)

    assert record.end_reason is EndReason.ERROR
    assert world.line.legs == set()


class Intruded(MemoryStore):
    """A store that another process writes to as well, at some time."""

    intruded = False

    async def append(
        self,
        call_id: CallId,
        events: tuple[CallEvent, ...],
        *,
        expected_version: int,
        outbox: tuple[OutboxItem, ...] = (),
        rulings: tuple[Ruling, ...] = (),
    ) -> int:
        if self.intruded:
            self.intruded = False
            raise VersionConflictError(call_id, expected_version, expected_version + 1)
        return await super().append(
            call_id, events, expected_version=expected_version, outbox=outbox, rulings=rulings
        )


async def test_a_store_that_another_process_writes_to_ends_the_call_and_nobody_waits_for_ever() -> None:
    store = Intruded()
    async with World(store=store).running() as world, world.calls.hub.subscribe() as updates:
        call = await world.calls.open(call_to())
        await answered(world, call)
        world.line.refusals_of_hang_up = 2
        store.intruded = True
        with pytest.raises(Exception, match=r"another process|stopped|broke"), anyio.fail_after(60):
            await world.calls.submit(call.call_id, SpeakRequested(SpeechId("s"), "More."))
        with anyio.fail_after(60):
            record = await over(world, call.call_id)
            while not isinstance((await anext(updates)).event, Ended):
                pass

    assert record.end_reason is EndReason.ERROR
    assert world.line.legs == set()
    assert await store.outstanding() == ()


class BuggyLine(Line):
    """A carrier with bugs of its own."""

    bugs_of_hang_up = 2

    async def dial(self, request: DialRequest) -> CarrierCallId:
        if str(request.callee).endswith("0404"):
            raise KeyError("sid")
        if str(request.callee).endswith("0405"):
            raise UnsupportedError("line", "calls to this country")
        return await super().dial(request)

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        if self.bugs_of_hang_up:
            self.bugs_of_hang_up -= 1
            raise KeyError("status")
        await super().hang_up(carrier_call_id)


@pytest.mark.parametrize("number", ["+15550000404", "+15550000405"])
async def test_a_carrier_with_a_bug_in_its_dial_leaves_a_failed_call(number: str) -> None:
    async with World(line=BuggyLine(), limit=1).running() as world:
        decision = call_to(number)
        with pytest.raises(Exception, match=r"KeyError|not support"), anyio.fail_after(5):
            await world.calls.open(decision)
        with anyio.fail_after(5):
            record = await over(world, decision.call.call_id)
        await world.calls.open(call_to())

    assert record.end_reason is EndReason.FAILED


async def test_a_carrier_with_a_bug_in_its_hang_up_is_asked_again() -> None:
    async with World(line=BuggyLine()).running() as world:
        call = await world.calls.open(call_to())
        await world.calls.submit(call.call_id, LineAnswered(world.now_ms(), "a"))
        with pytest.raises(Exception, match="KeyError"):
            await world.calls.submit(call.call_id, HangUpRequested())
        with anyio.fail_after(60):
            record = await over(world, call.call_id)

    assert record.end_reason is EndReason.HANGUP_BOT
    assert world.line.legs == set()


async def test_a_hang_up_is_not_repeated_once_the_carrier_has_told_the_end() -> None:
    async with World(limit=1).running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        world.line.refusals_of_hang_up = 1_000_000
        with pytest.raises(Exception, match="try again"):
            await world.calls.submit(call.call_id, HangUpRequested())
        await world.calls.submit(call.call_id, LineEnded(world.now_ms(), EndReason.HANGUP_USER))
        with anyio.fail_after(60):
            record = await over(world, call.call_id)
            await world.calls.open(call_to())  # its slot is free
        world.line.refusals_of_hang_up = 0

    assert record.end_reason is EndReason.HANGUP_BOT


class Stubborn(Responder):
    """A responder that does not let itself be cancelled for an hour."""

    async def reply(self, request: ReplyRequest) -> AsyncIterator[str]:
        with anyio.CancelScope(shield=True):
            await anyio.sleep(3_600)
        yield "At last."


async def test_a_responder_that_cannot_be_cancelled_keeps_no_slot() -> None:
    async with World(responder=Stubborn(), limit=1).running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        await world.calls.submit(call.call_id, WordsHeard(world.now_ms(), "Hello?"))
        await anyio.sleep(1)
        await world.calls.submit(call.call_id, HangUpRequested())
        with anyio.fail_after(5):
            await over(world, call.call_id)
            await world.calls.open(call_to())


class DeafLine(Line):
    """A carrier that does not answer when it is to press keys or hang up."""

    async def send_digits(self, carrier_call_id: CarrierCallId, digits: str) -> None:
        await anyio.sleep_forever()

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        await anyio.sleep_forever()


@pytest.mark.parametrize("given", [DigitsRequested("1"), HangUpRequested()])
async def test_what_a_carrier_does_not_answer_is_given_up_when_the_call_is_over(given: CallInput) -> None:
    async with World(line=DeafLine(), limit=1).running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        outcome: list[str] = []

        async def ask() -> None:
            try:
                outcome.append((await world.calls.submit(call.call_id, given)).word)
            except VoiceError as error:
                outcome.append(type(error).__name__)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            await anyio.sleep(1)
            await world.calls.submit(call.call_id, LineEnded(world.now_ms(), EndReason.HANGUP_USER))
            await anyio.sleep(0.1)
            assert world.calls.find(call.call_id) is None
        assert await world.store.outstanding() == ()

    assert outcome == ["CallEndedError" if isinstance(given, DigitsRequested) else "hangup-bot"]

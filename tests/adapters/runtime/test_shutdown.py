"""Stopping in the middle of things: no leg is left, nobody waits for ever, the record is true."""

import anyio
import pytest
from support.telephone import World, answered, call_to, over

from voice_adapters.stores.memory import MemoryStore
from voice_domain.call import Call
from voice_domain.decide import Decision
from voice_domain.effects import HangUp
from voice_domain.errors import VoiceError
from voice_domain.events import CallEvent
from voice_domain.evolve import fold
from voice_domain.identity import CallId, SpeechId
from voice_domain.inputs import HangUpRequested, SpeakRequested
from voice_domain.ports.carrier import CarrierError
from voice_domain.ports.event_store import OutboxItem, Ruling
from voice_domain.ports.switchboard import UnavailableError
from voice_domain.vocabulary import EndReason

pytestmark = pytest.mark.anyio


class Slow(MemoryStore):
    """A store that takes its time."""

    append_seconds = 0.0

    async def append(
        self,
        call_id: CallId,
        events: tuple[CallEvent, ...],
        *,
        expected_version: int,
        outbox: tuple[OutboxItem, ...] = (),
        rulings: tuple[Ruling, ...] = (),
    ) -> int:
        await anyio.sleep(self.append_seconds)
        return await super().append(
            call_id, events, expected_version=expected_version, outbox=outbox, rulings=rulings
        )


async def _outcome(results: list[object], world: World, decision: Decision) -> None:
    try:
        results.append(await world.calls.open(decision))
    except VoiceError as error:
        results.append(error)


async def test_a_call_that_begins_while_we_stop_is_hung_up() -> None:
    store, results = Slow(), list[object]()
    decision = call_to()
    async with anyio.create_task_group() as tasks, World(store=store).running() as world:
        store.append_seconds = 1
        tasks.start_soon(_outcome, results, world, decision)
        await anyio.sleep(0.5)

    record = fold(await store.load(decision.call.call_id))
    assert record.end_reason is EndReason.HANGUP_BOT
    assert world.line.legs == set()
    assert await store.outstanding() == ()
    assert len(results) == 1


async def test_a_dial_that_takes_long_is_waited_for_and_hung_up() -> None:
    results = list[object]()
    decision = call_to()
    async with anyio.create_task_group() as tasks, World().running() as world:
        world.line.dial_seconds = 25
        tasks.start_soon(_outcome, results, world, decision)
        await anyio.sleep(1)

    record = fold(await world.store.load(decision.call.call_id))
    assert record.end_reason is EndReason.HANGUP_BOT
    assert world.line.legs == set()
    assert world.asked("hang up") == 1
    assert isinstance(results[0], Call)


async def test_whoever_waits_for_a_store_that_is_stuck_is_told_when_we_stop() -> None:
    store = Slow()
    results = list[object]()
    async with anyio.create_task_group() as tasks, World(store=store).running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        store.append_seconds = 1_000_000

        async def speak() -> None:
            try:
                await world.calls.submit(call.call_id, SpeakRequested(SpeechId("s"), "More."))
            except VoiceError as error:
                results.append(error)

        tasks.start_soon(speak)
        await anyio.sleep(1)

    assert isinstance(results[0], UnavailableError)


async def test_a_dial_that_is_cut_off_is_not_called_a_success() -> None:
    results = list[object]()
    async with anyio.create_task_group() as tasks, World().running() as world:
        world.line.dial_seconds = 1_000_000
        tasks.start_soon(_outcome, results, world, call_to())
        await anyio.sleep(1)

    assert isinstance(results[0], VoiceError)


async def test_two_drains_at_once_both_end_when_the_last_call_does() -> None:
    async with World().running() as world:
        call = await world.calls.open(call_to(opening="Hi."))
        await answered(world, call)
        began = anyio.current_time()
        async with anyio.create_task_group() as tasks:
            for _ in range(2):

                async def drain() -> None:
                    await world.calls.drain(seconds=600)

                tasks.start_soon(drain)
            await anyio.sleep(5)
            await world.calls.submit(call.call_id, HangUpRequested())

        assert anyio.current_time() - began < 6


async def test_a_hang_up_that_rests_is_tried_again_at_once_when_we_stop_or_somebody_asks_again() -> None:
    async with World().running() as world:
        first, second = await world.calls.open(call_to()), await world.calls.open(call_to())
        for call in (first, second):
            await answered(world, call)
        world.line.refusals_of_hang_up = 1_000_000
        for call in (first, second):
            with pytest.raises(CarrierError):
                await world.calls.submit(call.call_id, HangUpRequested())
        await anyio.sleep(100)  # the pauses are long by now
        world.line.refusals_of_hang_up = 0
        began = anyio.current_time()
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(world.calls.submit, first.call_id, HangUpRequested())
        await over(world, first.call_id)
        assert anyio.current_time() - began < 1

    assert anyio.current_time() - began < 2
    assert world.line.legs == set()


async def test_a_carrier_that_confirms_no_hang_up_keeps_us_for_fifteen_seconds_at_most() -> None:
    store = MemoryStore()
    async with World(store=store).running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        world.line.refusals_of_hang_up = 1_000_000
        began = anyio.current_time()
        await world.calls.drain(seconds=0)

        assert anyio.current_time() - began == pytest.approx(15)

    assert anyio.current_time() - began == pytest.approx(15)
    (owed,) = await store.outstanding()
    assert isinstance(owed.effect, HangUp)
    assert await store.unfinished() == (call.call_id,)

"""Calls while the store is slow, full, or comes and goes."""

import anyio
import pytest
from support.telephone import World, answered, call_to, over

from voice_adapters.stores.memory import MemoryStore
from voice_domain.events import CallEvent
from voice_domain.identity import CallId, SpeechId, WaiterId
from voice_domain.inputs import (
    ContinueRequested,
    HangUpRequested,
    KeysPressed,
    LineAnswered,
    LineRang,
    WordsHeard,
)
from voice_domain.ports.event_store import OutboxItem, Ruling, StoreError
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import EndReason

pytestmark = pytest.mark.anyio


class Moody(MemoryStore):
    """A store that refuses or waits as long as it is told to."""

    refuses = False
    refuses_to_settle = 0
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
        if self.refuses:
            raise StoreError("disk full")
        return await super().append(
            call_id, events, expected_version=expected_version, outbox=outbox, rulings=rulings
        )

    async def settle(self, effect_id: str) -> None:
        if self.refuses_to_settle:
            self.refuses_to_settle -= 1
            raise StoreError("disk full")
        await super().settle(effect_id)


async def test_a_hang_up_is_tried_however_much_waits_for_the_store() -> None:
    store = Moody()
    async with World(store=store).running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        store.refuses = True
        process = world.calls._processes[call.call_id]
        for number in range(500):
            process.post(KeysPressed(world.now_ms(), "1", f"k{number}"))
        await anyio.sleep(1)
        with pytest.raises(StoreError, match="disk full"), anyio.fail_after(5):
            await world.calls.submit(call.call_id, HangUpRequested())
        await anyio.sleep(1)
        assert world.line.legs == set()
        store.refuses = False
        record = await over(world, call.call_id)

    assert record.end_reason is EndReason.HANGUP_BOT
    assert len(record.digits_pressed) == 500


async def test_what_was_done_is_settled_once_the_store_works_again() -> None:
    store = Moody()
    async with World(store=store).running() as world:
        store.refuses_to_settle = 4
        call = await world.calls.open(call_to())
        await answered(world, call)
        await world.calls.submit(call.call_id, HangUpRequested())
        await over(world, call.call_id)

        assert await store.outstanding() == ()


async def test_whoever_leaves_while_the_store_is_slow_does_not_keep_the_place_for_waiting() -> None:
    store = Moody()
    async with World(store=store).running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        store.append_seconds = 1
        with anyio.move_on_after(0.5):
            await world.calls.submit(call.call_id, ContinueRequested(SpeechId("s"), "Well?", WaiterId("w")))
        await anyio.sleep(3)
        store.append_seconds = 0
        await world.calls.submit(call.call_id, ContinueRequested(SpeechId("t"), "Yes?", WaiterId("x")))
        await world.calls.submit(call.call_id, WordsHeard(world.now_ms(), "I am here", event_id="i"))
        released = await world.calls.utterance(call.call_id, WaiterId("x"))

    assert released.detail == "I am here"


async def test_an_answer_that_waited_for_a_slow_store_counts_before_the_end_of_the_ringing() -> None:
    store = Moody()
    async with World(store=store).running() as world:
        call = await world.calls.open(call_to(terms=CallTerms(ring_ms=30_000)))
        process = world.calls._processes[call.call_id]
        await anyio.sleep(29)
        store.append_seconds = 2  # what is taken now is kept after the ringing should have ended
        process.post(LineRang(world.now_ms(), "r"))
        await anyio.sleep(0.5)
        process.post(LineAnswered(world.now_ms(), "a"))
        await anyio.sleep(2)
        store.append_seconds = 0
        await anyio.sleep(3)
        live = world.calls.find(call.call_id)

    assert live is not None
    assert live.answered_at_ms is not None
    assert live.closing_reason is None


async def test_ten_thousand_inputs_at_once_leave_others_their_turn() -> None:
    async with World().running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        process = world.calls._processes[call.call_id]
        for _ in range(10_000):
            process.post(KeysPressed(world.now_ms(), "1", "the same"))
        turns = 0
        while len(process._mailbox):
            await anyio.lowlevel.checkpoint()
            turns += 1
        live = world.calls.find(call.call_id)

    assert live is not None
    assert live.digits_pressed == "1"
    assert turns > 100

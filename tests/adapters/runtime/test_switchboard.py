"""Live calls: slots, mailboxes, timers, the outbox, and an end that leaves nothing."""

import anyio
import pytest
from support.telephone import World, answered, call_to, over

from voice_adapters.stores.memory import MemoryStore
from voice_domain.call import Call
from voice_domain.events import CallEvent, WaiterOutcome
from voice_domain.evolve import fold
from voice_domain.identity import CallId, SpeechId, WaiterId
from voice_domain.inputs import (
    ContinueRequested,
    DigitsRequested,
    HangUpRequested,
    LineEnded,
    SpeakRequested,
    WordsHeard,
)
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import CarrierError
from voice_domain.ports.event_store import OutboxItem, Ruling, StoreError
from voice_domain.ports.switchboard import LimitReachedError, UnavailableError
from voice_domain.refusals import CallNotFoundError
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import EndReason

pytestmark = pytest.mark.anyio


async def test_a_notify_call_says_its_message_waits_and_hangs_up() -> None:
    async with World().running() as world:
        call = await world.calls.open(call_to(mode=Mode.NOTIFY, opening="Your parcel is here."))
        await answered(world, call)
        began = anyio.current_time()
        record = await over(world, call.call_id)

    assert record.end_reason is EndReason.COMPLETED
    assert [entry.text for entry in record.transcript] == ["Your parcel is here."]
    assert 4.9 < anyio.current_time() - began < 5.2
    assert world.line.asked[-1] == ("hang up", call.carrier_call_id)
    assert world.line.legs == set()
    assert await world.store.outstanding() == ()


async def test_a_conversation_of_forty_turns_over_thirty_minutes_is_one_record() -> None:
    terms = CallTerms(max_ms=3_600_000)
    async with World().running() as world:
        call = await world.calls.open(call_to(terms=terms))
        await answered(world, call)
        for turn in range(40):
            await anyio.sleep(45)
            await world.calls.submit(
                call.call_id, WordsHeard(world.now_ms(), f"line {turn}", event_id=f"w{turn}")
            )
        await anyio.sleep(5)
        assert anyio.current_time() > 1_800
        await world.calls.submit(call.call_id, HangUpRequested())
        record = await over(world, call.call_id)

    texts = [entry.text for entry in record.transcript]
    assert texts == ["Hello.", *[said for turn in range(40) for said in (f"line {turn}", f"line {turn}!")]]
    assert record.end_reason is EndReason.HANGUP_BOT


async def test_parallel_requests_cannot_pass_the_limit() -> None:
    results: list[object] = []

    async def place(world: World) -> None:
        try:
            results.append(await world.calls.open(call_to()))
        except LimitReachedError as error:
            results.append(error)

    async with World(limit=3).running() as world:
        world.line.dial_seconds = 0.3
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(place, world)

    assert sum(isinstance(result, Call) for result in results) == 3
    assert sum(isinstance(result, LimitReachedError) for result in results) == 17
    assert [asked for asked, _ in world.line.asked].count("dial") == 3


async def test_a_slot_is_free_again_when_its_call_isover() -> None:
    async with World(limit=1).running() as world:
        call = await world.calls.open(call_to())
        with pytest.raises(LimitReachedError, match="Maximum concurrent calls \\(1\\)"):
            await world.calls.open(call_to())
        await world.calls.submit(call.call_id, LineEnded(world.now_ms(), EndReason.BUSY))
        await over(world, call.call_id)
        again = await world.calls.open(call_to())

    assert again.carrier_call_id


async def test_a_refused_dial_is_kept_as_failed_and_told() -> None:
    async with World().running() as world:
        world.line.refuse_dial = True
        decision = call_to()
        with pytest.raises(CarrierError, match="no such number"):
            await world.calls.open(decision)
        record = await over(world, decision.call.call_id)

    assert record.end_reason is EndReason.FAILED
    assert "no such number" in record.error


async def test_whoever_is_told_that_a_dial_was_refused_may_call_again_at_once() -> None:
    async with World(limit=1).running() as world:
        world.line.refuse_dial = True
        with pytest.raises(CarrierError, match="no such number"):
            await world.calls.open(call_to())
        world.line.refuse_dial = False
        call = await world.calls.open(call_to())

    assert not call.is_over


async def test_nobody_answering_ends_the_call_in_time_and_hangs_up() -> None:
    async with World().running() as world:
        call = await world.calls.open(call_to(terms=CallTerms(ring_ms=20_000)))
        record = await over(world, call.call_id)

    assert record.end_reason is EndReason.NO_ANSWER
    assert 20 <= anyio.current_time() < 21
    assert world.line.legs == set()


async def test_a_call_never_lasts_longer_than_its_terms() -> None:
    async with World().running() as world:
        call = await world.calls.open(call_to(terms=CallTerms(max_ms=60_000)))
        await answered(world, call)
        record = await over(world, call.call_id)

    assert record.end_reason is EndReason.TIMEOUT
    assert record.ended_at_ms is not None
    assert record.answered_at_ms is not None
    assert 60_000 <= record.ended_at_ms - record.answered_at_ms < 60_500


async def test_a_hang_up_is_repeated_until_the_carrier_confirms_it() -> None:
    async with World().running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        world.line.refusals_of_hang_up = 3
        with pytest.raises(CarrierError, match="try again"):
            await world.calls.submit(call.call_id, HangUpRequested())
        assert world.calls.find(call.call_id) is not None
        record = await over(world, call.call_id)

    assert record.end_reason is EndReason.HANGUP_BOT
    assert [asked for asked, _ in world.line.asked].count("hang up") == 4
    assert world.line.legs == set()


async def test_a_call_that_is_ended_while_it_is_dialled_is_hung_up_when_the_leg_exists() -> None:
    async with World().running() as world:
        world.line.dial_seconds = 5
        decision = call_to()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(world.calls.open, decision)
            await anyio.sleep(1)
            await world.calls.submit(decision.call.call_id, HangUpRequested())
            record = await over(world, decision.call.call_id)

    assert record.end_reason is EndReason.HANGUP_BOT
    assert world.line.legs == set()


async def test_a_waiter_gets_the_next_utterance_and_no_reply_is_made() -> None:
    async with World().running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        waiter = WaiterId("w")
        await world.calls.submit(call.call_id, ContinueRequested(SpeechId("s"), "Which day?", waiter))
        released = None
        async with anyio.create_task_group() as tasks:

            async def wait() -> None:
                nonlocal released
                released = await world.calls.utterance(call.call_id, waiter)

            tasks.start_soon(wait)
            await anyio.sleep(3)
            await world.calls.submit(call.call_id, WordsHeard(world.now_ms(), "Friday", event_id="x"))
        await anyio.sleep(3)
        live = world.calls.find(call.call_id)

    assert released is not None
    assert (released.outcome, released.detail) == (WaiterOutcome.HEARD, "Friday")
    assert live is not None
    assert [entry.text for entry in live.transcript] == ["Hello.", "Which day?", "Friday"]


async def test_whoever_stops_waiting_gives_the_next_utterance_back_to_the_responder() -> None:
    async with World().running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        waiter = WaiterId("w")
        await world.calls.submit(call.call_id, ContinueRequested(SpeechId("s"), "Well?", waiter))
        with anyio.move_on_after(2):
            await world.calls.utterance(call.call_id, waiter)
        await world.calls.submit(call.call_id, WordsHeard(world.now_ms(), "Hm", event_id="x"))
        await anyio.sleep(2)
        live = world.calls.find(call.call_id)

    assert live is not None
    assert [entry.text for entry in live.transcript][-2:] == ["Hm", "Hm!"]


async def test_costly_commands_return_when_the_carrier_has_done_them() -> None:
    async with World().running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        await world.calls.submit(call.call_id, DigitsRequested("12#"))

        assert ("digits", "12#") in world.line.asked


async def test_stopping_hangs_up_every_call_and_leaves_nothing() -> None:
    async with World().running() as world:
        calls = [await world.calls.open(call_to()) for _ in range(5)]
        for call in calls:
            await answered(world, call)

    assert world.line.legs == set()
    assert world.calls.live() == ()
    assert not any(mouth.open for mouth in world.mouths)
    for call in calls:
        record = fold(await world.store.load(call.call_id))
        assert record.end_reason is EndReason.HANGUP_BOT
    assert await world.store.outstanding() == ()


async def test_a_drain_lets_calls_finish_says_goodbye_to_the_others_and_takes_no_new_ones() -> None:
    async with World().running() as world:
        short = await world.calls.open(call_to(opening="Hi."))
        long = await world.calls.open(call_to(opening="Hi."))
        for call in (short, long):
            await answered(world, call)
        async with anyio.create_task_group() as tasks:

            async def drain() -> None:
                await world.calls.drain(seconds=30)

            tasks.start_soon(drain)
            await anyio.sleep(10)
            with pytest.raises(UnavailableError, match="shutting down"):
                await world.calls.open(call_to())
            await world.calls.submit(short.call_id, LineEnded(world.now_ms(), EndReason.HANGUP_USER))
        finished = fold(await world.store.load(short.call_id))
        sent_away = fold(await world.store.load(long.call_id))

    assert finished.end_reason is EndReason.HANGUP_USER
    assert sent_away.end_reason is EndReason.HANGUP_BOT
    assert "Goodbye" in sent_away.transcript[-1].text


async def test_commands_to_a_call_that_is_gone_say_so() -> None:
    async with World().running() as world:
        with pytest.raises(CallNotFoundError, match="nothing"):
            await world.calls.submit(CallId("nothing"), HangUpRequested())


async def test_subscribers_hear_every_event_after_it_is_kept() -> None:
    heard: list[str] = []
    async with World().running() as world, world.calls.hub.subscribe() as updates:
        call = await world.calls.open(call_to(mode=Mode.NOTIFY, opening="Hi."))
        await answered(world, call)
        await over(world, call.call_id)
        kept = await world.store.load(call.call_id)
        for _ in kept:
            update = await anext(updates)
            heard.append(type(update.event).__name__)

    assert heard == [type(event).__name__ for event in kept]
    assert heard[-1] == "Ended"


class FullDisk(MemoryStore):
    """A store whose disk is full from time to time."""

    full = False

    async def check(self) -> None:
        if self.full:
            raise StoreError("disk full")

    async def append(
        self,
        call_id: CallId,
        events: tuple[CallEvent, ...],
        *,
        expected_version: int,
        outbox: tuple[OutboxItem, ...] = (),
        rulings: tuple[Ruling, ...] = (),
    ) -> int:
        if self.full:
            raise StoreError("disk full")
        return await super().append(
            call_id, events, expected_version=expected_version, outbox=outbox, rulings=rulings
        )


async def test_a_full_disk_refuses_new_calls_and_nothing_is_dialled() -> None:
    store = FullDisk()
    async with World(store=store).running() as world:
        store.full = True
        with pytest.raises(StoreError, match="disk full"):
            await world.calls.open(call_to())
        assert "disk full" in world.calls.store_problem
        store.full = False
        await anyio.sleep(3)
        assert world.calls.store_problem == ""
        await world.calls.open(call_to())

    assert [asked for asked, _ in world.line.asked].count("dial") == 1


async def test_a_full_disk_does_not_keep_a_leg_alive_and_the_record_is_made_good_later() -> None:
    store = FullDisk()
    async with World(store=store).running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        store.full = True
        with pytest.raises(StoreError, match="disk full"):
            await world.calls.submit(call.call_id, SpeakRequested(SpeechId("s"), "More."))
        with pytest.raises(StoreError, match="disk full"):
            await world.calls.submit(call.call_id, HangUpRequested())
        await anyio.sleep(3)
        assert world.line.legs == set()
        store.full = False
        record = await over(world, call.call_id)

    assert record.end_reason is EndReason.HANGUP_BOT
    assert world.asked("hang up") == 1

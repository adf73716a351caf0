"""A new process finds the calls of one that was killed: none is dialled again, none is left alone."""

import contextlib
import random

import anyio
import pytest
from support.telephone import Line, World, answered, call_to, over

from voice_adapters.runtime.outbox import outbox_of
from voice_adapters.runtime.recovery import Recovery
from voice_adapters.stores.memory import MemoryStore
from voice_domain.call import Call
from voice_domain.errors import VoiceError
from voice_domain.events import Dialled, Ended, TurnDropped
from voice_domain.evolve import fold
from voice_domain.identity import CarrierCallId, SpeechId, WaiterId
from voice_domain.inputs import (
    CallInput,
    ContinueRequested,
    GoodbyeRequested,
    HangUpRequested,
    LineAnswered,
    LineEnded,
    LineRang,
    SpeakRequested,
    WordsHeard,
)
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import Capabilities, CarrierError, LineStatus
from voice_domain.terms import CallTerms
from voice_domain.use_cases.replay_call import ReplayCall
from voice_domain.vocabulary import EndReason

pytestmark = pytest.mark.anyio


class Network(Line):
    """A network that outlives our process, and cannot always be asked."""

    unreachable = 0
    status: LineStatus | None = None

    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        if self.unreachable:
            self.unreachable -= 1
            raise CarrierError("line", "cannot be reached", retryable=True)
        return self.status or await super().look_up(carrier_call_id)

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        if self.unreachable:
            self.unreachable -= 1
            raise CarrierError("line", "cannot be reached", retryable=True)
        await super().hang_up(carrier_call_id)


class Hanging(Network):
    """A network that does not answer when it is asked about a call."""

    hangs = False

    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        if self.hangs:
            await anyio.sleep_forever()
        return await super().look_up(carrier_call_id)


async def killed(
    store: MemoryStore, line: Network, *, waiting: bool = False, asked: str = "", up: bool = True
) -> Call:
    """Leave behind a call as `kill -9` does."""
    scratch = MemoryStore()
    async with World(store=scratch, line=line).running() as world:
        call = await world.calls.open(call_to(terms=CallTerms(max_ms=120_000)))
        if up:
            await answered(world, call)
            await anyio.sleep(3)
        if waiting:
            await world.calls.submit(call.call_id, ContinueRequested(SpeechId("s"), "Well?", WaiterId("w")))
            await anyio.sleep(2)
        if asked:
            await world.calls.submit(call.call_id, WordsHeard(world.now_ms(), asked, event_id="asked"))
        kept = await scratch.load(call.call_id)
        outstanding = await scratch.outstanding()
        legs = set(line.legs)
    await store.append(call.call_id, kept, expected_version=0, outbox=outstanding)
    line.legs |= legs
    line.asked.clear()
    return fold(kept)


async def recovered(world: World) -> None:
    recovery = Recovery(store=world.store, calls=world.calls, carrier=world.line, clock=world.services.clock)
    await recovery()
    await recovery()  # a second time changes nothing


async def test_a_call_that_lives_goes_on_with_what_its_timers_have_left() -> None:
    line, store = Network(), MemoryStore()
    line.capabilities = Capabilities(native_speech=True)
    call = await killed(store, line)
    await anyio.sleep(60)
    async with World(store=store, line=line, limit=1).running() as world:
        await recovered(world)
        await world.calls.submit(call.call_id, WordsHeard(world.now_ms(), "Still there?", event_id="q"))
        await anyio.sleep(5)
        record = await over(world, call.call_id)

    assert [entry.text for entry in record.transcript] == ["Hello.", "Still there?", "Still there?!"]
    assert record.end_reason is EndReason.TIMEOUT
    assert record.answered_at_ms is not None
    assert record.ended_at_ms is not None
    assert 120_000 <= record.ended_at_ms - record.answered_at_ms < 121_000
    assert [asked for asked, _ in line.asked] == ["hang up"]
    assert line.legs == set()


async def test_a_streamed_call_whose_stream_does_not_come_back_is_hung_up() -> None:
    line, store = Network(), MemoryStore()
    call = await killed(store, line, waiting=True)
    async with World(store=store, line=line).running() as world:
        await recovered(world)
        await anyio.sleep(10)

    record = fold(await store.load(call.call_id))
    assert record.end_reason is EndReason.ERROR
    assert "media stream" in record.error
    assert record.waiter_id is None
    assert line.legs == set()
    assert await store.outstanding() == ()


async def test_a_notify_call_whose_message_was_not_heard_says_it_when_it_is_answered() -> None:
    line, store = Network(), MemoryStore()
    line.capabilities = Capabilities(native_speech=True)
    scratch = MemoryStore()
    async with World(store=scratch, line=line).running() as world:
        call = await world.calls.open(call_to(mode=Mode.NOTIFY, opening="Your parcel is here."))
        await world.calls.submit(call.call_id, LineAnswered(world.now_ms(), "a"))
        await anyio.sleep(0.5)  # in the middle of the message
        kept, legs = await scratch.load(call.call_id), set(line.legs)
    line.legs |= legs
    await store.append(call.call_id, kept, expected_version=0)
    async with World(store=store, line=line).running() as world:
        await recovered(world)
        record = await over(world, call.call_id)

    assert record.end_reason is EndReason.COMPLETED
    assert [entry.text for entry in record.transcript] == ["Your parcel is here."]
    assert line.asked.count(("dial", "+15550005678")) == 1


async def test_a_call_that_ended_meanwhile_is_closed_with_the_carriers_reason() -> None:
    line, store = Network(), MemoryStore()
    call = await killed(store, line)
    line.status = LineStatus(alive=False, reason=EndReason.HANGUP_USER, cause="16")
    async with World(store=store, line=line).running() as world:
        await recovered(world)
        record = fold(await store.load(call.call_id))

    assert (record.end_reason, record.cause, record.error) == (EndReason.HANGUP_USER, "16", "")
    assert line.asked == []


async def test_a_turn_that_nobody_answered_is_dropped_when_the_call_ended_meanwhile() -> None:
    line, store = Network(), MemoryStore()
    call = await killed(store, line, asked="Who is it?")
    line.status = LineStatus(alive=False, reason=EndReason.HANGUP_USER, cause="16")
    async with World(store=store, line=line).running() as world:
        await recovered(world)
        last = (await store.load(call.call_id))[call.version :]
        again = await ReplayCall(history=store)(call.call_id)

    assert call.turn == 1
    assert [type(event) for event in last] == [TurnDropped, Ended]
    assert (again.same, again.decisions) == (True, 1)


@pytest.mark.parametrize("away_seconds", [5, 60], ids=["while it would ring", "for longer than it would"])
async def test_a_call_that_was_answered_while_we_were_away_is_spoken_in(away_seconds: int) -> None:
    line, store = Network(), MemoryStore()
    line.capabilities = Capabilities(native_speech=True)
    call = await killed(store, line, up=False)
    answered_at_ms = call.opened.at_ms + 2_000
    line.status = LineStatus(alive=True, answered=True, answered_at_ms=answered_at_ms)
    await anyio.sleep(away_seconds)
    async with World(store=store, line=line).running() as world:
        await recovered(world)
        late = LineAnswered(answered_at_ms, "the webhook, at last")
        await world.calls.submit(call.call_id, late)
        await anyio.sleep(2)
        live = world.calls.find(call.call_id)

    assert live is not None
    assert live.answered_at_ms == answered_at_ms
    assert [entry.text for entry in live.transcript] == ["Hello."]
    assert world.asked("dial") == 0


async def test_a_call_that_was_answered_and_over_while_we_were_away_says_when() -> None:
    line, store = Network(), MemoryStore()
    call = await killed(store, line, up=False)
    answered_at_ms = call.opened.at_ms + 2_000
    line.status = LineStatus(
        alive=False, reason=EndReason.COMPLETED, answered=True, answered_at_ms=answered_at_ms
    )
    await anyio.sleep(60)
    async with World(store=store, line=line).running() as world:
        await recovered(world)
        record = fold(await store.load(call.call_id))

    assert (record.end_reason, record.answered_at_ms) == (EndReason.COMPLETED, answered_at_ms)


@pytest.mark.parametrize("unreachable", [1, 6])
async def test_a_carrier_that_is_down_at_the_start_is_asked_until_the_leg_is_over(unreachable: int) -> None:
    line, store = Network(), MemoryStore()
    call = await killed(store, line, up=False)
    line.unreachable = unreachable
    async with World(store=store, line=line, limit=1).running() as world:
        with anyio.fail_after(5):
            await recovered(world)
        record = await over(world, call.call_id)

    assert record.end_reason is EndReason.ERROR
    assert "stopped during this call" in record.error
    assert line.legs == set()


async def test_a_carrier_that_hangs_does_not_hold_up_the_start_for_each_of_its_calls() -> None:
    line, store = Hanging(), MemoryStore()
    first = await killed(store, line, up=False)
    for number in range(40):
        decision = call_to(f"+1555000{number:04}")
        opened = decision.call.opened
        dialled = Dialled(opened.at_ms, CarrierCallId(f"leg {number}"))
        await store.append(opened.call_id, (opened, dialled), expected_version=0)
    line.hangs = True
    began = anyio.current_time()
    async with World(store=store, line=line).running() as world:
        await recovered(world)
        took = anyio.current_time() - began
        line.hangs = False
        await over(world, first.call_id)

    assert took < 100
    assert await store.unfinished() == ()


async def test_a_dial_that_was_under_way_is_not_repeated() -> None:
    line, store = Network(), MemoryStore()
    decision = call_to()
    await store.append(decision.call.call_id, decision.events, expected_version=0, outbox=outbox_of(decision))
    async with World(store=store, line=line).running() as world:
        await recovered(world)
        record = fold(await store.load(decision.call.call_id))

    assert record.end_reason is EndReason.ERROR
    assert line.asked == []
    assert await store.outstanding() == ()


async def test_a_call_that_was_being_hung_up_is_hung_up_for_its_own_reason() -> None:
    line, store = Network(), MemoryStore()
    scratch = MemoryStore()
    async with World(store=scratch, line=line).running() as world:
        call = await world.calls.open(call_to())
        await answered(world, call)
        line.refusals_of_hang_up = 1
        with pytest.raises(CarrierError):
            await world.calls.submit(call.call_id, HangUpRequested())
        kept, outbox, legs = await scratch.load(call.call_id), await scratch.outstanding(), set(line.legs)
    line.legs |= legs
    await store.append(call.call_id, kept, expected_version=0, outbox=outbox)
    async with World(store=store, line=line).running() as world:
        await recovered(world)
        record = await over(world, call.call_id)

    assert record.end_reason is EndReason.HANGUP_BOT
    assert line.legs == set()
    assert await store.outstanding() == ()


async def _busy_hour(world: World, chance: random.Random) -> None:
    """Do random things with calls until somebody stops us."""

    async def one() -> None:
        await anyio.sleep(chance.random() * 20)
        mode = chance.choice((Mode.NOTIFY, Mode.CONVERSATION))
        call = await world.calls.open(call_to(mode=mode, terms=CallTerms(max_ms=60_000, ring_ms=20_000)))
        for number in range(chance.randrange(12)):
            await anyio.sleep(chance.random() * 3)
            given: CallInput = chance.choice(
                (
                    LineRang(world.now_ms(), f"r{number}"),
                    LineAnswered(world.now_ms(), f"a{number}"),
                    WordsHeard(world.now_ms(), "Hm", event_id=f"w{number}"),
                    ContinueRequested(SpeechId(f"s{number}"), "Well?", WaiterId(f"{call.call_id}{number}")),
                    SpeakRequested(SpeechId(f"t{number}"), "More."),
                    HangUpRequested(),
                    GoodbyeRequested(SpeechId("bye"), "Goodbye."),
                    LineEnded(world.now_ms(), EndReason.HANGUP_USER, event_id=f"e{number}"),
                )
            )
            with anyio.move_on_after(5), contextlib.suppress(VoiceError):
                await world.calls.submit(call.call_id, given)

    async with anyio.create_task_group() as people:
        for _ in range(8):
            people.start_soon(one)


@pytest.mark.parametrize("seed", range(12))
async def test_a_process_that_is_killed_at_any_moment_leaves_nothing_to_pay_for(seed: int) -> None:
    chance = random.Random(seed)
    line, first, second = Network(), MemoryStore(), MemoryStore()
    line.dial_seconds = 0.7
    async with World(store=first, line=line).running() as world:
        with anyio.move_on_after(chance.random() * 40):
            await _busy_hour(world, chance)
        open_calls = await first.unfinished()
        for call_id in open_calls:
            await second.append(call_id, await first.load(call_id), expected_version=0)
        legs = set(line.legs)
    line.legs, line.unreachable = set(legs), chance.randrange(6)
    line.asked.clear()
    async with World(store=second, line=line).running() as world:
        await recovered(world)
        await anyio.sleep(chance.choice((1, 200)))

    for call_id in open_calls:
        kept = await second.load(call_id)
        assert fold(kept).is_over
        assert [type(event) for event in kept].count(Ended) == 1
    named = {fold(await second.load(call_id)).carrier_call_id for call_id in open_calls}
    assert line.legs & named == set()
    assert world.asked("dial") == 0
    assert await second.outstanding() == ()

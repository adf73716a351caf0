"""While a new process asks about the calls of the old one, all others go on; only who means one of those waits."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import cast

import anyio
import attrs
import pytest
from support.telephone import US, Line, World, call_to

from voice_adapters.clock import RandomIdentities
from voice_adapters.runtime.exchange import CallExchange
from voice_adapters.runtime.recovery import Recovery
from voice_adapters.runtime.resumption import resumed
from voice_adapters.stores.memory import MemoryStore
from voice_adapters.stores.pairing_file import PairingMemory
from voice_domain.call import Call
from voice_domain.e164 import PhoneNumber
from voice_domain.effects import StartTimer
from voice_domain.events import CallEvent, Dialled, Ended
from voice_domain.evolve import fold
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inbound_policy import InboundPolicy
from voice_domain.inputs import HangUpRequested, LineRang
from voice_domain.ports.carrier import CarrierSignal, LineStatus
from voice_domain.ports.event_store import OutboxItem, Ruling, StoreError
from voice_domain.ports.switchboard import LimitReachedError, UnavailableError
from voice_domain.terms import CallTerms, Timer
from voice_domain.use_cases.admit_call import AdmitCall, InboundRules
from voice_domain.use_cases.adopt_call import AdoptCall
from voice_domain.vocabulary import Direction, EndReason

pytestmark = pytest.mark.anyio

SLOW, QUICK, NAMELESS = CallId("slow call"), CallId("quick call"), CallId("nameless call")
SLOW_LEG, QUICK_LEG = CarrierCallId("slow"), CarrierCallId("quick")


class Ponderous(Line):
    """A carrier that takes its time to say what has become of a leg."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        super().__init__()
        self.legs = {SLOW_LEG, QUICK_LEG}
        self.capabilities = attrs.evolve(self.capabilities, media_stream=False, native_speech=True)
        self._seconds = seconds

    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        await anyio.sleep(self._seconds.get(carrier_call_id, 0))
        return await super().look_up(carrier_call_id)


class Full(MemoryStore):
    """A store that can keep nothing for a while."""

    refuses = False

    async def append(
        self,
        call_id: CallId,
        events: tuple[CallEvent, ...],
        *,
        expected_version: int,
        outbox: tuple[OutboxItem, ...] = (),
        rulings: tuple[Ruling, ...] = (),
    ) -> int:
        if self.refuses:
            raise StoreError("disk full")
        return await super().append(
            call_id, events, expected_version=expected_version, outbox=outbox, rulings=rulings
        )


def exchange_of(world: World) -> CallExchange:
    rules = InboundRules(own_number=US, policy=InboundPolicy.OPEN, terms=CallTerms())
    around = {"switchboard": world.calls, "carrier": world.line, "clock": world.services.clock}
    admit = AdmitCall(rules=rules, pairing=PairingMemory(), identities=RandomIdentities(), **around)
    adopt = AdoptCall(rules=rules, identities=RandomIdentities(), **around)
    return CallExchange(world.calls, cast("MemoryStore", world.store), admit, adopt)


@asynccontextmanager
async def restarted(
    *left: tuple[CallId, CarrierCallId | None],
    seconds: Mapping[str, float],
    limit: int = 10,
    store: Full | None = None,
) -> AsyncIterator[tuple[World, CallExchange]]:
    """A new process, which asks about the calls that are *left* of an old one."""
    store = store or Full()
    for call_id, leg in left:
        opened = attrs.evolve(call_to().call.opened, call_id=call_id)
        named = () if leg is None else (Dialled(opened.at_ms, leg),)
        await store.append(call_id, (opened, *named), expected_version=0)
    async with World(store=store, line=Ponderous(seconds), limit=limit).running() as world:
        clock = world.services.clock
        recovery = Recovery(store=store, calls=world.calls, carrier=world.line, clock=clock)
        async with anyio.create_task_group() as tasks:
            await recovery.begin()
            tasks.start_soon(recovery.run)
            yield world, exchange_of(world)
            tasks.cancel_scope.cancel()


def news(leg: str, call_id: CallId | None = None, direction: Direction = Direction.OUTBOUND) -> CarrierSignal:
    return CarrierSignal(
        news=LineRang(1, f"ring of {leg}"),
        carrier_call_id=CarrierCallId(leg),
        call_id=call_id,
        direction=direction,
        caller=PhoneNumber("+15550007777"),
        callee=US,
    )


async def test_a_carrier_that_is_silent_about_one_call_keeps_no_other_waiting() -> None:
    """Twilio apologised to others and hung up, once: their documents had to wait for a call that hung."""
    async with restarted((SLOW, SLOW_LEG), (QUICK, QUICK_LEG), seconds={SLOW_LEG: 9}) as (world, exchange):
        await anyio.sleep(0.01)
        began = anyio.current_time()

        known = await exchange.receive(news(QUICK_LEG))
        caller = await exchange.receive(news("theirs", direction=Direction.INBOUND))
        ours = await world.calls.open(call_to("+15550000009"))
        took = anyio.current_time() - began

    assert took == 0
    assert known is not None
    assert known.call_id == QUICK
    assert caller is not None
    assert ours.carrier_call_id is not None


@pytest.mark.parametrize("key", ["our name", "their name"])
async def test_news_of_a_call_that_is_not_decided_wait_and_are_taken(key: str) -> None:
    signal = news("unheard of", SLOW) if key == "our name" else news(SLOW_LEG)
    async with restarted((SLOW, SLOW_LEG), seconds={SLOW_LEG: 4}) as (_, exchange):
        began = anyio.current_time()
        call = await exchange.receive(signal)
        took = anyio.current_time() - began

    assert call is not None
    assert (call.call_id, call.is_over) == (SLOW, False)
    assert took == pytest.approx(4)


async def test_news_that_would_wait_too_long_are_to_be_told_again_and_nothing_is_hung_up_for_that() -> None:
    async with restarted((SLOW, SLOW_LEG), seconds={SLOW_LEG: 14}) as (world, exchange):
        with pytest.raises(UnavailableError, match="not known yet"):
            await exchange.receive(news(SLOW_LEG))
        again = await exchange.receive(news(SLOW_LEG))

    assert again is not None
    assert not again.is_over
    assert world.asked("hang up") == 1  # the one with which this process ends


async def test_a_call_of_which_nothing_is_known_in_time_is_hung_up() -> None:
    async with restarted((SLOW, SLOW_LEG), seconds={SLOW_LEG: 999}) as (world, _):
        await anyio.sleep(16)
        record = fold(await world.store.load(SLOW))

    assert (record.end_reason, world.line.legs) == (EndReason.ERROR, {QUICK_LEG})


async def test_whoever_orders_something_of_a_call_that_is_not_decided_waits_too() -> None:
    async with restarted((SLOW, SLOW_LEG), seconds={SLOW_LEG: 4}) as (world, _):
        call = await world.calls.submit(SLOW, HangUpRequested(EndReason.HANGUP_BOT))

    assert call.final_reason is EndReason.HANGUP_BOT
    assert world.asked("hang up") == 1


async def test_the_silence_after_words_of_before_a_restart_lasts_until_later_ones_can_have_come() -> None:
    """Heard twice once: final words had to wait, and what was heard of them before was taken for all of them."""
    call = attrs.evolve(call_to().call, due={Timer.SILENCE: 1_000, Timer.MAX_DURATION: 2_000})

    effects = resumed(call, 60_000).effects

    assert set(effects) == {StartTimer(Timer.SILENCE, 61_000), StartTimer(Timer.MAX_DURATION, 2_000)}


async def test_a_leg_without_a_name_is_not_adopted_while_a_dial_may_be_its_own() -> None:
    async with restarted((NAMELESS, None), seconds={}) as (world, exchange):
        call = await exchange.receive(news("late", NAMELESS))

    assert call is not None
    assert (call.call_id, call.is_over) == (NAMELESS, True)
    assert ("hang up", "late") in world.line.asked


async def test_calls_that_are_not_decided_count() -> None:
    async with restarted((SLOW, SLOW_LEG), seconds={SLOW_LEG: 4}, limit=1) as (world, _):
        with pytest.raises(LimitReachedError):
            await world.calls.open(call_to())
        world.line.legs.clear()
        await anyio.sleep(5)
        later = await world.calls.open(call_to())

    assert later.carrier_call_id is not None


async def test_a_store_that_fails_meanwhile_is_tried_until_it_works() -> None:
    store = Full()
    async with restarted((SLOW, SLOW_LEG), seconds={}, store=store) as (world, _):
        store.refuses = True
        world.line.legs.clear()
        await anyio.sleep(3)
        waiting = len(world.calls.undecided)
        store.refuses = False
        await anyio.sleep(5)
        kept = await store.load(SLOW)

    assert waiting == 1
    assert len(world.calls.undecided) == 0
    assert isinstance(kept[-1], Ended)


async def test_a_process_that_leaves_first_leaves_the_decision_to_the_next() -> None:
    store = Full()
    async with restarted((SLOW, SLOW_LEG), seconds={SLOW_LEG: 9}, store=store) as (world, _):
        await anyio.sleep(1)

    record: Call = fold(await store.load(SLOW))
    assert not record.is_over
    assert world.asked("hang up") == 0

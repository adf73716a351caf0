"""Calls that others placed with our webhook URL: left alone, or tracked like our own."""

from pathlib import Path

import attrs
import pytest
from support.telephone import US, World, over

from voice_adapters.clock import RandomIdentities
from voice_adapters.runtime.exchange import CallExchange
from voice_adapters.stores.memory import MemoryStore
from voice_adapters.stores.pairing_file import PairingMemory
from voice_contracts.settings_reading import read_settings
from voice_domain.dial_policy import DialPolicy
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CarrierCallId
from voice_domain.inbound_policy import InboundPolicy
from voice_domain.inputs import CarrierNews, LineAnswered, LineEnded, LineRang, WordsHeard
from voice_domain.ports.carrier import CarrierSignal
from voice_domain.terms import CallTerms
from voice_domain.use_cases.admit_call import AdmitCall, InboundRules
from voice_domain.use_cases.adopt_call import AdoptCall
from voice_domain.use_cases.place_call import OutboundRules
from voice_domain.vocabulary import Direction, EndReason
from voice_entrypoints.container import Container

pytestmark = pytest.mark.anyio

CALLEE = PhoneNumber("+8613800138000")
RULES = OutboundRules(own_number=US, policy=DialPolicy(), terms=CallTerms(ring_ms=9_000, stale_ms=0))


def exchange_of(world: World, rules: OutboundRules | None = RULES) -> CallExchange:
    assert isinstance(world.store, MemoryStore)
    shared = {
        "switchboard": world.calls,
        "carrier": world.line,
        "clock": world.services.clock,
        "identities": RandomIdentities(),
    }
    inbound = InboundRules(own_number=US, policy=InboundPolicy.OPEN, terms=CallTerms())
    admit = AdmitCall(rules=inbound, pairing=PairingMemory(), **shared)
    adopt = None if rules is None else AdoptCall(rules=rules, **shared)
    return CallExchange(world.calls, world.store, admit, adopt)


def told(news: CarrierNews, *, callee: PhoneNumber | None = CALLEE) -> CarrierSignal:
    return CarrierSignal(
        news=news,
        carrier_call_id=CarrierCallId("their-leg"),
        direction=Direction.OUTBOUND,
        caller=US,
        callee=callee,
    )


async def test_a_call_of_others_becomes_a_conversation_of_ours_and_nothing_is_dialled() -> None:
    async with World().running() as world:
        exchange = exchange_of(world)
        now = world.now_ms()

        await exchange.receive(told(LineRang(now, "1")))
        await exchange.receive(told(LineAnswered(now, "2")))
        call = await exchange.receive(told(WordsHeard(now, "喂？", event_id="3")))
        assert call is not None
        await exchange.receive(told(LineEnded(now, EndReason.COMPLETED, "completed", "4")))
        call = await over(world, call.call_id)

    assert (call.direction, call.counterpart, call.carrier_call_id) == (
        Direction.OUTBOUND,
        CALLEE,
        "their-leg",
    )
    assert call.opened.locale == "zh-CN"
    assert call.opened.opening == ""
    assert call.transcript[0].text == "喂？"
    assert dict(call.opened.notes)["placedBy"] == "somebody else"
    assert (world.asked("dial"), world.asked("answer")) == (0, 0)


async def test_without_the_setting_it_is_left_alone() -> None:
    async with World().running() as world:
        call = await exchange_of(world, None).receive(told(LineRang(world.now_ms(), "1")))

    assert call is None
    assert world.line.asked == []


async def test_its_length_is_limited_like_that_of_any_call() -> None:
    async with World().running() as world:
        world.line.legs.add("their-leg")
        call = await exchange_of(world).receive(told(LineRang(world.now_ms(), "1")))
        assert call is not None
        call = await over(world, call.call_id)

    assert call.end_reason is EndReason.NO_ANSWER
    assert ("hang up", "their-leg") in world.line.asked


@pytest.mark.parametrize(
    "signal",
    [
        told(LineEnded(0, EndReason.COMPLETED, "completed", "1")),
        told(LineRang(0, "1"), callee=None),
        attrs.evolve(told(LineRang(0, "1")), direction=None),
    ],
    ids=["over already", "callee unknown", "direction unknown"],
)
async def test_what_is_no_live_call_to_somebody_is_not_taken_over(signal: CarrierSignal) -> None:
    async with World().running() as world:
        assert await exchange_of(world).receive(signal) is None


async def test_it_takes_a_slot_and_is_not_taken_without_one_or_while_calls_are_switched_off() -> None:
    async with World(limit=1).running() as world:
        exchange = exchange_of(world)
        first = await exchange.receive(told(LineRang(world.now_ms(), "1")))
        second = await exchange.receive(
            attrs.evolve(told(LineRang(world.now_ms(), "1")), carrier_call_id=CarrierCallId("another"))
        )
    async with World().running() as world:
        off = exchange_of(world, attrs.evolve(RULES, enabled=False))
        refused = await off.receive(told(LineRang(world.now_ms(), "1")))

    assert first is not None
    assert (second, refused) == (None, None)


@pytest.mark.parametrize("wanted", [False, True])
def test_the_settings_decide(*, wanted: bool, tmp_path: Path) -> None:
    settings = read_settings({"outbound": {"adoptExternal": wanted}}, {}).require()
    container = Container(settings=settings, home=tmp_path)

    assert (container.adopt() is not None) is wanted

"""Somebody calls us, under every policy: whoever is refused is never answered, and costs nothing."""

import re

import anyio
import pytest
from support.carrier_rig import OpenRig
from support.carrier_world import THEIRS, CarrierWorld, Scene, carrier_world
from support.journey_checks import check_journey, leftovers, said_by
from support.journey_choice import needs

from voice_contracts.twins.callee import Callee, HangUp, Say
from voice_contracts.twins.ledger import LegRecord
from voice_domain.call import Call
from voice_domain.e164 import PhoneNumber
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = [pytest.mark.anyio, needs("inbound")]

ASKS = Callee((Say("Is it open today?"), HangUp(7_000)))


def inbound(policy: str, *, streamed: bool = True, **more: object) -> Scene:
    settings = {"inboundPolicy": policy, "inboundGreeting": "Maple Inn, good day.", **more}
    return Scene(settings=settings, streamed=streamed, knows=("Is it open today?",))


async def call_in(world: CarrierWorld, caller: str = THEIRS, callee: Callee = ASKS) -> tuple[LegRecord, Call]:
    """Let somebody call, and wait until that is over; return the carrier's record and ours."""
    leg_id = world.rig.call_in(caller, callee)
    while world.rig.twin.ledger.legs_alive():  # noqa: ASYNC110 - virtual time: looking costs nothing
        await anyio.sleep(0.05)
    await anyio.sleep(1)
    call = await world.phone.status(leg_id)
    assert call is not None
    return world.rig.twin.ledger.leg(leg_id), call


@pytest.mark.parametrize(
    ("policy", "more"), [("open", {}), ("allowlist", {"allowFrom": [THEIRS]})], ids=["open", "allowlist"]
)
async def test_whoever_may_call_is_greeted_and_answered(
    open_rig: OpenRig, policy: str, more: dict[str, object], *, streamed: bool
) -> None:
    async with carrier_world(open_rig, inbound(policy, streamed=streamed, **more)) as world:
        _, called = await call_in(world)
        call = await check_journey(world, called.call_id)

    assert [entry.text for entry in call.transcript] == [
        "Maple Inn, good day.",
        "Is it open today?",
        "You said Is it open today?",
    ]
    assert call.counterpart == PhoneNumber(THEIRS)
    assert call.end_reason is world.rig.habits.hung_up


@pytest.mark.parametrize(
    ("policy", "caller"),
    [("disabled", THEIRS), ("allowlist", THEIRS), ("allowlist", "anonymous")],
    ids=["disabled", "no member", "withheld"],
)
async def test_whoever_may_not_call_is_never_answered_and_costs_nothing(
    open_rig: OpenRig, policy: str, caller: str
) -> None:
    scene = inbound(policy, allowFrom=["+15550001111"])
    async with carrier_world(open_rig, scene) as world:
        leg, called = await call_in(world, caller)
        call = await check_journey(world, called.call_id)
        asked = world.service.ledger.requests

    assert (leg.answered_ms, leg.billed_seconds) == (None, 0)
    assert (call.transcript, call.end_reason, asked) == ((), EndReason.HANGUP_BOT, [])


async def test_a_stranger_hears_a_pairing_code_and_then_the_call_ends(
    open_rig: OpenRig, *, streamed: bool
) -> None:
    async with carrier_world(open_rig, inbound("pairing", streamed=streamed)) as world:
        leg, called = await call_in(world, callee=Callee())
        call = await check_journey(world, called.call_id)
        (pending,) = (await world.container.pairing().load()).pending

    assert re.findall(r"\d{6}", said_by(call, Speaker.US)[0].replace(" ", "")) != []
    assert pending.code in said_by(call, Speaker.US)[0].replace(" ", "")
    assert leg.billed_seconds > 0


async def test_a_second_caller_hears_an_engaged_tone_while_we_take_no_more(open_rig: OpenRig) -> None:
    async with carrier_world(open_rig, inbound("open", maxConcurrentCalls=1)) as world:
        first = world.rig.call_in("+15550003333", Callee((HangUp(20_000),)))
        await anyio.sleep(3)
        second = world.rig.call_in(THEIRS, ASKS)
        while world.rig.twin.ledger.legs_alive():  # noqa: ASYNC110 - virtual time: looking costs nothing
            await anyio.sleep(0.05)
        await anyio.sleep(1)
        for leg_id in (first, second):
            await check_journey(world, leg_id)
        leg = world.rig.twin.ledger.leg(second)

    assert leg.billed_seconds == 0


async def test_a_caller_who_gives_up_at_once_leaves_nothing(open_rig: OpenRig) -> None:
    async with carrier_world(open_rig, inbound("open")) as world:
        leg_id = world.rig.call_in(THEIRS, ASKS)
        world.rig.twin.hang_up(leg_id)
        await anyio.sleep(40)
        left = await leftovers(world)

    assert left == {}

"""What is done on a carrier that declares that it cannot do something: it is said so, or done in another way."""

import anyio
import attrs
import pytest
from support.carrier_rig import OpenRig
from support.carrier_world import THEIRS, Scene, carrier_world
from support.journey_checks import check_journey, said_by
from support.journey_choice import lacks

from voice_contracts.twins.callee import Callee, HangUp, Outcome, Say, interrupt
from voice_contracts.twins.faults import ApiFault
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError, UnsupportedError
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = pytest.mark.anyio

ASKS = Callee((Say("Is it open today?"), HangUp(7_000)))
WANTS_STREAMS = {
    "streaming": {"enabled": True, "provider": "openai", "providers": {"openai": {"apiKey": "sk-twin"}}}
}


@lacks("media_stream")
async def test_settings_that_want_streams_are_met_with_the_carriers_own_voice(open_rig: OpenRig) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS, settings=WANTS_STREAMS)) as world:
        placed = await world.place()
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)
        assert call.carrier_call_id is not None
        heard = world.rig.twin.ear(call.carrier_call_id).texts

    assert heard == ("Hello there.", "You said Is it open today?")
    assert (said_by(call, Speaker.COUNTERPART), world.media.dialled) == (["Is it open today?"], 0)


@lacks("listens_while_reading")
async def test_a_voice_over_the_carriers_voice_is_not_heard_and_cuts_nothing(open_rig: OpenRig) -> None:
    callee = Callee((interrupt("Wait, wait!", 300), Say("Is it open today?", 2_000), HangUp(7_000)))
    async with carrier_world(open_rig, Scene(callee=callee, streamed=False)) as world:
        placed = await world.place("We have a table for you at seven.")
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert said_by(call, Speaker.US) == ["We have a table for you at seven.", "You said Is it open today?"]
    assert said_by(call, Speaker.COUNTERPART) == ["Is it open today?"]


@lacks("digits", "transfer")
async def test_keys_and_transfers_are_refused_with_a_sentence_and_the_call_lives_on(
    open_rig: OpenRig,
) -> None:
    callee = Callee((Say("Here I am.", 6_000), HangUp(7_000)))
    async with carrier_world(open_rig, Scene(callee=callee)) as world:
        placed = await world.place()
        await world.until(placed.call_id, "listening")
        with pytest.raises(
            UnsupportedError, match=f"{world.rig.name} does not support outbound DTMF; choose"
        ):
            await world.phone.send_digits(placed.call_id, "34")
        with pytest.raises(UnsupportedError, match=f"{world.rig.name} does not support transfer; choose"):
            await world.phone.transfer(placed.call_id, "+15550009999")
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert said_by(call, Speaker.US) == ["Hello there.", "You said Here I am."]


@lacks("inbound", "reject")
async def test_a_caller_can_neither_be_taken_nor_refused_and_calls_are_placed_all_the_same(
    open_rig: OpenRig,
) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS, settings={"inboundPolicy": "open"})) as world:
        carrier, leg = world.container.carrier(), CarrierCallId("somebody")
        with pytest.raises(UnsupportedError, match="does not support inbound calls; choose another provider"):
            await carrier.answer(leg)
        with pytest.raises(UnsupportedError, match="does not support inbound calls; choose another provider"):
            await carrier.reject(leg, busy=True)
        placed = await world.place()
        await world.over(placed.call_id)
        await check_journey(world, placed.call_id)
        legs = [leg.callee for leg in world.rig.twin.ledger.legs]

    assert [THEIRS.endswith(callee) for callee in legs] == [True]


@lacks("commands")
async def test_what_is_wanted_waits_until_the_carrier_asks_and_says_so(open_rig: OpenRig) -> None:
    async with carrier_world(open_rig, Scene()) as world:
        placed = await world.place()
        await world.until(placed.call_id, "listening")
        said = await world.phone.speak(placed.call_id, "Are you there?")
        waited = world.phone.waits(said)
        await anyio.sleep(4)
        ended = await world.phone.end(placed.call_id)
        end_waited = world.phone.waits(ended)
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert (waited, end_waited) == (True, False)
    assert said_by(call, Speaker.US) == ["Hello there.", "Are you there?"]
    assert call.end_reason is EndReason.HANGUP_BOT


@lacks("commands")
async def test_a_call_that_is_ended_while_it_rings_ends_as_soon_as_the_carrier_asks(
    open_rig: OpenRig,
) -> None:
    async with carrier_world(open_rig, Scene(callee=Callee(answer_after_ms=20_000))) as world:
        placed = await world.place("Hi.")
        ended = await world.phone.end(placed.call_id)
        waited = world.phone.waits(ended)
        await world.over(placed.call_id)
        leg = world.rig.twin.ledger.legs[0]

    assert (waited, ended.final_reason) == (True, EndReason.HANGUP_BOT)
    assert leg.answered_ms is not None
    assert leg.billed_seconds <= 5


@lacks("commands")
async def test_an_unanswered_call_counts_as_over_though_its_phone_rings_on(open_rig: OpenRig) -> None:
    scene = Scene(callee=Callee(outcome=Outcome.NO_ANSWER), settings={"ringTimeoutMs": 5_000})
    async with carrier_world(open_rig, scene) as world:
        placed = await world.place()
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)
        rang_on = world.rig.twin.ledger.legs[0].ended_ms

    assert call.ended_at_ms is not None
    assert call.ended_at_ms - call.started_at_ms <= 12_000
    assert call.end_reason is EndReason.NO_ANSWER
    assert rang_on is not None
    assert rang_on > call.ended_at_ms


LOST = ApiFault(status=None, takes_effect=True, method="POST")


@lacks("commands")
async def test_a_leg_that_nobody_can_look_for_is_known_by_what_it_tells_in_time(open_rig: OpenRig) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS)) as world:
        world.rig.twin.faults.break_api(LOST)
        placed = await world.place()
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)
        legs = world.rig.twin.ledger.legs

    assert len(legs) == 1
    assert said_by(call, Speaker.COUNTERPART) == ["Is it open today?"]


@lacks("commands")
async def test_a_leg_that_nobody_can_look_for_and_that_rings_on_is_ended_at_its_first_question(
    open_rig: OpenRig,
) -> None:
    slow = attrs.evolve(ASKS, answer_after_ms=20_000)
    async with carrier_world(open_rig, Scene(callee=slow)) as world:
        world.rig.twin.faults.break_api(LOST)
        with pytest.raises(CarrierError):
            await world.place()
        while world.rig.twin.ledger.legs_alive():  # noqa: ASYNC110 - virtual time
            await anyio.sleep(0.5)
        (leg,), (call,) = world.rig.twin.ledger.legs, world.last.values()

    assert (call.end_reason, said_by(call, Speaker.COUNTERPART)) == (EndReason.FAILED, [])
    assert (leg.answered_ms, leg.ended_ms) != (None, None)
    assert (leg.ended_ms or 0) - (leg.answered_ms or 0) < 7_000  # before the callee would have hung up

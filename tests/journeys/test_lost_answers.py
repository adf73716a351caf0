"""Whole calls that were answered without our being told: the carrier is asked before anybody is hung up."""

import pytest
from support.carrier_rig import OpenRig
from support.carrier_world import Scene, carrier_world
from support.journey_checks import leftovers, said_by
from support.journey_choice import lacks, needs

from voice_contracts.twins.callee import Callee, HangUp
from voice_contracts.twins.faults import FaultPlan
from voice_domain.call import Call
from voice_domain.events import Answered
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = pytest.mark.anyio

PICKS_UP = Callee((HangUp(25_000),), answer_after_ms=2_000)
_CALLED_RINGING = FaultPlan(webhook_lies={"in-progress": "ringing"})


@needs("native_speech", "commands", "tells_answers")
async def test_a_callee_of_whose_answer_no_webhook_tells_is_spoken_to_before_the_ring_time_ends_the_call(
    open_rig: OpenRig,
) -> None:
    scene = Scene(callee=PICKS_UP, streamed=False, faults=_CALLED_RINGING, settings={"ringTimeoutMs": 10_000})
    async with carrier_world(open_rig, scene) as world:
        placed = await world.place()
        call = await world.over(placed.call_id)
        events = await world.store.load(placed.call_id)
        (leg,), left = world.rig.twin.ledger.legs, await leftovers(world)

    (answer,) = (event for event in events if isinstance(event, Answered))
    assert answer.at_ms - call.opened.at_ms <= 10_500
    assert said_by(call, Speaker.US) == ["Hello there."]
    assert call.end_reason is not EndReason.NO_ANSWER
    assert leg.answered_ms is not None
    assert call.answered_at_ms in {answer.at_ms, leg.answered_ms // 1_000 * 1_000}
    assert left == {}


async def answered_and_over_while_we_were_away(open_rig: OpenRig) -> tuple[Call, int]:
    """Play such a call, and return what we know of it and when it was answered (epoch milliseconds)."""
    async with carrier_world(open_rig, Scene(callee=PICKS_UP, streamed=False)) as world:
        placed = await world.place()
        await world.until(placed.call_id, "ringing")
        await world.kill(seconds=40)
        call = await world.over(placed.call_id)
        (leg,), left = world.rig.twin.ledger.legs, await leftovers(world)

    assert left == {}
    assert leg.answered_ms is not None
    return call, leg.answered_ms


@needs("native_speech", "commands", "tells_answers")
async def test_a_call_that_was_answered_and_over_while_we_were_away_is_no_unanswered_one(
    open_rig: OpenRig,
) -> None:
    call, answered_ms = await answered_and_over_while_we_were_away(open_rig)

    assert call.answered_at_ms == answered_ms // 1_000 * 1_000
    assert call.end_reason not in (None, EndReason.NO_ANSWER)


@lacks("tells_answers")
async def test_a_call_that_was_answered_and_over_while_we_were_away_claims_no_answer_that_nobody_told(
    open_rig: OpenRig,
) -> None:
    call, _ = await answered_and_over_while_we_were_away(open_rig)

    assert (call.answered_at_ms, call.end_reason is None) == (None, False)

"""Whole calls whose gateway is killed and comes back: nobody is dialled again, and the talk goes on where it can."""

import anyio
import pytest
from support.carrier_rig import OpenRig
from support.carrier_world import CarrierWorld, Scene, carrier_world
from support.journey_checks import leftovers, said_by
from support.journey_choice import needs

from voice_contracts.twins.callee import Callee, HangUp, Say
from voice_domain.call import Call
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = [pytest.mark.anyio, needs("commands")]

BEFORE, AFTER = "Is it open today?", "And tomorrow?"
SILENT_LATER = Callee((Say(BEFORE), Say(AFTER, after_ms=7_000)))
TALKS = Callee((Say(BEFORE), Say(AFTER, after_ms=7_000), HangUp(4_000)))


async def killed_after_the_first_answer(world: CarrierWorld, *, seconds: float) -> Call:
    """Play a call whose gateway dies while both are silent, and is back *seconds* later."""
    placed = await world.place()
    while len(said_by(world.last.get(placed.call_id, placed), Speaker.US)) < 2:  # noqa: ASYNC110 - virtual time
        await anyio.sleep(0.05)
    await world.until(placed.call_id, "listening")
    await world.kill(seconds=seconds)
    return await world.over(placed.call_id)


@needs("media_stream")
async def test_a_streamed_call_goes_on_in_the_next_process_on_another_stream(open_rig: OpenRig) -> None:
    async with carrier_world(open_rig, Scene(callee=TALKS)) as world:
        call = await killed_after_the_first_answer(world, seconds=0)
        legs, streams, left = world.rig.twin.ledger.legs, world.media.dialled, await leftovers(world)

    assert len(legs) == 1
    assert streams == 2
    assert said_by(call, Speaker.COUNTERPART) == [BEFORE, AFTER]
    assert said_by(call, Speaker.US) == ["Hello there.", f"You said {BEFORE}", f"You said {AFTER}"]
    assert call.end_reason is world.rig.habits.hung_up
    assert left == {}


async def test_a_gateway_that_is_away_for_a_while_takes_up_what_the_carrier_has_kept_up(
    open_rig: OpenRig, *, streamed: bool
) -> None:
    scene = Scene(callee=SILENT_LATER, streamed=streamed, settings={"maxDurationSeconds": 25})
    async with carrier_world(open_rig, scene) as world:
        call = await killed_after_the_first_answer(world, seconds=3)
        (leg,), left = world.rig.twin.ledger.legs, await leftovers(world)

    assert left == {}
    assert (call.answered_at_ms, leg.ended_ms) != (None, None)
    lasted_ms = (call.ended_at_ms or 0) - (call.answered_at_ms or 0)
    if streamed and not world.rig.habits.keeps_streamed_calls_up:
        assert said_by(call, Speaker.COUNTERPART) == [BEFORE]
        assert lasted_ms < 15_000
        return
    assert said_by(call, Speaker.COUNTERPART) == [BEFORE, AFTER]
    assert said_by(call, Speaker.US)[-1] == f"You said {AFTER}"
    assert call.end_reason is EndReason.TIMEOUT
    assert 25_000 <= lasted_ms <= 26_000

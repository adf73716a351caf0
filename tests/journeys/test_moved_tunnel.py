"""The tunnel comes back at another address while a call lives: what becomes of it, and of the next one."""

import anyio
import pytest
from support.carrier_rig import OpenRig
from support.carrier_world import Scene, carrier_world
from support.journey_checks import check_journey, leftovers, said_by
from support.journey_choice import needs

from voice_contracts.twins.callee import Callee, HangUp, Say
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = pytest.mark.anyio

MOVED = "https://two.ngrok.app"
ASKS = Callee((Say("Is it open today?"), HangUp(30_000)))


@needs("commands")
async def test_a_call_that_still_has_the_old_address_leaves_nothing_behind(
    *, open_rig: OpenRig, streamed: bool
) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS, streamed=streamed)) as world:
        placed = await world.place()
        await world.until(placed.call_id, "listening")
        moved_ms = world.container.clock().now_ms()
        await world.move(MOVED)
        await anyio.sleep(15)
        for leg in world.rig.twin.legs_alive():  # it hears nothing any more, and its counterpart gives up
            world.rig.twin.hang_up(leg.leg_id)
        call = await world.over(placed.call_id)
        (leg,) = world.rig.twin.ledger.legs
        left = await leftovers(world)

    assert call.ended_at_ms is not None
    assert leg.ended_ms is not None
    # Without its stream a call is given up; of one without a stream the carrier is asked now and then.
    assert call.ended_at_ms - (moved_ms if streamed else leg.ended_ms) <= (6_000 if streamed else 61_000)
    assert call.end_reason is not EndReason.TIMEOUT
    assert left == {}


@needs("commands")
async def test_the_next_call_uses_the_new_address(*, open_rig: OpenRig, streamed: bool) -> None:
    async with carrier_world(open_rig, Scene(callee=ASKS, streamed=streamed)) as world:
        await world.move(MOVED)
        placed = await world.place()
        await world.over(placed.call_id)
        await anyio.sleep(1)
        call = await check_journey(world, placed.call_id)

    assert said_by(call, Speaker.COUNTERPART) == ["Is it open today?"]

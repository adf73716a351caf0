"""What is Telnyx's own in streamed calls; what every carrier does is in tests/journeys."""

import pytest
from support.carrier_world import Scene, carrier_world
from support.journey_checks import check_journey, said_by
from support.telnyx_rig import TELNYX

from voice_contracts.twins.callee import Callee, Cue, HangUp, Press, Say
from voice_contracts.twins.faults import MediaFault
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = pytest.mark.anyio

ASKS = Callee((Say("Is it open today?"), HangUp(after_ms=6_000)))


async def test_a_caller_is_streamed_too_and_each_key_counts_once() -> None:
    callee = Callee((Press("12"), HangUp(after_ms=4_000, cue=Cue.BEFORE)))
    settings = {"inboundPolicy": "open"}
    async with carrier_world(TELNYX.open, Scene(settings=settings)) as world:
        world.rig.call_in("+15550005678", callee)
        live = await world.only_call()
        await world.over(live.call_id)
        call = await check_journey(world, live.call_id)

    assert call.digits_pressed == "12"
    assert call.end_reason is EndReason.HANGUP_USER


async def test_a_stream_that_is_cut_comes_back_and_the_call_goes_on() -> None:
    async with carrier_world(TELNYX.open, Scene(callee=ASKS)) as world:
        world.rig.twin.faults.break_media(MediaFault(cut_after_ms=500))
        placed = await world.place()
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)
        started = [hook["event_type"] for hook in world.rig.twin.ledger.webhooks].count("streaming.started")

    assert started == 2
    assert said_by(call, Speaker.COUNTERPART) == ["Is it open today?"]
    assert call.end_reason is EndReason.HANGUP_USER

"""Whole streamed calls through the gateway's own parts: adapter, webhook gate, media engine, voices, and the twin."""

import pytest
from support.carrier_world import Scene, carrier_world
from support.journey_checks import check_journey, said_by, spoken_natively
from support.telnyx_rig import TELNYX

from voice_contracts.twins.callee import Callee, Cue, HangUp, Press, Say, interrupt
from voice_contracts.twins.faults import MediaFault
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = pytest.mark.anyio

LONG = "This is a long explanation of everything that we have to offer to you today, please listen."
ASKS = Callee((Say("Is it open today?"), HangUp(after_ms=6_000)))


async def test_a_streamed_conversation_takes_turns_and_telnyxs_voice_is_silent() -> None:
    async with carrier_world(TELNYX.open, Scene(callee=ASKS)) as world:
        placed = await world.place()
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)
        assert call.carrier_call_id is not None
        assert spoken_natively(world.rig.twin.ear(call.carrier_call_id).sounds) == []

    assert said_by(call, Speaker.US) == ["Hello there.", "You said Is it open today?"]
    assert said_by(call, Speaker.COUNTERPART) == ["Is it open today?"]
    assert call.end_reason is EndReason.HANGUP_USER


async def test_an_interruption_clears_what_waits_at_telnyx() -> None:
    callee = Callee((interrupt("Stop, stop.", 1_500), HangUp(after_ms=8_000)))
    async with carrier_world(TELNYX.open, Scene(callee=callee)) as world:
        placed = await world.place(LONG)
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert call.transcript[0].interrupted
    assert len(call.transcript[0].text) < len(LONG) / 2


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


async def test_when_no_stream_can_be_opened_telnyx_speaks_and_listens() -> None:
    async with carrier_world(TELNYX.open, Scene(callee=ASKS)) as world:
        world.media.open_doors = False
        placed = await world.place()
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert said_by(call, Speaker.US)[0] == "Hello there."
    assert said_by(call, Speaker.COUNTERPART) == ["Is it open today?"]

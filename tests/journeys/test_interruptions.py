"""Whole calls in which something sounds over us that is, or is not, somebody who has something to say."""

import attrs
import pytest
from support.carrier_rig import OpenRig
from support.carrier_world import Scene, carrier_world
from support.journey_checks import check_journey, said_by
from support.journey_choice import needs
from support.speaking import rumble

from voice_contracts.twins.callee import Callee, HangUp, interrupt
from voice_domain.events import CounterpartSpoke, SpeechResumed, VoiceStopped
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = pytest.mark.anyio

LONG = "Let me tell you everything about our new summer menu, dish by dish and wine by wine, until you have had enough."


@needs("media_stream")
async def test_after_a_noise_that_holds_no_word_we_say_the_rest_and_nobody_waits_for_ever(
    open_rig: OpenRig,
) -> None:
    callee = Callee((attrs.evolve(interrupt("", 1_500), audio=rumble(1.5)), HangUp(4_000)))
    async with carrier_world(open_rig, Scene(callee=callee)) as world:
        placed = await world.place(LONG)
        await world.over(placed.call_id)
        events = await world.store.load(placed.call_id)
        call = await check_journey(world, placed.call_id)

    stopped = [event.at_ms for event in events if isinstance(event, VoiceStopped)]
    resumed = [event.at_ms for event in events if isinstance(event, SpeechResumed)]
    assert [event.held for event in events if isinstance(event, CounterpartSpoke)] == [True]
    assert resumed[0] - stopped[0] <= call.terms.words_ms + 100
    assert said_by(call, Speaker.US) == [LONG]
    assert said_by(call, Speaker.COUNTERPART) == []
    assert not call.transcript[0].interrupted


@needs("media_stream")
async def test_somebody_who_speaks_after_a_noise_is_answered(open_rig: OpenRig) -> None:
    noise = attrs.evolve(interrupt("", 1_500), audio=rumble(1.5))
    callee = Callee((noise, interrupt("Stop, stop, please stop.", 3_000), HangUp(6_000)))
    async with carrier_world(open_rig, Scene(callee=callee)) as world:
        placed = await world.place(LONG)
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert said_by(call, Speaker.COUNTERPART) == ["Stop, stop, please stop."]
    assert said_by(call, Speaker.US)[-1] == "You said Stop, stop, please stop."


@needs("inbound")
async def test_a_caller_who_never_speaks_hears_the_greeting_once_until_time_is_up(open_rig: OpenRig) -> None:
    scene = Scene(
        settings={
            "inboundPolicy": "open",
            "inboundGreeting": "Maple Inn, good day.",
            "maxDurationSeconds": 15,
        }
    )
    async with carrier_world(open_rig, scene) as world:
        leg_id = world.rig.call_in("+15550005678", Callee())
        called = await world.only_call()
        await world.over(called.call_id)
        call = await check_journey(world, leg_id)

    assert [entry.text for entry in call.transcript] == ["Maple Inn, good day."]
    assert call.end_reason is EndReason.TIMEOUT
    assert call.answered_at_ms is not None
    assert call.ended_at_ms is not None
    assert call.ended_at_ms - call.answered_at_ms <= 16_000

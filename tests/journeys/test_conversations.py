"""Whole calls on every carrier, in virtual time: what is said, heard, cut and answered."""

import anyio
import attrs
import pytest
from support.carrier_rig import OpenRig
from support.carrier_world import THEIRS, Scene, carrier_world
from support.journey_checks import check_journey, said_by
from support.journey_choice import needs
from support.speaking import cough

from voice_contracts.twins.callee import Callee, Cue, HangUp, Press, Say, interrupt
from voice_domain.events import CounterpartSpoke, SpeechResumed
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = pytest.mark.anyio

LONG = "Let me tell you everything about our new summer menu, dish by dish and wine by wine, until you have had enough."
ELSEWHERE = "+15550009999"
TEN = (
    "I would like a table.",
    "For four people.",
    "On Friday evening.",
    "At seven, please.",
    "Outside if it is warm.",
    "No, nobody is allergic.",
    "My name is Miller.",
    "Yes, this number.",
    "One child, yes.",
    "That is all, goodbye.",
)


async def test_a_message_is_heard_whole_and_once_and_then_the_call_ends(
    open_rig: OpenRig, *, streamed: bool
) -> None:
    async with carrier_world(open_rig, Scene(streamed=streamed)) as world:
        placed = await world.place("Your parcel is here. It waits at the door.", mode="notify")
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert said_by(call, Speaker.US) == ["Your parcel is here. It waits at the door."]
    assert call.end_reason is EndReason.COMPLETED


@needs("media_stream")
async def test_ten_turns_are_taken_one_after_the_other(open_rig: OpenRig) -> None:
    callee = Callee((*(Say(text) for text in TEN), HangUp(3_000)))
    async with carrier_world(open_rig, Scene(callee=callee)) as world:
        placed = await world.place("Hello, Maple Inn. What can I do for you?")
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert said_by(call, Speaker.COUNTERPART) == list(TEN)
    assert said_by(call, Speaker.US)[1:] == [f"You said {text}" for text in TEN]
    assert call.turns == 10
    assert all(350 < latency < 1000 for latency in call.latencies)


async def test_ten_turns_are_taken_with_the_carriers_own_voice_and_ear(open_rig: OpenRig) -> None:
    callee = Callee((*(Say(text) for text in TEN), HangUp(6_000)))
    async with carrier_world(open_rig, Scene(callee=callee, streamed=False)) as world:
        placed = await world.place("Hello, Maple Inn. What can I do for you?")
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert said_by(call, Speaker.COUNTERPART) == list(TEN)
    assert said_by(call, Speaker.US)[1:] == [f"You said {text}" for text in TEN]


@needs("media_stream")
@pytest.mark.parametrize("after_ms", [300, 6_000], ids=["early", "late"])
async def test_a_voice_over_ours_stops_it_and_the_record_holds_what_was_heard(
    open_rig: OpenRig, after_ms: int
) -> None:
    callee = Callee((interrupt("Stop, stop, please stop.", after_ms), HangUp(4_000)))
    async with carrier_world(open_rig, Scene(callee=callee)) as world:
        placed = await world.place(LONG)
        await world.over(placed.call_id)
        events = await world.store.load(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert said_by(call, Speaker.COUNTERPART) == ["Stop, stop, please stop."]
    taken = [event for event in events if isinstance(event, CounterpartSpoke) and not event.held]
    assert len(taken) == 1
    cut = call.transcript[0]
    assert cut.interrupted == (cut.text != "")
    assert len(cut.text) < len(LONG)
    assert said_by(call, Speaker.US)[-1] == "You said Stop, stop, please stop."


@needs("listens_while_reading")
async def test_a_voice_over_the_carriers_voice_stops_that_too(open_rig: OpenRig) -> None:
    callee = Callee((interrupt("Stop, stop, please stop.", 2_000), HangUp(6_000)))
    async with carrier_world(open_rig, Scene(callee=callee, streamed=False)) as world:
        placed = await world.place(LONG)
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert call.transcript[0].interrupted
    assert said_by(call, Speaker.COUNTERPART) == ["Stop, stop, please stop."]


@needs("media_stream")
async def test_after_a_cough_we_go_on_where_we_were_and_say_everything_once(open_rig: OpenRig) -> None:
    callee = Callee((attrs.evolve(interrupt("", 1_500), audio=cough()), HangUp(4_000)))
    async with carrier_world(open_rig, Scene(callee=callee)) as world:
        placed = await world.place(LONG)
        await world.over(placed.call_id)
        events = await world.store.load(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert [isinstance(event, SpeechResumed) for event in events].count(True) == 1
    assert call.transcript[0].text == LONG


@needs("digits")
async def test_keys_are_pressed_both_ways_and_the_call_goes_on(open_rig: OpenRig, *, streamed: bool) -> None:
    callee = Callee((Press("12"), Say("Here I am.", 6_000), HangUp(5_000)))
    async with carrier_world(open_rig, Scene(callee=callee, streamed=streamed)) as world:
        placed = await world.place("Hello there.")
        await anyio.sleep(6)
        await world.phone.send_digits(placed.call_id, "34")
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)
        assert call.carrier_call_id is not None
        heard = world.rig.twin.ear(call.carrier_call_id).digits

    assert (call.digits_pressed, heard) == ("12", "34")
    assert said_by(call, Speaker.COUNTERPART) == ["Here I am."]
    assert said_by(call, Speaker.US)[-1] == "You said Here I am."


@needs("transfer")
async def test_the_counterpart_is_handed_over(open_rig: OpenRig, *, streamed: bool) -> None:
    others = {ELSEWHERE: Callee((HangUp(10_000, Cue.BEFORE),))}
    async with carrier_world(open_rig, Scene(others=others, streamed=streamed)) as world:
        placed = await world.place("One moment, please.")
        await anyio.sleep(6)
        await world.phone.transfer(placed.call_id, ELSEWHERE)
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)
        legs = [leg.callee for leg in world.rig.twin.ledger.legs]

    assert (call.end_reason, call.cause) == (EndReason.COMPLETED, "transferred")
    assert legs == [THEIRS, ELSEWHERE]


async def test_what_a_client_says_and_asks_is_heard_and_answered(
    open_rig: OpenRig, *, streamed: bool
) -> None:
    callee = Callee((Say("Yes, at noon.", 3_000), HangUp(20_000)))
    async with carrier_world(open_rig, Scene(callee=callee, streamed=streamed)) as world:
        placed = await world.place("Good morning.")
        await world.until(placed.call_id, "listening")
        await world.phone.speak(placed.call_id, "It is about the garden.")
        answer = await world.phone.continue_call(placed.call_id, "Shall we come tomorrow?")
        await world.phone.end(placed.call_id)
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)

    assert answer == "Yes, at noon."
    assert said_by(call, Speaker.US) == [
        "Good morning.",
        "It is about the garden.",
        "Shall we come tomorrow?",
    ]
    assert call.end_reason is EndReason.HANGUP_BOT


async def test_ten_calls_at_the_same_moment_do_not_get_in_each_others_way(open_rig: OpenRig) -> None:
    others = {
        f"+155500061{place:02}": Callee((Say(f"Number {place} speaks."), HangUp(6_000)))
        for place in range(10)
    }
    settings = {"maxConcurrentCalls": 10, "outbound": {"maxCallsPerHour": 100}}
    async with carrier_world(open_rig, Scene(others=others, settings=settings)) as world:
        placed = [
            await world.phone.call(to=one, message="Hello there.", mode="conversation") for one in others
        ]
        for call in placed:
            await world.over(call.call_id)
        calls = [await check_journey(world, call.call_id) for call in placed]

    assert [said_by(call, Speaker.COUNTERPART) for call in calls] == [
        [f"Number {place} speaks."] for place in range(10)
    ]

"""Whole calls that Telnyx's own voice speaks in, against its twin: what was heard is what the record says."""

import anyio
import pytest
from support.telnyx_world import THEIRS, TelnyxWorld, telnyx_world

from voice_contracts.twins.callee import Callee, Cue, HangUp, Outcome, Press, Say, interrupt
from voice_contracts.twins.faults import ApiFault, FaultPlan, WebhookFaults
from voice_domain.call import Call
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import SpeechId
from voice_domain.inbound_policy import InboundPolicy
from voice_domain.inputs import DigitsRequested, HangUpRequested, SpeakRequested, TransferRequested
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import CarrierError
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = pytest.mark.anyio

ELSEWHERE = PhoneNumber("+15550009999")


def said_by(call: Call, speaker: Speaker) -> list[str]:
    return [entry.text for entry in call.transcript if entry.speaker is speaker]


def nothing_is_left(world: TelnyxWorld) -> None:
    assert world.twin.legs_alive() == ()
    assert world.twin.ledger.violations == []
    assert world.carrier._up == set()
    assert len(world.carrier._finals) == 0
    assert len(world.carrier._speech) == len(world.carrier._streams) == len(world.carrier._transfers) == 0


async def test_a_message_is_heard_whole_once_and_then_the_call_ends() -> None:
    async with telnyx_world() as world:
        placed = await world.place("Your parcel is here. It waits at the door.", mode=Mode.NOTIFY)
        record = await world.over(placed.call_id)

        assert world.heard(record) == ("Your parcel is here. It waits at the door.",)
        nothing_is_left(world)
    assert record.end_reason is EndReason.COMPLETED
    assert said_by(record, Speaker.US) == ["Your parcel is here. It waits at the door."]


async def test_a_conversation_takes_turns_until_the_callee_hangs_up() -> None:
    script = (Say("Tomorrow at three."), Say("No, at four."), HangUp(after_ms=5_000))
    async with telnyx_world(callee=Callee(script)) as world:
        placed = await world.place("When shall we come?")
        record = await world.over(placed.call_id)

        heard = [text.removesuffix("!") for text in world.heard(record)]
        assert heard == ["When shall we come?", "Tomorrow at three.", "No, at four."]
        nothing_is_left(world)
    assert said_by(record, Speaker.COUNTERPART) == ["Tomorrow at three.", "No, at four."]
    assert said_by(record, Speaker.US) == ["When shall we come?", "Tomorrow at three.!", "No, at four.!"]
    assert record.end_reason is EndReason.HANGUP_USER


async def test_a_chinese_call_is_spoken_and_heard_in_chinese() -> None:
    script = (Say("明天下午三点。"), HangUp(after_ms=4_000))
    async with telnyx_world(callee=Callee(script)) as world:
        placed = await world.place("您好，请问什么时候方便？", locale="zh-CN")
        record = await world.over(placed.call_id)

        assert world.heard(record)[0] == "您好，请问什么时候方便？"
        assert record.carrier_call_id is not None
        manner = world.twin.ear(record.carrier_call_id).sounds[0].manner
        assert manner == {"voice": "AWS.Polly.Zhiyu", "language": "cmn-CN"}
        nothing_is_left(world)
    assert said_by(record, Speaker.COUNTERPART) == ["明天下午三点。"]


async def test_an_interruption_stops_what_we_say_and_the_record_holds_what_was_heard() -> None:
    opening = "This is a long explanation of everything that we have to offer to you today, please listen."
    script = (interrupt("Stop, stop.", 1_500), HangUp(after_ms=5_000))
    async with telnyx_world(callee=Callee(script)) as world:
        placed = await world.place(opening)
        record = await world.over(placed.call_id)

        heard = world.heard(record)[0]
        assert len(heard) < len(opening) / 2
        nothing_is_left(world)
    first = record.transcript[0]
    assert first.interrupted
    assert first.intended == opening
    assert abs(len(first.text) - len(heard)) < 15
    assert said_by(record, Speaker.COUNTERPART) == ["Stop, stop."]


async def test_keys_that_the_callee_presses_are_told() -> None:
    script = (Press("12#"), HangUp(after_ms=3_000, cue=Cue.BEFORE))
    async with telnyx_world(callee=Callee(script)) as world:
        placed = await world.place("Press a key.")
        record = await world.over(placed.call_id)

        nothing_is_left(world)
    assert record.digits_pressed == "12#"


async def test_keys_that_we_press_are_heard_and_the_call_goes_on() -> None:
    async with telnyx_world() as world:
        call = await world.place("Hello.")
        await anyio.sleep(6)
        await world.calls.submit(call.call_id, DigitsRequested("1,2#"))
        await anyio.sleep(4)
        await world.calls.submit(call.call_id, SpeakRequested(SpeechId("s"), "Still here."))
        await anyio.sleep(4)
        await world.calls.submit(call.call_id, HangUpRequested())
        record = await world.over(call.call_id)

        assert record.carrier_call_id is not None
        assert world.twin.ear(record.carrier_call_id).digits == "12#"
        assert world.heard(record) == ("Hello.", "Still here.")
        nothing_is_left(world)
    assert record.end_reason is EndReason.HANGUP_BOT


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.BUSY, EndReason.BUSY),
        (Outcome.NO_ANSWER, EndReason.NO_ANSWER),
        (Outcome.FAILS, EndReason.FAILED),
    ],
)
async def test_a_call_that_does_not_come_about_ends_with_its_reason(
    outcome: Outcome, reason: EndReason
) -> None:
    async with telnyx_world(callee=Callee(outcome=outcome)) as world:
        placed = await world.place("Hello.")
        record = await world.over(placed.call_id)

        nothing_is_left(world)
    assert record.end_reason is reason
    assert record.answered_at_ms is None


async def test_somebody_who_calls_us_is_answered_greeted_and_heard() -> None:
    caller = Callee((Say("Is it still free?"), HangUp(after_ms=4_000)))
    async with telnyx_world() as world:
        world.twin.call_in(str(THEIRS), "+15550000000", caller)
        call = await world.only_call()
        record = await world.over(call.call_id)

        assert [text.removesuffix("!") for text in world.heard(record)] == [
            "Good morning.",
            "Is it still free?",
        ]
        nothing_is_left(world)
    assert said_by(record, Speaker.COUNTERPART) == ["Is it still free?"]
    assert record.end_reason is EndReason.HANGUP_USER


async def test_somebody_who_may_not_call_us_is_refused_without_an_answer() -> None:
    async with telnyx_world(policy=InboundPolicy.DISABLED) as world:
        name = world.twin.call_in(str(THEIRS), "+15550000000", Callee())
        ended = await world.twin.ended(name)
        await anyio.sleep(3)

        assert ended.answered_ms is None
        assert ended.billed_seconds == 0
        (hung_up,) = [sent for sent in world.twin.ledger.webhooks if sent["event_type"] == "call.hangup"]
        assert hung_up["hangup_cause"] == "call_rejected"
        nothing_is_left(world)


async def test_a_counterpart_is_handed_over_and_our_part_ends() -> None:
    async with telnyx_world(others={str(ELSEWHERE): Callee((HangUp(8_000, Cue.BEFORE),))}) as world:
        placed = await world.place("Hello.")
        await anyio.sleep(6)
        await world.calls.submit(placed.call_id, TransferRequested(ELSEWHERE))
        await anyio.sleep(3)
        assert world.calls.find(placed.call_id) is None
        record = await world.over(placed.call_id)

        other = world.twin.ledger.legs[1]
        assert (other.caller, other.callee) == ("+15550000000", str(ELSEWHERE))
        nothing_is_left(world)
    assert record.end_reason is EndReason.COMPLETED
    assert record.transferred == ELSEWHERE


async def test_a_number_that_does_not_answer_leaves_the_counterpart_with_us() -> None:
    silent = Callee(outcome=Outcome.NO_ANSWER)
    async with telnyx_world(others={str(ELSEWHERE): silent}) as world:
        placed = await world.place("Hello.")
        await anyio.sleep(6)
        with pytest.raises(CarrierError, match="gave timeout"):
            await world.calls.submit(placed.call_id, TransferRequested(ELSEWHERE))
        await world.calls.submit(placed.call_id, SpeakRequested(SpeechId("s"), "Nobody is there."))
        await anyio.sleep(5)
        await world.calls.submit(placed.call_id, HangUpRequested())
        record = await world.over(placed.call_id)

        assert world.heard(record) == ("Hello.", "Nobody is there.")
        nothing_is_left(world)


async def test_late_doubled_and_reordered_webhooks_change_nothing() -> None:
    faults = FaultPlan(seed=7, webhooks=WebhookFaults(delay_ms=(0, 300), duplicate=0.5, reorder=0.1))
    script = (Say("Tomorrow at three."), HangUp(after_ms=8_000))
    async with telnyx_world(callee=Callee(script), faults=faults) as world:
        placed = await world.place("When shall we come?")
        record = await world.over(placed.call_id)

        assert world.twin.legs_alive() == ()
    assert said_by(record, Speaker.COUNTERPART) == ["Tomorrow at three."]
    assert record.end_reason is EndReason.HANGUP_USER


async def test_a_dial_whose_answer_got_lost_is_asked_again_and_rings_once() -> None:
    async with telnyx_world() as world:
        world.twin.faults.break_api(ApiFault(status=503, takes_effect=True))
        placed = await world.place("Hello there.", mode=Mode.NOTIFY)
        record = await world.over(placed.call_id)

        assert len(world.twin.ledger.legs) == 1
        assert world.heard(record) == ("Hello there.",)
        nothing_is_left(world)


async def test_a_hang_up_that_was_refused_is_repeated_until_the_leg_is_over() -> None:
    async with telnyx_world() as world:
        placed = await world.place("Hello.")
        await anyio.sleep(5)
        world.twin.faults.break_api(ApiFault(status=500), times=8)
        with pytest.raises(CarrierError):
            await world.calls.submit(placed.call_id, HangUpRequested())
        record = await world.over(placed.call_id)

        nothing_is_left(world)
    assert record.end_reason is EndReason.HANGUP_BOT

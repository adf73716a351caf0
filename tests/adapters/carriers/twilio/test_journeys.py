"""Whole calls that Twilio's own voice speaks in, against its twin: what was heard is what the record says."""

import anyio
import pytest
from support.twilio_world import THEIRS, TwilioWorld, twilio_world

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


def nothing_is_left(world: TwilioWorld) -> None:
    assert world.twin.legs_alive() == ()
    assert world.twin.ledger.violations == []
    assert len(world.carrier._pages) == 0
    assert world.carrier._offers == {}


async def test_a_message_is_heard_whole_once_and_then_the_call_ends() -> None:
    async with twilio_world() as world:
        placed = await world.place("Your parcel is here. It waits at the door.", mode=Mode.NOTIFY)
        record = await world.over(placed.call_id)

        assert world.heard(record) == ("Your parcel is here. It waits at the door.",)
        nothing_is_left(world)
    assert record.end_reason is EndReason.COMPLETED
    assert said_by(record, Speaker.US) == ["Your parcel is here. It waits at the door."]


async def test_a_conversation_takes_turns_until_the_callee_hangs_up() -> None:
    script = (Say("Tomorrow at three."), Say("No, at four."), HangUp(after_ms=5_000))
    async with twilio_world(callee=Callee(script)) as world:
        placed = await world.place("When shall we come?")
        record = await world.over(placed.call_id)

        heard = [text.removesuffix("!") for text in world.heard(record)]
        assert heard == ["When shall we come?", "Tomorrow at three.", "No, at four."]
        nothing_is_left(world)
    assert said_by(record, Speaker.COUNTERPART) == ["Tomorrow at three.", "No, at four."]
    assert said_by(record, Speaker.US) == ["When shall we come?", "Tomorrow at three.!", "No, at four.!"]
    assert record.end_reason is EndReason.COMPLETED


async def test_a_chinese_call_is_spoken_and_heard_in_chinese() -> None:
    script = (Say("明天下午三点。"), HangUp(after_ms=4_000))
    async with twilio_world(callee=Callee(script)) as world:
        placed = await world.place("您好，请问什么时候方便？", locale="zh-CN")
        record = await world.over(placed.call_id)

        assert world.heard(record)[0] == "您好，请问什么时候方便？"
        nothing_is_left(world)
    assert said_by(record, Speaker.COUNTERPART) == ["明天下午三点。"]


async def test_an_interruption_stops_what_we_say_and_the_record_holds_what_was_heard() -> None:
    opening = "This is a long explanation of everything that we have to offer to you today, please listen."
    script = (interrupt("Stop, stop.", 1_500), HangUp(after_ms=5_000))
    async with twilio_world(callee=Callee(script)) as world:
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
    async with twilio_world(callee=Callee(script)) as world:
        placed = await world.place("Press a key.")
        record = await world.over(placed.call_id)

        nothing_is_left(world)
    assert record.digits_pressed == "12"


async def test_keys_that_we_press_are_heard_and_the_call_goes_on() -> None:
    async with twilio_world() as world:
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


async def test_a_silent_callee_is_listened_to_for_as_long_as_the_call_may_last() -> None:
    async with twilio_world() as world:
        placed = await world.place("Hello?", max_ms=120_000)
        record = await world.over(placed.call_id)

        gathers = [hook for hook in world.twin.ledger.webhooks if "turn=" in hook.url]
        assert 8 <= len(gathers) <= 14
        nothing_is_left(world)
    assert record.end_reason is EndReason.TIMEOUT


async def test_somebody_who_calls_us_is_greeted_once() -> None:
    async with twilio_world() as world:
        world.twin.call_in(str(THEIRS), "+15550000000", Callee((Say("It is me."), HangUp(after_ms=4_000))))
        call = await world.only_call()
        record = await world.over(call.call_id)

        assert world.heard(record)[0] == "Good morning."
        assert len([text for text in world.heard(record) if text == "Good morning."]) == 1
        nothing_is_left(world)
    assert said_by(record, Speaker.COUNTERPART) == ["It is me."]
    assert record.counterpart == THEIRS


async def test_somebody_who_may_not_call_us_is_rejected_unanswered() -> None:
    async with twilio_world(policy=InboundPolicy.DISABLED) as world:
        leg = await world.twin.ended(world.twin.call_in(str(THEIRS), "+15550000000", Callee()))
        await anyio.sleep(1)

        assert (leg.state, leg.answered_ms) == ("no-answer", None)
        assert world.calls.live() == ()
        nothing_is_left(world)


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.BUSY, EndReason.BUSY),
        (Outcome.NO_ANSWER, EndReason.NO_ANSWER),
        (Outcome.FAILS, EndReason.FAILED),
    ],
)
async def test_a_call_that_does_not_come_about_says_why(outcome: Outcome, reason: EndReason) -> None:
    async with twilio_world(callee=Callee(outcome=outcome)) as world:
        placed = await world.place("Hello.")
        record = await world.over(placed.call_id)

        nothing_is_left(world)
    assert record.end_reason is reason


async def test_the_counterpart_is_handed_over_and_our_part_is_over_once_the_other_number_answers() -> None:
    async with twilio_world(others={str(ELSEWHERE): Callee((HangUp(20_000, Cue.BEFORE),))}) as world:
        call = await world.place("Hello.")
        await anyio.sleep(6)
        await world.calls.submit(call.call_id, TransferRequested(ELSEWHERE))
        assert world.twin.legs_alive()
        record = await world.over(call.call_id)

        nothing_is_left(world)
    assert (record.end_reason, record.cause) == (EndReason.COMPLETED, "transferred")


async def test_the_counterpart_comes_back_if_the_other_number_does_not_answer() -> None:
    script = (Say("So be it.", after_ms=30_000, cue=Cue.BEFORE), HangUp(6_000))
    others = {str(ELSEWHERE): Callee(outcome=Outcome.BUSY)}
    async with twilio_world(callee=Callee(script), others=others) as world:
        call = await world.place("Hello.")
        await anyio.sleep(6)
        with pytest.raises(CarrierError, match="gave busy"):
            await world.calls.submit(call.call_id, TransferRequested(ELSEWHERE))
        record = await world.over(call.call_id)

        nothing_is_left(world)
    assert said_by(record, Speaker.COUNTERPART) == ["So be it."]


@pytest.mark.parametrize("seed", range(5))
async def test_webhooks_that_come_twice_late_and_in_another_order_change_nothing(seed: int) -> None:
    script = (Say("Yes."), Say("No."), HangUp(after_ms=5_000))
    webhooks = WebhookFaults(delay_ms=(0, 400), duplicate=0.5, reorder=0.3, drop=0.2)
    faults = FaultPlan(seed=seed, webhooks=webhooks)
    async with twilio_world(callee=Callee(script), faults=faults) as world:
        placed = await world.place("Shall we?")
        record = await world.over(placed.call_id)

        assert world.heard(record) == ("Shall we?", "Yes.!", "No.!")
    assert said_by(record, Speaker.COUNTERPART) == ["Yes.", "No."]
    assert said_by(record, Speaker.US) == ["Shall we?", "Yes.!", "No.!"]


async def test_a_hang_up_that_twilio_refuses_is_repeated_until_the_leg_is_gone() -> None:
    async with twilio_world() as world:
        call = await world.place("Hello.")
        await anyio.sleep(6)
        world.twin.faults.break_api(ApiFault(503), times=4)
        with pytest.raises(CarrierError, match="trouble of its own"):
            await world.calls.submit(call.call_id, HangUpRequested())
        record = await world.over(call.call_id)

        nothing_is_left(world)
    assert record.end_reason is EndReason.HANGUP_BOT


async def test_a_sentence_that_twilio_refuses_is_lost_and_the_call_goes_on() -> None:
    async with twilio_world() as world:
        call = await world.place("Hello.")
        await anyio.sleep(6)
        world.twin.faults.break_api(ApiFault(503), times=3)
        await world.calls.submit(call.call_id, SpeakRequested(SpeechId("lost"), "Lost."))
        await anyio.sleep(3)
        await world.calls.submit(call.call_id, SpeakRequested(SpeechId("s"), "Heard."))
        await anyio.sleep(4)
        await world.calls.submit(call.call_id, HangUpRequested())
        record = await world.over(call.call_id)

        assert world.heard(record) == ("Hello.", "Heard.")
        nothing_is_left(world)
    assert [entry.text for entry in record.transcript if entry.text] == ["Hello.", "Heard."]

"""Whole calls against Aliyun's twin: what was heard is what the record says."""

import anyio
import pytest
from support.aliyun_world import AliyunWorld, aliyun_world

from voice_contracts.twins.callee import Callee, Cue, HangUp, Outcome, Press, Say, interrupt
from voice_contracts.twins.faults import ApiFault, FaultPlan, WebhookFaults
from voice_domain.call import Call
from voice_domain.events import DigitsPressed
from voice_domain.identity import SpeechId
from voice_domain.inputs import HangUpRequested, SpeakRequested
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import CarrierError
from voice_domain.vocabulary import EndReason, Speaker

pytestmark = pytest.mark.anyio

MESSAGE = "会议改到明天下午三点，请准时参加。"


def said_by(call: Call, speaker: Speaker) -> list[str]:
    return [entry.text for entry in call.transcript if entry.speaker is speaker]


def nothing_is_wrong(world: AliyunWorld) -> None:
    assert world.twin.legs_alive() == ()
    assert world.twin.ledger.violations == []


async def test_a_conversation_takes_turns_until_the_callee_hangs_up() -> None:
    script = (Say("明天下午三点。"), Say("不对，是四点。"), HangUp(after_ms=5_000))
    async with aliyun_world(callee=Callee(script)) as world:
        placed = await world.place("您好，我们什么时候过来？")
        record = await world.over(placed.call_id)

        assert [text.rstrip("!") for text in world.heard(record)] == [
            "您好，我们什么时候过来？",
            "明天下午三点。",
            "不对，是四点。",
        ]
        nothing_is_wrong(world)
    assert said_by(record, Speaker.COUNTERPART) == ["明天下午三点。", "不对，是四点。"]
    assert said_by(record, Speaker.US)[0] == "您好，我们什么时候过来？"
    assert record.end_reason is EndReason.HANGUP_USER
    assert record.answered_at_ms is not None


async def test_a_reply_is_the_answer_to_what_was_said() -> None:
    script = (Say("几点？"), HangUp(after_ms=5_000))
    async with aliyun_world(callee=Callee(script)) as world:
        placed = await world.place("您好")
        await world.over(placed.call_id)

        asked = [
            sent for sent in world.twin.ledger.webhooks if dict(sent.fields).get("content_type") == "normal"
        ]
        assert len(asked) == 1
        assert asked[0].seconds < 0.5
        nothing_is_wrong(world)


@pytest.mark.parametrize("tts_code", [None, "TTS_000000"])
async def test_a_notice_is_heard_whole_once_and_then_the_call_ends(tts_code: str | None) -> None:
    async with aliyun_world(account={"templates": {"TTS_000000": "${text}"}}, tts_code=tts_code) as world:
        placed = await world.place(MESSAGE, mode=Mode.NOTIFY)
        record = await world.over(placed.call_id)

        assert world.heard(record) == (MESSAGE,)
        nothing_is_wrong(world)
    assert said_by(record, Speaker.US) == [MESSAGE]
    assert record.end_reason is EndReason.COMPLETED


async def test_a_notice_cannot_be_interrupted() -> None:
    callee = Callee((interrupt("喂？", after_ms=500),))
    async with aliyun_world(callee=callee) as world:
        placed = await world.place(MESSAGE, mode=Mode.NOTIFY)
        record = await world.over(placed.call_id)

        assert world.heard(record) == (MESSAGE,)
    assert record.end_reason is EndReason.COMPLETED


async def test_whoever_speaks_over_us_is_heard_and_we_stop() -> None:
    callee = Callee((interrupt("等一下！", after_ms=1_000), HangUp(after_ms=4_000)))
    async with aliyun_world(callee=callee) as world:
        placed = await world.place(MESSAGE)
        record = await world.over(placed.call_id)

        first, *_ = world.heard(record)
        assert MESSAGE.startswith(first)
        assert len(first) < len(MESSAGE)
        nothing_is_wrong(world)
    assert said_by(record, Speaker.COUNTERPART) == ["等一下！"]
    cut = next(entry for entry in record.transcript if entry.speaker is Speaker.US)
    assert cut.interrupted
    assert len(cut.text) < len(MESSAGE)


async def test_what_somebody_wants_said_is_said_within_two_seconds_of_silence() -> None:
    async with aliyun_world() as world:
        placed = await world.place("您好")
        await world.twin.answered(_leg(placed))
        await anyio.sleep(4)
        began = anyio.current_time()
        await world.calls.submit(placed.call_id, SpeakRequested(SpeechId("s1"), "还在吗：请讲"))
        while len(world.heard(placed)) < 2:  # noqa: ASYNC110 - virtual time
            await anyio.sleep(0.05)
        assert anyio.current_time() - began < 2
        await world.calls.submit(placed.call_id, HangUpRequested())
        record = await world.over(placed.call_id)
        nothing_is_wrong(world)
    assert record.end_reason is EndReason.HANGUP_BOT


async def test_a_phone_that_rings_is_hung_up_on_as_soon_as_somebody_answers() -> None:
    async with aliyun_world(callee=Callee(answer_after_ms=20_000)) as world:
        placed = await world.place("您好")
        await world.calls.submit(placed.call_id, HangUpRequested())
        record = await world.over(placed.call_id)
        leg = world.twin.ledger.leg(_leg(record))

        assert leg.answered_ms is not None
        assert leg.ended_by == "机器"
        assert leg.billed_seconds <= 5
        nothing_is_wrong(world)
    assert record.end_reason is EndReason.HANGUP_BOT


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.BUSY, EndReason.BUSY),
        (Outcome.FAILS, EndReason.FAILED),
        (Outcome.NO_ANSWER, EndReason.NO_ANSWER),
    ],
)
async def test_a_call_that_does_not_come_about_has_its_reason(outcome: Outcome, reason: EndReason) -> None:
    async with aliyun_world(callee=Callee(outcome=outcome)) as world:
        placed = await world.place("您好")
        record = await world.over(placed.call_id)
        nothing_is_wrong(world)
    assert record.end_reason is reason
    assert record.answered_at_ms is None


@pytest.mark.parametrize(
    ("mode", "tts_code"), [(Mode.CONVERSATION, None), (Mode.NOTIFY, None), (Mode.NOTIFY, "TTS_000000")]
)
async def test_keys_are_kept_once(mode: Mode, tts_code: str | None) -> None:
    callee = Callee((Press("1", after_ms=500, cue=Cue.SPEECH_BEGAN),))
    async with aliyun_world(callee=callee, tts_code=tts_code) as world:
        placed = await world.place(MESSAGE, mode=mode, max_ms=20_000)
        await world.over(placed.call_id)
        events = await world.store.load(placed.call_id)

    assert [event.digits for event in events if isinstance(event, DigitsPressed)] == ["1"]


async def test_a_conversation_needs_no_reports_to_begin() -> None:
    async with aliyun_world(
        callee=Callee((Say("好的。"), HangUp(after_ms=4_000))), account={"reports_progress": False}
    ) as world:
        placed = await world.place("您好")
        record = await world.over(placed.call_id)
        nothing_is_wrong(world)
    assert said_by(record, Speaker.COUNTERPART) == ["好的。"]


async def test_callbacks_that_come_twice_late_or_out_of_order_change_nothing() -> None:
    faults = FaultPlan(seed=7, webhooks=WebhookFaults(delay_ms=(0, 200), duplicate=0.5, reorder=0.3))
    script = (Say("明天下午三点。"), HangUp(after_ms=5_000))
    async with aliyun_world(callee=Callee(script), faults=faults) as world:
        placed = await world.place("您好")
        record = await world.over(placed.call_id)
        await anyio.sleep(5)
        assert world.twin.legs_alive() == ()
    assert said_by(record, Speaker.COUNTERPART) == ["明天下午三点。"]
    assert record.end_reason is EndReason.HANGUP_USER


async def test_without_callbacks_a_call_ends_at_its_longest_and_nobody_waits_for_ever() -> None:
    async with aliyun_world(account={"callback_url": ""}) as world:
        placed = await world.place("您好", max_ms=30_000)
        await world.twin.answered(_leg(placed))
        await anyio.sleep(1)
        await world.calls.submit(placed.call_id, SpeakRequested(SpeechId("s1"), "还在吗"))
        began = anyio.current_time()
        record = await world.over(placed.call_id)

        assert anyio.current_time() - began < 70
        assert world.heard(record) == ("您好",)
    assert record.end_reason is EndReason.TIMEOUT
    assert "还在吗" not in said_by(record, Speaker.US)


async def test_a_dial_that_is_refused_leaves_a_failed_record_with_its_sentence() -> None:
    async with aliyun_world() as world:
        world.twin.faults.break_api(ApiFault(status=200, code="isv.AMOUNT_NOT_ENOUGH"))
        with pytest.raises(CarrierError, match="余额不足"):
            await world.place("您好")
        assert world.twin.ledger.legs == ()


def _leg(call: Call) -> str:
    assert call.carrier_call_id is not None
    return call.carrier_call_id

"""A telephone inside another program."""

import wave
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest

from voice_adapters.clock import EventLoopClock
from voice_adapters.responders.scripted import ScriptedResponder
from voice_adapters.speech.tone import ToneSynthesizer
from voice_adapters.stores.memory import MemoryStore
from voice_contracts.settings_report import InvalidSettingsError
from voice_domain.call import Call
from voice_domain.dial_verdict import DialRefusedError
from voice_domain.e164 import InvalidNumberError
from voice_domain.ports.responder import ReplyRequest
from voice_domain.ports.switchboard import LimitReachedError
from voice_domain.refusals import CallEndedError, CallNotFoundError, InvalidRequestError, NotEnabledError
from voice_domain.use_cases.converse import TranscriptTimeoutError
from voice_domain.vocabulary import EndReason
from voice_entrypoints.embed import open_voicecall
from voice_entrypoints.phone import Phone

pytestmark = pytest.mark.anyio

CALLEE = "+15550005678"


def phone(document: Mapping[str, Any] | None = None, **adapters: Any) -> Any:
    """A telephone without disk and threads, in the test's own time."""
    return open_voicecall(
        document, **{"clock": EventLoopClock(), "synthesizer": ToneSynthesizer(), **adapters}
    )


def said(call: Call) -> list[str]:
    return [f"{entry.speaker.value}: {entry.text}" for entry in call.transcript]


async def answered(telephone: Phone, call_id: str) -> None:
    async with telephone.subscribe(call_id) as updates:
        call = await telephone.status(call_id)
        if call is None or call.answered_at_ms is None:
            async for update in updates:
                if update.call.answered_at_ms is not None:
                    return


async def test_a_notify_call_is_heard_and_hung_up() -> None:
    async with phone() as telephone:
        placed = await telephone.call(to=CALLEE, message="Your parcel is at the door.")
        call = await telephone.ended(placed.call_id)

    assert call.end_reason is EndReason.COMPLETED
    assert said(call) == ["bot: Your parcel is at the door."]
    assert call.answered_at_ms is not None
    assert call.ended_at_ms is not None
    assert call.ended_at_ms - call.answered_at_ms > 3_000


async def test_a_plain_function_answers_the_callee() -> None:
    async def reply(utterance: str, call: ReplyRequest) -> str:
        return f"{utterance} it is, number {call.turn}."

    script = {"mock": {"script": [{"afterMs": 300, "say": "Friday"}, {"afterMs": 300, "hangUp": True}]}}
    async with phone(script, responder=reply) as telephone:
        placed = await telephone.call(to=CALLEE, message="Which day?", mode="conversation")
        call = await telephone.ended(placed.call_id)

    assert said(call) == ["bot: Which day?", "user: Friday", "bot: Friday it is, number 1."]
    assert call.end_reason is EndReason.HANGUP_USER
    assert len(call.latencies) == 1


async def test_an_interruption_cuts_our_speech_where_the_callee_stopped_hearing_it() -> None:
    script = {
        "mock": {
            "script": [
                {"afterMs": 200, "say": "Tell me everything"},
                {"afterMs": 1500, "interrupt": "Wait, stop"},
                {"afterMs": 300, "hangUp": True},
            ]
        }
    }
    long = "It begins with a very long story about the weather of the last forty years in this town."
    async with phone(script, responder=ScriptedResponder([long, "Of course."])) as telephone:
        placed = await telephone.call(to=CALLEE, message="Hello.", mode="conversation")
        call = await telephone.ended(placed.call_id)

    cut = call.transcript[2]
    assert cut.intended == long
    assert cut.interrupted
    assert 0 < len(cut.text) < len(long) / 2
    assert long.startswith(cut.text)
    assert said(call)[3:] == ["user: Wait, stop", "bot: Of course."]


async def test_continue_returns_what_the_callee_says_next() -> None:
    script = {"mock": {"script": [{"afterMs": 200, "say": "Hello"}, {"afterMs": 500, "say": "On Friday"}]}}
    async with phone(script, responder=ScriptedResponder([""])) as telephone:
        placed = await telephone.call(to=CALLEE, message="Hi.", mode="conversation")
        await answered(telephone, placed.call_id)
        first = await telephone.continue_call(placed.call_id, "Anybody there?")
        second = await telephone.continue_call(placed.call_id, "Which day?")
        ended = await telephone.end(placed.call_id)

    assert (first, second) == ("Hello", "On Friday")
    assert ended.end_reason is EndReason.HANGUP_BOT
    assert [text for text in said(ended) if text.startswith("bot")] == [
        "bot: Hi.",
        "bot: Anybody there?",
        "bot: Which day?",
    ]


async def test_continue_gives_up_after_its_time_and_the_call_lives_on() -> None:
    async with phone({"transcriptTimeoutMs": 5_000}) as telephone:
        placed = await telephone.call(to=CALLEE, message="Hi.", mode="conversation")
        await answered(telephone, placed.call_id)
        with pytest.raises(TranscriptTimeoutError, match="after 5000ms"):
            await telephone.continue_call(placed.call_id, "Hello?")
        live = await telephone.status(placed.call_id)

    assert live is not None
    assert not live.is_over


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ("busy", EndReason.BUSY),
        ("failed", EndReason.FAILED),
        ("no-answer", EndReason.NO_ANSWER),
        ("voicemail", EndReason.VOICEMAIL),
    ],
)
async def test_a_call_that_nobody_takes_ends_with_its_reason(outcome: str, reason: EndReason) -> None:
    async with phone({"mock": {"outcomes": {"+1555000*": outcome}}, "ringTimeoutMs": 9_000}) as telephone:
        placed = await telephone.call(to=CALLEE, message="Hi.")
        call = await telephone.ended(placed.call_id)

    assert call.end_reason is reason
    assert call.transcript == ()


async def test_what_may_not_be_dialled_is_refused_before_anything_is_kept() -> None:
    document = {"outbound": {"allowCountries": ["DE"], "denyNumbers": ["+4930"]}}
    async with phone(document) as telephone:
        with pytest.raises(DialRefusedError, match="allowCountries"):
            await telephone.call(to=CALLEE, message="Hi.")
        with pytest.raises(DialRefusedError, match="denyNumbers"):
            await telephone.call(to="+493012345678", message="Hi.")
        with pytest.raises(DialRefusedError, match="emergency"):
            await telephone.call(to="112", message="Hi.")
        with pytest.raises(InvalidNumberError):
            await telephone.call(to="hello", message="Hi.")
        with pytest.raises(InvalidRequestError, match="message required"):
            await telephone.call(to=CALLEE, message="  ")
        with pytest.raises(InvalidRequestError, match="to required"):
            await telephone.call(message="Hi.")
        with pytest.raises(InvalidRequestError, match="notify or conversation"):
            await telephone.call(to=CALLEE, message="Hi.", mode="chat")
        plan = await telephone.plan(to=CALLEE)

        assert await telephone.history() == ()

    assert not plan.allowed
    assert any("allowCountries" in reason for reason in plan.reasons)


async def test_a_transfer_obeys_the_dial_policy_too() -> None:
    async with phone({"outbound": {"denyNumbers": ["+1900"]}}) as telephone:
        placed = await telephone.call(to=CALLEE, message="Hi.", mode="conversation")
        await answered(telephone, placed.call_id)
        with pytest.raises(DialRefusedError):
            await telephone.transfer(placed.call_id, "+19005551234")
        moved = await telephone.transfer(placed.call_id, "+15550001111")

    assert moved.transferred is not None


async def test_an_hourly_cap_holds_for_parallel_requests() -> None:
    document = {"outbound": {"maxCallsPerHour": 3}, "maxConcurrentCalls": 50}
    results: list[str] = []

    async def place(telephone: Phone) -> None:
        try:
            await telephone.call(to=CALLEE, message="Hi.")
            results.append("dialled")
        except Exception as error:  # noqa: BLE001 - the kind is what is tested
            results.append(getattr(error, "kind", repr(error)))

    async with phone(document) as telephone, anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(place, telephone)

    assert sorted(results) == ["dialled"] * 3 + ["limit_reached"] * 7


async def test_twenty_parallel_calls_with_limit_three_dial_three() -> None:
    results: list[str] = []

    async def place(telephone: Phone) -> None:
        try:
            await telephone.call(to=CALLEE, message="Hi.")
            results.append("dialled")
        except LimitReachedError:
            results.append("limit")

    async with phone({"maxConcurrentCalls": 3}) as telephone:
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(place, telephone)
        assert len(telephone.live()) == 3

    assert sorted(results) == ["dialled"] * 3 + ["limit"] * 17


async def test_two_hundred_calls_at_once_end_correctly_and_leave_nothing() -> None:
    script = {
        "maxConcurrentCalls": 200,
        "mock": {"script": [{"afterMs": 100, "say": "Yes"}, {"afterMs": 100, "hangUp": True}]},
    }
    calls: list[Call] = []

    async def talk(telephone: Phone) -> None:
        placed = await telephone.call(to=CALLEE, message="Hi.", mode="conversation")
        calls.append(await telephone.ended(placed.call_id))

    async with phone(script) as telephone:
        async with anyio.create_task_group() as tasks:
            for _ in range(200):
                tasks.start_soon(talk, telephone)
        assert telephone.live() == ()
        assert await telephone.history_of.outstanding() == ()  # type: ignore[attr-defined]  # the store is both

    assert len(calls) == 200
    assert {call.end_reason for call in calls} == {EndReason.HANGUP_USER}
    assert {tuple(said(call)[:2]) for call in calls} == {("bot: Hi.", "user: Yes")}


async def test_playback_takes_no_time_where_the_settings_say_so() -> None:
    script = {"realtime": False, "script": [{"say": "A long answer to a long question."}, {"hangUp": True}]}
    async with phone({"mock": script}) as telephone:
        placed = await telephone.call(to=CALLEE, message="A very long question. " * 20, mode="conversation")
        call = await telephone.ended(placed.call_id)

    assert call.answered_at_ms is not None
    assert call.ended_at_ms is not None
    assert call.ended_at_ms - call.answered_at_ms < 3_000
    assert said(call)[0] == f"bot: {('A very long question. ' * 20).strip()}"
    assert said(call)[1] == "user: A long answer to a long question."


async def test_an_inbound_call_is_taken_or_refused_by_the_policy() -> None:
    offer = {"type": "call.initiated", "direction": "inbound", "to": "+15550000000"}
    document = {"inboundPolicy": "allowlist", "allowFrom": ["+15550001234"], "inboundGreeting": "Good day."}
    async with phone(document) as telephone:
        await telephone.inject([{**offer, "callId": "a", "providerCallId": "in-a", "from": "+15550001234"}])
        await anyio.sleep(5)
        taken = await telephone.status("in-a")
        await telephone.inject([{**offer, "callId": "b", "providerCallId": "in-b", "from": "+4915550001234"}])
        await telephone.inject([{**offer, "callId": "c", "providerCallId": "in-c", "from": "anonymous"}])
        await anyio.sleep(1)
        refused = [await telephone.status(name) for name in ("in-b", "in-c")]

    assert taken is not None
    assert said(taken) == ["bot: Good day."]
    for call in refused:
        assert call is not None
        assert call.end_reason is EndReason.HANGUP_BOT
        assert call.answered_at_ms is None
        assert dict(call.opened.notes)["rejectionReason"].startswith("inbound-policy")


async def test_an_unknown_caller_under_pairing_hears_a_code_and_the_call_ends() -> None:
    offer = {"type": "call.initiated", "direction": "inbound", "callId": "a", "providerCallId": "in-a"}
    async with phone({"inboundPolicy": "pairing"}) as telephone:
        await telephone.inject([{**offer, "from": "+15550001234", "to": "+15550000000"}])
        await anyio.sleep(40)
        call = await telephone.status("in-a")

    assert call is not None
    assert call.end_reason is EndReason.COMPLETED
    assert "pairing code is" in call.transcript[0].text


async def test_commands_to_calls_that_are_not_there_say_why() -> None:
    async with phone() as telephone:
        with pytest.raises(CallNotFoundError):
            await telephone.speak("nobody", "Hi.")
        placed = await telephone.call(to=CALLEE, message="Hi.")
        await telephone.ended(placed.call_id)
        with pytest.raises(CallEndedError):
            await telephone.speak(placed.call_id, "Hi.")
        assert (await telephone.end(placed.call_id)).end_reason is EndReason.COMPLETED


async def test_switched_off_settings_make_no_calls() -> None:
    async with phone({"enabled": False}) as telephone:
        with pytest.raises(NotEnabledError, match="disabled in plugin config"):
            await telephone.call(to=CALLEE, message="Hi.")


async def test_wrong_settings_are_all_named() -> None:
    with pytest.raises(InvalidSettingsError) as caught:
        async with phone({"maxConcurentCalls": 2, "ringTimeoutMs": "long"}):
            pass

    assert "maxConcurrentCalls" in str(caught.value)
    assert "ringTimeoutMs" in str(caught.value)


async def test_chinese_callees_are_spoken_to_in_chinese() -> None:
    script = {"mock": {"script": [{"say": "你好"}, {"hangUp": True}]}}
    async with phone(script) as telephone:
        placed = await telephone.call(to="+8613800138000", message="您的快递到了。", mode="conversation")
        call = await telephone.ended(placed.call_id)

    assert call.opened.locale == "zh-CN"
    assert "你好" in call.transcript[-1].text


async def test_a_responder_that_streams_is_heard_sentence_by_sentence_as_one_entry() -> None:
    async def reply(utterance: str, call: ReplyRequest) -> AsyncIterator[str]:
        yield "First."
        await anyio.sleep(0.3)
        yield "Second."

    script = {"mock": {"script": [{"say": "Go"}, {"afterMs": 500, "hangUp": True}]}}
    async with phone(script, responder=reply) as telephone:
        placed = await telephone.call(to=CALLEE, message="Hi.", mode="conversation")
        call = await telephone.ended(placed.call_id)

    assert said(call)[-1] == "bot: First. Second."


@pytest.mark.real_time
async def test_a_state_folder_keeps_the_record_and_the_recording(tmp_path: Path) -> None:
    async with open_voicecall(
        {"mock": {"script": [{"say": "Hi"}, {"hangUp": True}]}}, home=tmp_path
    ) as telephone:
        placed = await telephone.call(to=CALLEE, message="Hello.", mode="conversation")
        call = await telephone.ended(placed.call_id)

    async with open_voicecall(home=tmp_path) as again:
        kept = await again.status(placed.call_id)
    with wave.open(str(tmp_path / "recordings" / f"{placed.call_id}.wav")) as recording:
        seconds = recording.getnframes() / recording.getframerate()
        channels = recording.getnchannels()

    assert kept == call
    assert channels == 2
    assert 1 < seconds < 20


async def test_a_host_that_is_cancelled_hangs_up_before_it_goes() -> None:
    store = MemoryStore()
    with anyio.move_on_after(5):
        async with phone({"mock": {"script": []}}, store=store) as telephone:
            placed = await telephone.call(to=CALLEE, message="Hello.", mode="conversation")
            await anyio.sleep_forever()
    call = await store.find(placed.call_id)

    assert call is not None
    assert call.end_reason is EndReason.HANGUP_BOT
    assert said(call) == ["bot: Hello."]
    assert await store.outstanding() == ()

"""The record of a call, and the events that clients see."""

from typing import get_args

import attrs
import pytest
from support.json_fit import misfits
from support.memory_phone import CALLEE, US, MemoryPhone

from voice_contracts.event_shapes import EVENT_TYPES, event_object, events_schema, notification_of
from voice_contracts.status import RECORD_SCHEMA, STATE_WORDS, record_of, summary_of
from voice_domain.call import Call
from voice_domain.decide import decide, refuse_call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import CallEvent, LatencyParts, Opened, TurnMeasured
from voice_domain.evolve import evolve
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import KeysPressed, LineAnswered, LineEnded, PartHeard, PartStarted
from voice_domain.mode_rules import Mode
from voice_domain.speech import OPENING_ID
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction, EndReason

pytestmark = pytest.mark.anyio


def _inbound(caller: PhoneNumber | None) -> Opened:
    return Opened(
        at_ms=1_000,
        call_id=CallId("c"),
        carrier="mock",
        direction=Direction.INBOUND,
        caller=caller,
        callee=US,
        mode=Mode.CONVERSATION,
        locale="en-US",
        terms=CallTerms(),
        carrier_call_id=CarrierCallId("mock-c"),
        notes=(("route", "sales"),),
    )


async def _talked() -> tuple[MemoryPhone, Call]:
    phone = MemoryPhone()
    call_id = (await phone.call(to=str(CALLEE), message="Hello there.", mode="conversation")).call_id
    phone.answer(call_id)
    phone.hear(call_id, "Hi")
    return phone, phone.submit(call_id, KeysPressed(phone.now_ms, "12#"))


async def test_a_new_call_shows_what_is_known_and_nothing_else() -> None:
    phone = MemoryPhone()
    call = await phone.call(to=str(CALLEE), message="Hello", session_key="alice")

    assert record_of(call) == {
        "callId": "call-1",
        "providerCallId": "mock-call-1",
        "provider": "mock",
        "direction": "outbound",
        "state": "initiated",
        "from": str(US),
        "to": str(CALLEE),
        "mode": "notify",
        "sessionKey": "alice",
        "startedAt": call.started_at_ms,
        "transcript": [],
        "metadata": {"mode": "notify", "initialMessage": "Hello", "turnCount": 0},
    }


async def test_what_was_said_and_pressed_is_in_the_record() -> None:
    _phone, call = await _talked()

    record = record_of(call)

    assert [(entry["speaker"], entry["text"]) for entry in record["transcript"]] == [
        ("bot", "Hello there."),
        ("user", "Hi"),
    ]
    assert record["metadata"]["digits"] == "12#"
    assert record["metadata"]["turnCount"] == 1
    assert record["answeredAt"] == call.answered_at_ms


async def test_an_ended_call_tells_when_and_why() -> None:
    phone, call = await _talked()
    call = phone.submit(call.call_id, LineEnded(phone.now_ms, EndReason.HANGUP_USER, "normal_clearing"))

    record = record_of(call)

    assert record["state"] == record["endReason"] == "hangup-user"
    assert record["endedAt"] == call.ended_at_ms
    assert record["metadata"]["cause"] == "normal_clearing"
    assert "error" not in record


async def test_a_cut_entry_holds_what_was_heard_and_what_was_intended() -> None:
    phone = MemoryPhone()
    call = await phone.call(to=str(CALLEE), message="Hello there.", mode="conversation")
    phone.submit(call.call_id, LineAnswered(phone.now_ms), PartStarted(OPENING_ID, 0))
    call = phone.submit(call.call_id, PartHeard(OPENING_ID, 0, "Hello"))

    assert record_of(call)["transcript"] == [
        {
            "timestamp": call.transcript[0].at_ms,
            "speaker": "bot",
            "text": "Hello",
            "isFinal": True,
            "intended": "Hello there.",
            "interrupted": True,
        }
    ]


async def test_a_withheld_number_is_unknown() -> None:
    decision = refuse_call(_inbound(None), busy=False, error="Inbound calls are disabled")

    record = record_of(decision.call)

    assert record["from"] == "unknown"
    assert record["metadata"]["rejectionReason"] == "Inbound calls are disabled"
    assert record["metadata"]["route"] == "sales"
    assert "error" not in record


async def test_the_latest_turns_latency_is_in_the_metadata() -> None:
    _phone, call = await _talked()
    call = evolve(call, TurnMeasured(call.last_at_ms, 1, LatencyParts(endpointing_ms=300, playback_ms=20)))

    assert record_of(call)["metadata"]["lastTurnLatencyMs"] == 320


async def test_records_fit_their_schema() -> None:
    phone, call = await _talked()
    ended = decide(call, LineEnded(phone.now_ms, EndReason.ERROR), phone.now_ms).call
    refused = refuse_call(_inbound(None), busy=True, error="no").call

    for each in (call, ended, refused):
        assert misfits(record_of(each), RECORD_SCHEMA) == []


def test_every_end_reason_is_a_word_of_the_state() -> None:
    assert len(STATE_WORDS) == 15
    assert {reason.value for reason in EndReason} <= set(STATE_WORDS)


def test_every_event_of_the_domain_has_one_word() -> None:
    assert set(EVENT_TYPES) == set(get_args(CallEvent))
    assert len(set(EVENT_TYPES.values())) == len(EVENT_TYPES)


async def test_every_event_of_a_call_fits_its_schema() -> None:
    phone = MemoryPhone()
    schema = events_schema()
    async with phone.subscribe() as updates:
        call_id = (await phone.call(to=str(CALLEE), message="Hello", mode="conversation")).call_id
        phone.answer(call_id)
        phone.hear(call_id, "Hi")
        await phone.send_digits(call_id, "1")
        await phone.transfer(call_id, "+15550001111")
        await phone.end(call_id)
        seen = []
        async for update in updates:
            shown = event_object(update.sequence, update.call, update.event)
            assert misfits(shown, schema) == [], shown
            seen.append(shown["type"])
            if shown["type"] == "call.ended":
                break

    assert seen[0] == "call.initiated"
    assert {"call.answered", "call.speech.heard", "call.utterance", "call.transferred"} <= set(seen)


async def test_every_event_is_json_with_every_field_that_it_can_have() -> None:
    _phone, call = await _talked()
    schema = events_schema()

    for kind in EVENT_TYPES:
        event = kind(**{field.name: _sample(kind, field.name) for field in attrs.fields(kind)})
        shown = event_object(7, call, event)
        assert misfits(shown, schema) == [], shown


def _sample(kind: type, name: str) -> object:
    samples: dict[str, object] = {
        "answered_at_ms": 4,
        "at_ms": 5,
        "direction": Direction.INBOUND,
        "caller": US,
        "callee": CALLEE,
        "to": CALLEE,
        "mode": Mode.NOTIFY,
        "terms": CallTerms(),
        "notes": (("a", "b"),),
        "reason": EndReason.BUSY,
        "parts": LatencyParts(endpointing_ms=1),
        "part": 0,
        "turn": 1,
        "last": True,
        "over_us": True,
        "held": True,
        "confidence": 0.5,
    }
    if name in samples:
        return samples[name]
    hint = attrs.fields_dict(kind)[name].type
    return (
        next(iter(hint)) if isinstance(hint, type) and issubclass(hint, (str,)) and hint is not str else "x"
    )


async def test_a_notification_names_the_call_its_state_and_the_event() -> None:
    _phone, call = await _talked()
    event = TurnMeasured(call.last_at_ms, 1, LatencyParts(endpointing_ms=300))

    shown = notification_of(9, call, event)

    assert (shown["jsonrpc"], shown["method"]) == ("2.0", "voicecall.event")
    params = shown["params"]
    assert (params["sequence"], params["callId"], params["type"]) == (9, "call-1", "call.turn.measured")
    assert params["parts"] == {"endpointingMs": 300}
    assert params["call"] == summary_of(call)
    assert params["call"]["floor"] == "theirs"

"""Calls as lines of JSON: our own, and those of the plugin that people come from."""

import json
from typing import Any

import pytest

from voice_adapters.stores.exported import export_line, read_lines
from voice_contracts.conformance.sample_values import every_event, opened
from voice_contracts.status import record_of
from voice_domain.effects import CancelTimer
from voice_domain.events import Ended, UtteranceHeard
from voice_domain.evolve import fold
from voice_domain.identity import CallId
from voice_domain.inputs import HangUpConfirmed
from voice_domain.ports.event_store import Ruling
from voice_domain.terms import Timer
from voice_domain.vocabulary import EndReason

CALL = CallId("call-1")
EVENTS = (opened(CALL), UtteranceHeard(1_010, "您好"), Ended(1_020, EndReason.HANGUP_USER))
RULINGS = (Ruling(0, 1_000, None, 1, ()), Ruling(2, 1_020, HangUpConfirmed(), 1, (CancelTimer(Timer.RING),)))

RECORD: dict[str, Any] = {
    "callId": "old-1",
    "providerCallId": "CA1",
    "provider": "twilio",
    "direction": "outbound",
    "state": "completed",
    "from": "+15550001234",
    "to": "+15550005678",
    "startedAt": 1_000,
    "answeredAt": 2_000,
    "endedAt": 9_000,
    "endReason": "completed",
    "transcript": [
        {"timestamp": 2_100, "speaker": "bot", "text": "Hello.", "isFinal": True},
        {"timestamp": 3_000, "speaker": "user", "text": "Hi!", "isFinal": True},
    ],
    "processedEventIds": ["a"],
    "metadata": {"mode": "conversation", "initialMessage": "Hello."},
}


def line_of(record: object) -> bytes:
    return json.dumps(record).encode()


def test_what_was_exported_comes_back_as_it_was() -> None:
    line = export_line({"callId": CALL}, EVENTS, RULINGS)

    (call,), problems = read_lines([line.encode()])

    assert problems == ()
    assert (call.call_id, call.events, call.rulings) == (CALL, EVENTS, RULINGS)


def test_events_of_every_kind_are_exported() -> None:
    events = every_event(CALL)

    document = json.loads(export_line({}, events, ()))

    assert len(document["events"]) == len(events)


def test_a_record_of_the_plugin_becomes_a_call_with_the_same_record() -> None:
    (call,), problems = read_lines([line_of(RECORD)])
    record = record_of(fold(call.events))

    assert problems == ()
    same = ("callId", "providerCallId", "provider", "direction", "state", "from", "to", "transcript")
    times = ("startedAt", "answeredAt", "endedAt", "endReason")
    assert {name: record[name] for name in (*same, *times)} == {
        name: RECORD[name] for name in (*same, *times)
    }


def test_the_last_record_of_a_call_counts_in_either_shape() -> None:
    ringing = {**RECORD, "state": "ringing", "endReason": None, "endedAt": None, "transcript": []}
    last = {"version": 2, "call": RECORD, "persistedAt": 9_000, "sequence": 4}

    calls, problems = read_lines([line_of(ringing), b"", line_of(last)])

    assert problems == ()
    assert [fold(call.events).word for call in calls] == ["completed"]


def test_a_call_without_an_end_is_taken_in_as_over() -> None:
    live = {name: value for name, value in RECORD.items() if not name.startswith("end")}

    (call,), _ = read_lines([line_of({**live, "state": "listening"})])
    folded = fold(call.events)

    assert (folded.word, folded.cause) == ("error", "listening")
    assert "no end" in folded.error


def test_a_caller_without_a_number_is_withheld() -> None:
    (call,), _ = read_lines([line_of({**RECORD, "direction": "inbound", "from": "anonymous"})])

    assert fold(call.events).opened.caller is None


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{", "line 1: it is no JSON"),
        (b"[]", "line 1: it is no JSON object"),
        (b"{}", "line 1: startedAt is missing"),
        (line_of({**RECORD, "to": "12"}), "line 1: to is no E.164 number"),
        (line_of({**RECORD, "from": "nobody"}), "line 1: from is no E.164 number"),
        (line_of({**RECORD, "provider": 3}), "line 1: provider is missing or no text"),
        (line_of({**RECORD, "startedAt": "noon"}), "line 1: startedAt is no time in epoch milliseconds"),
        (line_of({**RECORD, "transcript": 1}), "line 1: transcript is no list"),
        (line_of({**RECORD, "transcript": [{}]}), "line 1: transcript[0] has no text"),
        (line_of({**RECORD, "transcript": [{"text": "a"}]}), "line 1: transcript[0].speaker is neither"),
        (b'{"voicecall":1}', "line 1: it is no exported call"),
        (
            b'{"voicecall":9,"events":[],"rulings":[]}',
            "line 1: it has the format 9, and this version reads 1",
        ),
        (b'{"voicecall":1,"events":[],"rulings":[]}', "line 1: "),
        (b'{"voicecall":1,"events":[{"event":"x"}],"rulings":[]}', "unknown event 'x'"),
        (export_line({}, EVENTS[:2], ()).encode(), "had not ended when it was exported"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_what_is_wrong(line: bytes, problem: str) -> None:
    calls, (found,) = read_lines([line])

    assert calls == ()
    assert problem in found

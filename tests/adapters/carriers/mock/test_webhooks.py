"""What can be told to the mock network from outside, and what is kept of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_adapters.carriers.mock.webhooks import MockWebhooks, signals_of
from voice_domain.e164 import PhoneNumber
from voice_domain.inputs import (
    KeysPressed,
    LineAnswered,
    LineBridged,
    LineEnded,
    LineFailed,
    LineRang,
    WordsHeard,
)
from voice_domain.ports.carrier import CarrierSignal
from voice_domain.ports.clock import Clock
from voice_domain.ports.webhook_reader import BadWebhookError, WebhookRequest
from voice_domain.vocabulary import Direction, EndReason


class Noon(Clock):
    def now_ms(self) -> int:
        return 1_000


def request(body: bytes | str) -> WebhookRequest:
    raw = body.encode() if isinstance(body, str) else body
    return WebhookRequest(method="POST", urls=("http://x/voice",), query={}, headers={}, body=raw)


def told(*events: Any) -> tuple[CarrierSignal, ...]:
    return MockWebhooks(Noon()).translate(request(json.dumps({"events": list(events)})))


def name_in(signal: CarrierSignal) -> str | None:
    return getattr(signal.news, "carrier_call_id", None)


def id_of(signal: CarrierSignal) -> str:
    return str(getattr(signal.news, "event_id", ""))


def one(**event: Any) -> CarrierSignal:
    (signal,) = told({"callId": "c1", **event})
    return signal


@pytest.mark.parametrize(
    ("event", "news"),
    [
        ({"type": "call.ringing"}, LineRang(1_000, "e")),
        ({"type": "call.answered", "timestamp": 5}, LineAnswered(5, "e")),
        ({"type": "call.active"}, LineBridged(1_000, "e")),
        (
            {"type": "call.speech", "transcript": "hi", "isFinal": False, "confidence": 0.5},
            WordsHeard(1_000, "hi", final=False, confidence=0.5, event_id="e"),
        ),
        ({"type": "call.dtmf", "digits": "12#"}, KeysPressed(1_000, "12#", "e")),
        (
            {"type": "call.ended", "reason": "hangup-user"},
            LineEnded(1_000, EndReason.HANGUP_USER, "hangup-user", "e"),
        ),
        (
            {"type": "call.ended", "reason": "strange"},
            LineEnded(1_000, EndReason.COMPLETED, "strange", "e"),
        ),
        (
            {"type": "call.error", "error": "no circuit", "retryable": True},
            LineFailed(1_000, "no circuit", retryable=True, event_id="e"),
        ),
    ],
)
def test_each_type_is_news_in_our_words(event: dict[str, Any], news: object) -> None:
    assert one(id="e", **event).news == news


def test_what_is_not_said_has_a_default() -> None:
    assert one(type="call.speech", id="e").news == WordsHeard(1_000, "", final=True, event_id="e")
    assert one(type="call.dtmf", id="e").news == KeysPressed(1_000, "", "e")
    assert one(type="call.ended", id="e").news == LineEnded(1_000, EndReason.COMPLETED, "completed", "e")
    assert one(type="call.error", id="e").news == LineFailed(1_000, "unknown error", event_id="e")


def test_what_is_said_to_be_empty_or_zero_or_false_stays_so() -> None:
    assert one(type="call.speech", timestamp=0, transcript="", isFinal=False, id="e").news == WordsHeard(
        0, "", final=False, event_id="e"
    )
    assert one(type="call.ended", timestamp=0, id="e").news.at_ms == 0
    assert one(type="call.error", error="", id="e").news == LineFailed(1_000, "", event_id="e")
    assert one(type="call.ended", reason="", id="e").news == LineEnded(1_000, EndReason.COMPLETED, "", "e")
    assert one(type="call.speech", confidence=0, id="e").news == WordsHeard(
        1_000, "", confidence=0.0, event_id="e"
    )


def test_an_inbound_offer_names_who_calls_whom_and_belongs_to_no_call_of_ours_yet() -> None:
    signal = one(type="call.initiated", direction="inbound", **{"from": "+15550001111", "to": "+15550000000"})

    assert isinstance(signal.news, LineRang)
    assert (signal.direction, signal.call_id) == (Direction.INBOUND, None)
    assert (signal.caller, signal.callee) == (PhoneNumber("+15550001111"), PhoneNumber("+15550000000"))
    assert signal.carrier_call_id == "mock-c1"


@pytest.mark.parametrize(
    "withheld", ["", "anonymous", "Restricted", " unknown ", "private", "unavailable", None]
)
def test_a_withheld_caller_is_none(withheld: str | None) -> None:
    assert one(type="call.initiated", direction="inbound", **{"from": withheld}).caller is None


def test_a_later_event_of_an_inbound_call_has_the_same_carrier_call_id() -> None:
    offer, later = told(
        {"type": "call.initiated", "callId": "x", "direction": "inbound"},
        {"type": "call.answered", "callId": "x"},
    )

    assert offer.carrier_call_id == later.carrier_call_id == "mock-x"


def test_a_carriers_name_that_is_spelled_out_is_taken_over() -> None:
    signal = one(type="call.ringing", providerCallId="other")

    assert (signal.call_id, signal.carrier_call_id, name_in(signal)) == ("c1", "other", "other")
    assert name_in(one(type="call.ringing")) is None


def test_the_event_id_is_the_dedupe_key_else_the_id_else_one_of_the_body() -> None:
    assert id_of(one(type="call.ringing", dedupeKey="k", id="i")) == "k"
    assert id_of(one(type="call.ringing", id="i")) == "i"
    first, second = told(*[{"type": "call.ringing", "callId": "c1"}] * 2)
    again, _ = told(*[{"type": "call.ringing", "callId": "c1"}] * 2)

    assert id_of(first) == id_of(again) != id_of(second)


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "call.ringing"},
        {"callId": "c1"},
        {"type": "call.dreaming", "callId": "c1"},
        {"type": "", "callId": ""},
        {"type": "call.speaking", "callId": "c1", "text": "hi"},
        {"type": "call.silence", "callId": "c1", "durationMs": 100},
        {"type": "call.initiated", "callId": "c1", "direction": "outbound"},
    ],
)
def test_what_means_nothing_to_us_is_left_out(entry: dict[str, Any]) -> None:
    assert told(entry) == ()


def test_a_single_event_may_come_alone() -> None:
    body = json.dumps({"event": {"type": "call.ringing", "callId": "c1"}})

    assert len(MockWebhooks(Noon()).translate(request(body))) == 1


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("{", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        ("[" * 60_000, "is no JSON"),
        ("[]", "is no JSON object"),
        ("{}", "has no list `events` and no `event`"),
        ('{"events": {}}', "has no list `events`"),
        ('{"events": [1]}', r"events\[0\] of the mock webhook is no object"),
        ('{"event": null}', r"events\[0\] of the mock webhook is no object"),
        ('{"events": [{"type": 1}]}', r"events\[0\]\.type of the mock webhook must be text"),
    ],
)
def test_what_is_no_document_is_refused_with_its_reason(body: bytes | str, problem: str) -> None:
    with pytest.raises(BadWebhookError, match=problem):
        MockWebhooks(Noon()).translate(request(body))


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("timestamp", "now", "a number of milliseconds, 0 or more"),
        ("timestamp", -1, "a number of milliseconds, 0 or more"),
        ("timestamp", True, "a number of milliseconds, 0 or more"),
        ("isFinal", "yes", "true or false"),
        ("confidence", 2, "a number from 0 to 1"),
        ("transcript", 5, "text"),
        ("direction", "sideways", "`inbound` or `outbound`"),
        ("from", "12", "a phone number"),
    ],
)
def test_a_field_of_a_wrong_type_is_named(field: str, value: object, wanted: str) -> None:
    with pytest.raises(BadWebhookError, match=rf"events\[0\]\.{field} of the mock webhook must be {wanted}"):
        one(type="call.speech", **{field: value})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5
)
FIELDS = ("timestamp", "transcript", "isFinal", "confidence", "direction", "from", "reason", "id")


def outcome(name: str, value: object) -> str:
    try:
        entry = {"type": "call.speech", "callId": "c1", name: value}
        (signal,) = signals_of({"event": entry}, now_ms=0, source="test")
    except BadWebhookError as error:
        return str(error)
    return type(signal.news).__name__


@given(ANYTHING)
def test_any_value_in_any_field_is_understood_or_refused_by_the_fields_name(value: object) -> None:
    outcomes = {name: outcome(name, value) for name in FIELDS}

    assert all(said == "WordsHeard" or f".{name} of" in said for name, said in outcomes.items())


def test_the_key_of_a_request_is_made_of_its_body_alone() -> None:
    reader = MockWebhooks(Noon())

    assert reader.authenticate(request("a")) == reader.authenticate(request("a"))
    assert reader.authenticate(request("a")) != reader.authenticate(request("b"))


def test_the_answer_is_short_json() -> None:
    response = MockWebhooks(Noon()).respond(request("{}"), None)

    assert (response.status, response.content_type, response.body) == (
        200,
        "application/json",
        b'{"ok":true}',
    )

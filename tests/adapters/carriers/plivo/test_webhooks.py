"""What Plivo tells: every recorded event, under ids that repetitions share, and nothing that garbage could break."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_adapters.carriers.plivo import PlivoSignature
from voice_adapters.carriers.plivo.fields import Fields, Topic, Turn
from voice_adapters.carriers.plivo.webhooks import signals_of, stream_problem
from voice_domain.e164 import PhoneNumber
from voice_domain.inputs import (
    KeysPressed,
    LineAnswered,
    LineBridged,
    LineEnded,
    LineFailed,
    LineRang,
    MachineAnswered,
    WordsHeard,
)
from voice_domain.ports.carrier import CarrierSignal, SpeechPlayed
from voice_domain.ports.webhook_reader import BadWebhookError, WebhookRequest
from voice_domain.vocabulary import Direction, EndReason

if TYPE_CHECKING:
    from conftest import Webhooks

EVENTS: dict[str, dict[str, Any]] = {
    event["name"]: event
    for event in json.loads(
        (Path(__file__).parents[3] / "vectors" / "plivo" / "events.json").read_text(encoding="utf-8")
    )["events"]
}
LEG = "00000000-0000-4000-8000-000000000001"
REQUEST = "00000000-0000-4000-8000-000000000002"
STREAM = "00000000-0000-4000-8000-000000000009"
HOOK = "https://voice.example.com/voice/webhook"
NOW = 1_770_000_000_000


def request_of(event: dict[str, Any]) -> WebhookRequest:
    return WebhookRequest(
        method=event["method"],
        urls=(event["url"],),
        query=dict(event["query"]),
        headers={name.lower(): value for name, value in event["headers"].items()},
        body=event["body_raw"].encode(),
    )


def told(request: WebhookRequest) -> tuple[CarrierSignal, ...]:
    return signals_of(Fields.of(request), now_ms=NOW)


def news(request: WebhookRequest) -> list[Any]:
    return [signal.news for signal in told(request)]


def ids(request: WebhookRequest) -> list[str]:
    return [getattr(signal.news, "event_id", "") for signal in told(request)]


def at(kind: Callable[..., Any], *parts: Any, event_id: str, **more: Any) -> Any:
    return kind(NOW, *parts, event_id=f"{LEG}:{event_id}", carrier_call_id=LEG, **more)


def ended(reason: EndReason, cause: str) -> list[Any]:
    return [at(LineEnded, reason, cause, event_id="end")]


RANG = at(LineRang, event_id="ringing")
ANSWERED = at(LineAnswered, event_id="in-progress")
MACHINE = at(MachineAnswered, event_id="machine")
EXPECTED: dict[str, list[Any]] = {
    "inbound call": [RANG],
    "inbound call, forwarded": [RANG],
    "inbound call by GET": [RANG],
    "outbound: ringing": [RANG],
    "outbound: answered, XML wanted": [ANSWERED],
    "outbound: answered by a machine, XML wanted": [MACHINE],
    "machine detection, asynchronous": [MACHINE],
    "hangup: callee": ended(EndReason.HANGUP_USER, "Normal Hangup (4000)"),
    "hangup: callee, older wording": ended(EndReason.HANGUP_USER, "Normal Hangup (4000)"),
    "hangup: by API": ended(EndReason.HANGUP_BOT, "Normal Hangup (4000)"),
    "hangup: end of XML": ended(EndReason.HANGUP_BOT, "End Of XML Instructions (4010)"),
    "hangup: Hangup element": ended(EndReason.HANGUP_BOT, "Normal Hangup (4000)"),
    "hangup: time limit": ended(EndReason.TIMEOUT, "Scheduled Hangup (6000)"),
    "hangup: no media": ended(EndReason.ERROR, "Media Timeout (6020)"),
    "hangup: no answer": ended(EndReason.NO_ANSWER, "No Answer (3000)"),
    "hangup: busy": ended(EndReason.BUSY, "Busy Line (3010)"),
    "hangup: rejected": ended(EndReason.BUSY, "Rejected (3020)"),
    "hangup: ring timeout": ended(EndReason.NO_ANSWER, "Ring Timeout Reached (6010)"),
    "hangup: cancelled": ended(EndReason.HANGUP_BOT, "Canceled (1000)"),
    "hangup: invalid destination": ended(EndReason.FAILED, "Invalid Destination Address (2000)"),
    "hangup: machine detected": ended(EndReason.VOICEMAIL, "Machine Detected (9100)"),
    "hangup: our XML was bad": ended(EndReason.ERROR, "Invalid Answer XML (8011)"),
    "hangup: our URL did not answer": ended(EndReason.ERROR, "Error Reaching Answer URL (7011)"),
    "input: speech": [
        ANSWERED,
        at(WordsHeard, "Tomorrow at three, please.", confidence=0.92, event_id="turn-2:speech"),
    ],
    "input: speech, unicode": [
        ANSWERED,
        at(WordsHeard, "你好，明天下午三点。", confidence=0.88, event_id="turn-2:speech"),
    ],
    "input: keys": [ANSWERED, at(KeysPressed, "1234", event_id="turn-2:keys")],
    "redirect": [ANSWERED],
    "stream status: StartStream": [ANSWERED, at(LineBridged, event_id=f"{STREAM}:started")],
    "stream status: StopStream": [],
    "stream status: DroppedStream": [
        at(
            LineFailed,
            "Plivo's media stream broke (droppedstream)",
            retryable=True,
            event_id=f"{STREAM}:broke",
        )
    ],
    "stream status: DegradedStream": [],
}


@pytest.mark.parametrize("name", [name for name in EVENTS if name != "input: interim speech"])
def test_every_recorded_event_is_understood(name: str) -> None:
    assert news(request_of(EVENTS[name])) == EXPECTED[name]


@pytest.mark.parametrize("name", list(EVENTS))
def test_every_recorded_event_is_authentic_and_names_its_call(name: str) -> None:
    request = request_of(EVENTS[name])
    signals = told(request)

    assert PlivoSignature(auth_token="plivo-test-auth-token-0123456789").authenticate(request)
    assert {signal.news.carrier_call_id for signal in signals} <= {LEG}
    assert {signal.call_id for signal in signals} <= {dict(EVENTS[name]["query"]).get("callId")}


def test_a_call_that_we_placed_is_found_by_its_first_name_and_goes_on_under_its_own(
    webhooks: "Webhooks",
) -> None:
    (rang,) = told(webhooks(f"{HOOK}?callId=c-1&flow=ring", RequestUUID=REQUEST, CallStatus="ringing"))
    (later,) = told(webhooks(f"{HOOK}?turn=1-2", RequestUUID=REQUEST))
    (inbound,) = told(request_of(EVENTS["inbound call"]))

    assert (rang.carrier_call_id, rang.news.carrier_call_id) == (REQUEST, LEG)
    assert (later.carrier_call_id, inbound.carrier_call_id) == (LEG, LEG)


def test_an_interim_result_is_words_that_may_change() -> None:
    (heard,) = news(request_of(EVENTS["input: interim speech"]))

    assert (heard.text, heard.final) == ("tomorrow at three", False)
    assert ":partial:3:" in heard.event_id


def test_interim_results_with_one_number_are_told_apart_and_chinese_ones_are_joined(
    webhooks: "Webhooks",
) -> None:
    url = f"{HOOK}?turn=5-0&flow=interim"
    one = webhooks(url, UnstableSpeech="今天", SequenceNumber="0")
    two = webhooks(url, StableSpeech="今天", UnstableSpeech="下午", SequenceNumber="0")

    assert [heard.text for heard in (*news(one), *news(two))] == ["今天", "今天下午"]
    assert ids(one) != ids(two)
    assert ids(one)[0].startswith(f"{LEG}:turn-5-0:partial:0:")
    assert news(webhooks(url, UnstableSpeech=" ")) == []


def test_an_inbound_call_says_who_calls_whom() -> None:
    (signal,) = told(request_of(EVENTS["inbound call"]))

    assert (signal.direction, signal.call_id) == (Direction.INBOUND, None)
    assert (signal.caller, signal.callee) == (PhoneNumber("+15550005678"), PhoneNumber("+15550001234"))


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("15550005678", "+15550005678"),
        ("+15550005678", "+15550005678"),
        (" 15550005678", "+15550005678"),
        ("8613800138000", "+8613800138000"),
        ("anonymous", None),
        ("266696687", None),
        ("", None),
        ("sip:alice@phone.plivo.com", None),
        ("１５５５", None),
    ],
)
def test_a_number_comes_without_a_plus_sign_or_is_nobodys(
    webhooks: "Webhooks", written: str, number: str | None
) -> None:
    (signal,) = told(webhooks(From=written, Direction="inbound", CallStatus="ringing"))

    assert (signal.caller and signal.caller.e164) == number


@pytest.mark.parametrize(
    ("word", "direction"),
    [("inbound", Direction.INBOUND), ("Outbound", Direction.OUTBOUND), ("", None), ("sideways", None)],
)
def test_the_direction_is_taken_from_its_word(webhooks: "Webhooks", word: str, direction: object) -> None:
    assert told(webhooks(Direction=word))[0].direction is direction


@pytest.mark.parametrize("status", ["in-progress", "IN-PROGRESS", " In-Progress ", "", "dreaming"])
def test_a_call_of_ours_that_asks_for_its_document_is_answered_however_the_state_is_spelt(
    webhooks: "Webhooks", status: str
) -> None:
    assert news(webhooks(f"{HOOK}?callId=c-1", CallStatus=status)) == [ANSWERED]


@pytest.mark.parametrize("status", ["ringing", "Ringing", "", "dreaming"])
def test_a_call_to_us_rings_until_a_document_of_ours_leads_it_back(webhooks: "Webhooks", status: str) -> None:
    def said(url: str) -> list[Any]:
        return news(webhooks(url, Direction="inbound", CallStatus=status))

    assert said(HOOK) == [RANG]
    assert said(f"{HOOK}?callId=c-1&lost=0&at=5") == said(f"{HOOK}?turn=5-0") == [ANSWERED]


@pytest.mark.parametrize("status", ["completed", "COMPLETED", "busy", "failed", "timeout", "no-answer"])
def test_a_last_state_ends_the_call_at_whatever_address_it_comes(webhooks: "Webhooks", status: str) -> None:
    for query in (
        "",
        "?callId=c-1",
        "?callId=c-1&flow=ring",
        "?turn=1-0&said=a&part=0",
        "?callId=c-1&flow=amd",
    ):
        (end,) = news(webhooks(HOOK + query, CallStatus=status))
        assert isinstance(end, LineEnded)


def test_a_status_that_is_missing_reads_as_empty_and_a_hang_up_is_an_end_without_one() -> None:
    assert Fields({}, {"CallUUID": LEG}).status == ""
    assert Fields({}, {"CallUUID": LEG, "Event": "Hangup"}).is_end


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"AnswerTime": "2026-02-02 02:40:00", "CallStatus": ""}, ended(EndReason.COMPLETED, "unknown (0)")),
        ({"CallStatus": "completed"}, ended(EndReason.COMPLETED, "unknown (0)")),
        ({"CallStatus": "failed"}, ended(EndReason.FAILED, "unknown (0)")),
        ({"CallStatus": "failed", "HangupCause": ""}, ended(EndReason.FAILED, "failed (0)")),
        ({"CallStatus": "failed", "HangupCauseName": "Unknown"}, ended(EndReason.FAILED, "Unknown (0)")),
    ],
)
def test_an_unknown_end_is_judged_by_whether_the_call_was_up_and_called_by_what_is_said_of_it(
    webhooks: "Webhooks", fields: dict[str, str], wanted: list[Any]
) -> None:
    told_fields = {"Event": "Hangup", "HangupCauseCode": "0", "HangupCause": "unknown", **fields}

    assert news(webhooks(**told_fields)) == wanted


def test_the_address_says_what_it_is_about_where_the_event_is_missing(webhooks: "Webhooks") -> None:
    (rang,) = news(webhooks(f"{HOOK}?flow=ring", CallStatus=""))
    (up,) = news(webhooks(f"{HOOK}?flow=ring", CallStatus="in-progress"))
    (end,) = news(webhooks(f"{HOOK}?flow=hangup", CallStatus=""))
    (person,) = news(webhooks(f"{HOOK}?flow=amd", CallStatus=""))

    assert (rang, up, person) == (RANG, ANSWERED, ANSWERED)
    assert (end.reason, end.cause) == (EndReason.FAILED, "no cause given")


def test_where_the_address_says_nothing_the_event_and_the_fields_do(webhooks: "Webhooks") -> None:
    assert news(webhooks(Event="StopStream", StreamID="s")) == []
    assert news(webhooks(StreamID="s")) == []
    assert news(webhooks(Event="Ring", CallStatus="ringing")) == [RANG]
    assert isinstance(news(webhooks(Event="Hangup", CallStatus=""))[0], LineEnded)
    assert isinstance(news(webhooks(HangupCause="NORMAL_CLEARING", CallStatus=""))[0], LineEnded)
    (partial,) = news(webhooks(UnstableSpeech="hm"))
    assert not partial.final


def test_what_comes_back_from_a_document_of_ours_wants_another_one_whatever_it_is_called(
    webhooks: "Webhooks",
) -> None:
    request = webhooks(f"{HOOK}?callId=c-1&lost=0&at=7", Event="Ring", StreamID="s", HangupCause="x")

    assert Fields.of(request).topic is Topic.DOCUMENT


@pytest.mark.parametrize("word", ["StartStream", "started"])
def test_both_words_for_a_stream_that_began_are_known(webhooks: "Webhooks", word: str) -> None:
    request = webhooks(f"{HOOK}?callId=c-1&flow=stream", Event=word, StreamID=STREAM)

    assert [type(each) for each in news(request)] == [LineAnswered, LineBridged]
    assert stream_problem(Fields.of(request)) == ""


@pytest.mark.parametrize(("word", "fails"), [("DroppedStream", 1), ("failed", 1), ("DegradedStream", 0)])
def test_trouble_with_a_stream_is_known_and_ends_nothing(webhooks: "Webhooks", word: str, fails: int) -> None:
    request = webhooks(f"{HOOK}?callId=c-1&flow=stream", Event=word, StreamID=STREAM)

    assert [each.retryable for each in news(request)] == [True] * fails
    assert stream_problem(Fields.of(request)) == word
    assert stream_problem(Fields.of(webhooks(Event=word, CallStatus=""))) == (
        "" if word == "failed" else word
    )


@pytest.mark.parametrize(
    ("answer", "machine"), [("true", True), ("True", True), ("false", False), ("", False)]
)
def test_a_machine_is_one_only_if_plivo_says_so(webhooks: "Webhooks", answer: str, machine: object) -> None:
    for query in ("?callId=c-1", "?callId=c-1&flow=amd"):
        (what,) = news(webhooks(HOOK + query, Machine=answer))
        assert isinstance(what, MachineAnswered) is machine


def test_a_repeated_delivery_has_the_same_ids_and_different_news_have_others(webhooks: "Webhooks") -> None:
    requests = [
        webhooks(f"{HOOK}?callId=c-1&flow=ring", CallStatus="ringing"),
        webhooks(f"{HOOK}?callId=c-1"),
        webhooks(f"{HOOK}?callId=c-1&flow=hangup", CallStatus="completed"),
        webhooks(f"{HOOK}?turn=7-0", Speech="Yes."),
        webhooks(f"{HOOK}?turn=7-1", Speech="Yes."),
        webhooks(f"{HOOK}?turn=7-2", Digits="1"),
    ]

    last = [ids(request)[-1] for request in requests]
    assert [ids(request) for request in requests] == [ids(request) for request in requests]
    assert len(set(last)) == len(last)


def test_results_without_our_token_are_told_apart_by_what_they_say(webhooks: "Webhooks") -> None:
    assert ids(webhooks(Speech="Yes.")) == ids(webhooks(Speech="Yes."))
    assert ids(webhooks(Speech="Yes."))[-1] != ids(webhooks(Speech="No."))[-1]


def test_of_speech_and_keys_together_speech_wins(webhooks: "Webhooks") -> None:
    kinds = [type(each) for each in news(webhooks(Speech="One.", Digits="1"))]

    assert kinds == [LineAnswered, WordsHeard]


@pytest.mark.parametrize(
    ("score", "share"), [("0.5", 0.5), ("0", 0.0), ("1.0", 1.0), ("2", None), ("nan", None), ("x", None)]
)
def test_a_confidence_is_a_share_or_unknown(webhooks: "Webhooks", score: str, share: float | None) -> None:
    assert news(webhooks(Speech="Yes.", SpeechConfidenceScore=score))[-1].confidence == share


def test_a_document_that_has_read_its_text_says_so(webhooks: "Webhooks") -> None:
    url = f"{HOOK}?turn=7-0&said=reply-1&part=2"

    played = news(webhooks(url))[-1]
    assert (played.speech_id, played.part, played.event_id) == ("reply-1", 2, f"{LEG}:7-0:said")
    for broken in (url.replace("part=2", "part=x"), url.replace("turn=7-0", "turn=7")):
        assert not any(isinstance(each, SpeechPlayed) for each in news(webhooks(broken)))


@pytest.mark.parametrize(
    ("fields", "over"),
    [
        ({"DialBLegStatus": "answer"}, True),
        ({"DialAction": "connected"}, True),
        ({"DialAction": "Answer"}, True),
        ({"DialBLegStatus": "hangup"}, False),
        ({"DialAction": "digits"}, False),
    ],
)
def test_news_of_the_other_number_end_our_part_when_it_answers(
    webhooks: "Webhooks", fields: dict[str, str], over: object
) -> None:
    signals = told(webhooks(f"{HOOK}?flow=transfer", **fields, CallStatus="completed"))

    assert bool(signals) is over
    for signal in signals:
        assert isinstance(signal.news, LineEnded)
        assert (signal.news.reason, signal.news.cause) == (EndReason.COMPLETED, "transferred")
        assert (signal.carrier_call_id, signal.direction, signal.caller) == (LEG, None, None)


@pytest.mark.parametrize(("word", "over"), [("completed", True), ("answer", True), ("no-answer", False)])
def test_a_dial_that_comes_back_says_whether_the_counterpart_was_handed_over(
    webhooks: "Webhooks", word: str, over: object
) -> None:
    said = news(webhooks(f"{HOOK}?lost=0&at=5", DialStatus=word))

    assert any(isinstance(each, LineEnded) for each in said) is over


@pytest.mark.parametrize("body", [b"", b"\xff\x00", b"{", b"CallStatus=ringing", b"CallUUID=", b"CallUUID=+"])
def test_what_names_no_call_is_no_webhook(webhooks: "Webhooks", body: bytes) -> None:
    request = webhooks()
    garbage = WebhookRequest(method="POST", urls=request.urls, query={}, headers=request.headers, body=body)

    with pytest.raises(BadWebhookError, match="no CallUUID"):
        told(garbage)


TEXT = st.text(max_size=20)
NAMES = st.sampled_from(
    [
        *(
            "CallStatus",
            "Direction",
            "From",
            "To",
            "Speech",
            "Digits",
            "SpeechConfidenceScore",
            "Machine",
            "Event",
        ),
        *(
            "StreamID",
            "SequenceNumber",
            "DialStatus",
            "DialAction",
            "UnstableSpeech",
            "RequestUUID",
            "AnswerTime",
        ),
        *("HangupCauseCode", "HangupCauseName", "HangupSource"),
    ]
)
QUERY = st.dictionaries(
    st.sampled_from(["callId", "flow", "turn", "said", "part", "begin", "lost", "at"]), TEXT
)


@given(st.dictionaries(NAMES, TEXT), QUERY)
def test_whatever_the_fields_hold_the_same_is_told_twice_and_always_of_one_call(
    fields: dict[str, str], query: dict[str, str]
) -> None:
    read = Fields(query, {"CallUUID": LEG, **fields})
    signals = signals_of(read, now_ms=NOW)

    assert signals == signals_of(read, now_ms=NOW)
    assert {signal.news.carrier_call_id for signal in signals} <= {LEG}
    assert all(getattr(signal.news, "event_id", "") and signal.carrier_call_id for signal in signals)


@given(st.integers(0, 10**15), st.integers(0, 10**6))
def test_a_turn_is_read_as_it_was_written(order: int, place: int) -> None:
    assert Turn.parse(str(Turn(order, place))) == Turn(order, place)


@pytest.mark.parametrize("text", ["", "-", "1", "1-", "-1", "a-1", "1-b", "１-2", "1" * 50 + "-1"])
def test_anything_else_is_no_turn(text: str) -> None:
    assert Turn.parse(text) is None

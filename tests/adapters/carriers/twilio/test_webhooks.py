"""What Twilio tells: every recorded event, under ids that repetitions share, and nothing that garbage could break."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_adapters.carriers.twilio import TwilioSignature
from voice_adapters.carriers.twilio.fields import Fields, Turn
from voice_adapters.carriers.twilio.webhooks import signals_of
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
        (Path(__file__).parents[3] / "vectors" / "twilio" / "events.json").read_text(encoding="utf-8")
    )["events"]
}
LEG = "CA0000000000000000000000000000002a"
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


def answered(event_id: str) -> LineAnswered:
    return LineAnswered(NOW, f"{LEG}:{event_id}", LEG)  # type: ignore[arg-type]  # a plain text is enough here


def at(kind: Callable[..., Any], *parts: Any, event_id: str, **more: Any) -> Any:
    return kind(NOW, *parts, event_id=f"{LEG}:{event_id}", carrier_call_id=LEG, **more)


WORDS = "你好，明天下午三点。"
EXPECTED: dict[str, list[Any]] = {
    "inbound call": [at(LineRang, event_id="ringing")],
    "inbound call, forwarded, caller name": [at(LineRang, event_id="ringing")],
    "inbound call, caller withheld": [at(LineRang, event_id="ringing")],
    "inbound call by GET": [at(LineRang, event_id="ringing")],
    "outbound call answered, TwiML wanted": [answered("in-progress")],
    "outbound call answered by a machine, TwiML wanted": [at(MachineAnswered, event_id="machine")],
    "outbound call answered by a human, TwiML wanted": [answered("in-progress")],
    "status: initiated": [],
    "status: ringing": [at(LineRang, event_id="status-1:ringing")],
    "status: answered": [answered("status-2:in-progress")],
    "status: completed": [
        at(LineEnded, EndReason.COMPLETED, "completed (SIP 200)", event_id="status-3:completed")
    ],
    "status: busy": [at(LineEnded, EndReason.BUSY, "busy (SIP 486)", event_id="status-2:busy")],
    "status: no answer": [
        at(LineEnded, EndReason.NO_ANSWER, "no-answer (SIP 487)", event_id="status-2:no-answer")
    ],
    "status: failed": [at(LineEnded, EndReason.FAILED, "failed (SIP 404)", event_id="status-1:failed")],
    "status: canceled": [
        at(LineEnded, EndReason.HANGUP_BOT, "canceled (SIP 487)", event_id="status-2:canceled")
    ],
    "status: completed with a recording": [
        at(LineEnded, EndReason.COMPLETED, "completed", event_id="status-3:completed")
    ],
    "gather: speech": [
        answered("in-progress"),
        at(WordsHeard, "Tomorrow at three, please.", confidence=0.9128386, event_id="turn-2:speech"),
    ],
    "gather: speech, no confidence": [
        answered("in-progress"),
        at(WordsHeard, WORDS, confidence=None, event_id="turn-2:speech"),
    ],
    "gather: keys": [answered("in-progress"), at(KeysPressed, "1234", event_id="turn-2:keys")],
    "gather: nothing, with actionOnEmptyResult": [answered("in-progress")],
    "asynchronous machine detection": [at(MachineAnswered, event_id="machine")],
    "media stream started": [at(LineBridged, event_id="MZ0000000000000000000000000000003b:started")],
    "media stream stopped": [],
    "media stream failed": [
        at(
            LineFailed,
            "Twilio's media stream broke (31921)",
            retryable=True,
            event_id="MZ0000000000000000000000000000003b:error",
        )
    ],
}


@pytest.mark.parametrize("name", [name for name in EVENTS if name != "gather: partial speech"])
def test_every_recorded_event_is_understood(name: str) -> None:
    assert news(request_of(EVENTS[name])) == EXPECTED[name]


@pytest.mark.parametrize("name", list(EVENTS))
def test_every_recorded_event_is_authentic_and_names_its_call(name: str) -> None:
    request = request_of(EVENTS[name])
    signals = told(request)

    assert TwilioSignature(auth_token="test-auth-token-0123456789abcdef").authenticate(request)
    assert {signal.carrier_call_id for signal in signals} <= {LEG}
    assert {signal.call_id for signal in signals} <= {dict(EVENTS[name]["query"]).get("callId")}


def test_a_partial_result_is_words_that_may_change() -> None:
    (heard,) = news(request_of(EVENTS["gather: partial speech"]))

    assert (heard.text, heard.final) == ("tomorrow at three", False)
    assert heard.event_id.startswith(f"{LEG}:turn-2:partial:3:")


def test_partial_results_with_one_number_are_told_apart_and_chinese_ones_are_joined(
    webhooks: "Webhooks",
) -> None:
    url = f"{HOOK}?turn=5-0&partial=1"
    one = webhooks(url, UnstableSpeechResult="今天", SequenceNumber="0")
    two = webhooks(url, StableSpeechResult="今天", UnstableSpeechResult="下午", SequenceNumber="0")

    assert [heard.text for heard in (*news(one), *news(two))] == ["今天", "今天下午"]
    assert ids(one) != ids(two)
    assert news(webhooks(url, UnstableSpeechResult=" ")) == []


def test_an_inbound_call_says_who_calls_whom() -> None:
    (signal,) = told(request_of(EVENTS["inbound call"]))
    (withheld,) = told(request_of(EVENTS["inbound call, caller withheld"]))

    assert (signal.direction, signal.call_id) == (Direction.INBOUND, None)
    assert (signal.caller, signal.callee) == (PhoneNumber("+15550005678"), PhoneNumber("+15550001234"))
    assert (withheld.direction, withheld.caller) == (Direction.INBOUND, None)


@pytest.mark.parametrize("caller", ["anonymous", "+266696687", "Restricted", "", "sip:alice@example.com"])
def test_a_caller_without_a_number_is_nobody(webhooks: "Webhooks", caller: str) -> None:
    (signal,) = told(webhooks(From=caller, Direction="inbound", CallStatus="ringing"))

    assert signal.caller is None


@pytest.mark.parametrize(
    ("word", "direction"),
    [
        ("inbound", Direction.INBOUND),
        ("outbound-api", Direction.OUTBOUND),
        ("Outbound-Dial", Direction.OUTBOUND),
        ("", None),
        ("sideways", None),
    ],
)
def test_the_direction_is_taken_from_its_word(webhooks: "Webhooks", word: str, direction: object) -> None:
    assert told(webhooks(Direction=word))[0].direction is direction


@pytest.mark.parametrize("status", ["completed", "COMPLETED", " Completed "])
def test_statuses_come_in_any_letter_case(webhooks: "Webhooks", status: str) -> None:
    (ended,) = news(webhooks(f"{HOOK}?type=status", CallStatus=status, SequenceNumber="3"))

    assert ended.reason is EndReason.COMPLETED


@pytest.mark.parametrize("status", ["queued", "initiated", "dreaming", ""])
def test_a_status_that_means_nothing_yet_tells_nothing_but_a_leg_that_asks_is_connected(
    webhooks: "Webhooks", status: str
) -> None:
    assert news(webhooks(f"{HOOK}?callId=c-1&type=status", CallStatus=status)) == []
    (bridged,) = news(webhooks(f"{HOOK}?callId=c-1", CallStatus=status))
    assert isinstance(bridged, LineBridged)
    (rang,) = news(webhooks(CallStatus=status, Direction="inbound"))
    assert isinstance(rang, LineRang) is (status != "dreaming")


def test_a_status_that_is_missing_reads_as_empty() -> None:
    assert Fields({}, {"CallSid": LEG}).status == ""


def test_a_repeated_delivery_has_the_same_ids_and_different_news_have_others(webhooks: "Webhooks") -> None:
    status = f"{HOOK}?callId=c-1&type=status"
    requests = [
        webhooks(status, CallStatus="ringing", SequenceNumber="1"),
        webhooks(status, CallStatus="in-progress", SequenceNumber="2"),
        webhooks(status, CallStatus="completed", SequenceNumber="3"),
        webhooks(f"{HOOK}?turn=7-0", SpeechResult="Yes."),
        webhooks(f"{HOOK}?turn=7-1", SpeechResult="Yes."),
        webhooks(f"{HOOK}?turn=7-2", Digits="1"),
    ]

    assert [ids(request) for request in requests] == [ids(request) for request in requests]
    last = [ids(request)[-1] for request in requests]
    assert len(set(last)) == len(last)


def test_where_our_query_got_lost_the_fields_still_say_what_it_is(webhooks: "Webhooks") -> None:
    assert news(webhooks(StreamEvent="stream-stopped", StreamSid="MZ1")) == []
    assert news(webhooks(CallbackSource="call-progress-events", CallStatus="initiated")) == []
    (partial,) = news(webhooks(UnstableSpeechResult="hm"))
    assert not partial.final
    (machine,) = news(webhooks(AnsweredBy="machine_start", MachineDetectionDuration="5", CallStatus=""))
    assert isinstance(machine, MachineAnswered)


def test_results_of_a_gather_without_our_token_are_told_apart_by_what_they_say(webhooks: "Webhooks") -> None:
    assert ids(webhooks(SpeechResult="Yes.")) == ids(webhooks(SpeechResult="Yes."))
    assert ids(webhooks(SpeechResult="Yes."))[-1] != ids(webhooks(SpeechResult="No."))[-1]


def test_of_speech_and_keys_together_speech_wins(webhooks: "Webhooks") -> None:
    kinds = [type(told) for told in news(webhooks(SpeechResult="One.", Digits="1"))]

    assert kinds == [LineAnswered, WordsHeard]


def test_the_finishing_key_alone_is_a_key_too(webhooks: "Webhooks") -> None:
    assert news(webhooks(Digits="", FinishedOnKey="#"))[-1].digits == "#"


@pytest.mark.parametrize(
    ("confidence", "share"), [("0.5", 0.5), ("0", 0.0), ("1.0", 1.0), ("2", None), ("nan", None), ("x", None)]
)
def test_a_confidence_is_a_share_or_unknown(
    webhooks: "Webhooks", confidence: str, share: float | None
) -> None:
    assert news(webhooks(SpeechResult="Yes.", Confidence=confidence))[-1].confidence == share


def test_a_fax_ends_a_call_that_asks_and_fails_one_that_is_only_told_of(webhooks: "Webhooks") -> None:
    (ended,) = news(webhooks(AnsweredBy="fax"))
    (failed,) = news(webhooks(f"{HOOK}?type=amd", AnsweredBy="fax"))

    assert (ended.reason, ended.cause) == (EndReason.FAILED, "fax")
    assert isinstance(failed, LineFailed)
    assert not failed.retryable


@pytest.mark.parametrize("answered_by", ["human", "unknown"])
def test_a_verdict_that_is_no_machine_is_an_answer(webhooks: "Webhooks", answered_by: str) -> None:
    (told_news,) = news(webhooks(f"{HOOK}?type=amd", AnsweredBy=answered_by))

    assert isinstance(told_news, LineAnswered)


def test_a_document_that_has_read_its_text_says_so(webhooks: "Webhooks") -> None:
    url = f"{HOOK}?turn=7-0&said=reply-1&part=2"

    played = news(webhooks(url))[-1]
    assert (played.speech_id, played.part, played.event_id) == ("reply-1", 2, f"{LEG}:7-0:said")
    assert not any(isinstance(told, SpeechPlayed) for told in news(webhooks(url.replace("part=2", "part=x"))))


def test_words_come_before_the_end_of_what_they_cut(webhooks: "Webhooks") -> None:
    heard = news(webhooks(f"{HOOK}?turn=7-0&said=reply-1&part=2", SpeechResult="Stop."))

    assert [type(told) for told in heard] == [LineAnswered, SpeechPlayed, WordsHeard, SpeechPlayed]
    assert (heard[1].over, heard[3].over) == (False, True)


@pytest.mark.parametrize(
    ("result", "ago_ms"),
    [({"Digits": "5"}, 1_000), ({"SpeechResult": "Fourteen chars"}, 2_000)],
    ids=["keys", "words"],
)
def test_a_text_counts_as_read_until_the_counterpart_may_have_cut_it(
    webhooks: "Webhooks", result: dict[str, str], ago_ms: int
) -> None:
    """Claimed whole once: keys of the counterpart stop the reading, and Twilio does not say when."""
    cut = news(webhooks(f"{HOOK}?turn=7-0&said=reply-1&part=2", **result))[1]

    assert (cut.speech_id, cut.part) == ("reply-1", 2)
    assert cut.at_ms - cut.cut_at_ms == ago_ms


def test_the_far_leg_of_a_transfer_speaks_for_its_parent(webhooks: "Webhooks") -> None:
    url = f"{HOOK}?type=transfer"
    child = {"CallSid": "CAchild", "ParentCallSid": LEG, "Direction": "outbound-dial"}

    (signal,) = told(webhooks(url, **child, CallStatus="in-progress", SequenceNumber="2"))
    assert isinstance(signal.news, LineEnded)
    assert (signal.news.reason, signal.news.cause) == (EndReason.COMPLETED, "transferred")
    assert (signal.carrier_call_id, signal.direction) == (LEG, None)
    assert told(webhooks(url, **child, CallStatus="busy")) == ()
    assert told(webhooks(url, **child, CallStatus="completed")) == ()


@pytest.mark.parametrize(("word", "over"), [("completed", True), ("answered", True), ("no-answer", False)])
def test_a_dial_that_comes_back_says_whether_the_counterpart_was_handed_over(
    webhooks: "Webhooks", word: str, over: object
) -> None:
    assert any(isinstance(told, LineEnded) for told in news(webhooks(DialCallStatus=word))) is over


@pytest.mark.parametrize("body", [b"", b"\xff\x00", b"{", b"CallStatus=ringing", b"CallSid="])
def test_what_names_no_call_is_no_webhook(webhooks: "Webhooks", body: bytes) -> None:
    request = webhooks()
    garbage = WebhookRequest(method="POST", urls=request.urls, query={}, headers=request.headers, body=body)

    with pytest.raises(BadWebhookError, match="no CallSid"):
        told(garbage)


TEXT = st.text(max_size=20)
NAMES = st.sampled_from(
    [
        *("CallStatus", "Direction", "From", "To", "SpeechResult", "Digits", "Confidence", "AnsweredBy"),
        *("StreamEvent", "StreamError", "SequenceNumber", "DialCallStatus", "UnstableSpeechResult"),
        *("MachineDetectionDuration", "CallbackSource", "ParentCallSid", "FinishedOnKey"),
    ]
)
QUERY = st.dictionaries(st.sampled_from(["callId", "type", "turn", "said", "part", "partial", "lost"]), TEXT)


@given(st.dictionaries(NAMES, TEXT), QUERY)
def test_whatever_the_fields_hold_the_same_is_told_twice_and_always_of_one_call(
    fields: dict[str, str], query: dict[str, str]
) -> None:
    read = Fields(query, {"CallSid": LEG, **fields})
    signals = signals_of(read, now_ms=NOW)

    assert signals == signals_of(read, now_ms=NOW)
    assert {signal.carrier_call_id for signal in signals} <= {read.leg}
    assert all(getattr(signal.news, "event_id", "") for signal in signals)


@given(st.integers(0, 10**15), st.integers(0, 10**6))
def test_a_turn_is_read_as_it_was_written(order: int, place: int) -> None:
    assert Turn.parse(str(Turn(order, place))) == Turn(order, place)


@pytest.mark.parametrize("text", ["", "-", "1", "1-", "-1", "a-1", "1-b", "１-2", "1" * 50 + "-1"])
def test_anything_else_is_no_turn(text: str) -> None:
    assert Turn.parse(text) is None

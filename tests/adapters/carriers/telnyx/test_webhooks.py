"""What Telnyx's webhooks tell: every recorded event, with client_state and without."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_adapters.carriers.telnyx import TelnyxCarrier
from voice_adapters.carriers.telnyx.client_state import ClientState, Role
from voice_adapters.carriers.telnyx.fields import Fields
from voice_adapters.carriers.telnyx.webhooks import Moment, signals_of
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId, CarrierCallId, SpeechId
from voice_domain.inputs import (
    CarrierNews,
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

RECORDED: dict[str, dict[str, Any]] = {
    event["name"]: event
    for event in json.loads(
        (Path(__file__).parents[3] / "vectors" / "telnyx" / "events.json").read_text(encoding="utf-8")
    )["events"]
}
OURS = PhoneNumber("+15550001234")
LEG = CarrierCallId("v3:fake-call-control-id-0001")
MS = 1_770_000_000_000

TOLD: dict[str, type[CarrierNews] | None] = {
    "call.initiated": LineRang,
    "call.answered": LineAnswered,
    "call.bridged": LineBridged,
    "call.transcription": WordsHeard,
    "call.dtmf.received": KeysPressed,
    "call.hangup": LineEnded,
    "streaming.started": LineBridged,
    "streaming.stopped": LineFailed,
    "streaming.failed": LineFailed,
}


def request_of(name: str) -> WebhookRequest:
    event = RECORDED[name]
    headers = {key.lower(): value for key, value in event["headers"].items()}
    return WebhookRequest(
        method="POST", urls=(event["url"],), query={}, headers=headers, body=event["body_raw"].encode()
    )


def told(request: WebhookRequest, *, was_up: bool = False) -> tuple[CarrierSignal, ...]:
    return signals_of(Fields.of(request), Moment(MS, OURS, was_up=was_up))


def news(request: WebhookRequest) -> CarrierNews | SpeechPlayed:
    (signal,) = told(request)
    return signal.news


@pytest.mark.parametrize("name", RECORDED)
def test_every_recorded_event_is_authentic_and_belongs_to_its_leg(carrier: TelnyxCarrier, name: str) -> None:
    request = request_of(name)

    assert carrier.authenticate(request)
    for signal in carrier.translate(request):
        assert signal.carrier_call_id == signal.news.carrier_call_id == LEG
        assert signal.news.event_id == RECORDED[name]["body"]["data"]["id"]
        assert signal.news.at_ms == MS


@pytest.mark.parametrize("name", [name for name in RECORDED if "machine detection" not in name])
def test_every_recorded_event_tells_what_it_is_about(name: str) -> None:
    kind = TOLD.get(RECORDED[name]["body"]["data"]["event_type"])

    assert [type(signal.news) for signal in told(request_of(name))] == ([kind] if kind else [])


@pytest.mark.parametrize("name", [name for name in RECORDED if name.startswith("hangup")])
def test_every_recorded_end_has_the_reason_that_was_agreed_on(name: str) -> None:
    ended = news(request_of(name))

    assert isinstance(ended, LineEnded)
    assert ended.reason == EndReason(RECORDED[name]["suggested_state"])
    assert RECORDED[name]["body"]["data"]["payload"]["hangup_cause"] in ended.cause


@pytest.mark.parametrize("name", [name for name in RECORDED if "machine detection" in name])
def test_a_machine_is_told_and_whoever_may_be_a_person_is_not(name: str) -> None:
    wanted = {"voicemail": [MachineAnswered], "failed": [LineFailed]}

    kinds = [type(signal.news) for signal in told(request_of(name))]

    assert kinds == wanted.get(RECORDED[name]["suggested_state"], [])


@pytest.mark.parametrize("status", ["valid", "invalid", "timeout", "cancelled"])
def test_keys_of_a_gather_count_as_they_are_pressed_and_not_again_at_its_end(
    webhooks: "Webhooks", status: str
) -> None:
    gather = [
        *(webhooks("call.dtmf.received", digit=digit) for digit in "4*#"),
        webhooks("call.gather.ended", digits="4*#", status=status),
    ]

    keys = [signal.news for one in gather for signal in told(one)]

    assert [one.digits for one in keys if isinstance(one, KeysPressed)] == ["4", "*", "#"]
    assert len(keys) == 3


def test_an_offer_names_both_numbers_and_its_direction_and_no_call_of_ours(webhooks: "Webhooks") -> None:
    offers = (
        request_of("incoming call"),
        webhooks(
            "call.initiated",
            direction="incoming",
            client_state="Yy0x",
            sender="+15550005678",
            to="+15550001234",
        ),
    )

    for request in offers:
        (signal,) = told(request)
        assert signal.call_id is None
        assert signal.direction is Direction.INBOUND
        assert (signal.caller, signal.callee) == (PhoneNumber("+15550005678"), OURS)


def test_a_withheld_caller_has_no_number(webhooks: "Webhooks") -> None:
    (signal,) = told(webhooks("call.initiated", direction="incoming", sender="anonymous", to="+15550001234"))

    assert signal.caller is None


def test_with_a_state_the_call_is_named_and_without_one_the_leg_still_is(webhooks: "Webhooks") -> None:
    (named,) = told(webhooks("call.answered", client_state="Yy0x"))
    (nameless,) = told(webhooks("call.answered", client_state=None))

    assert (named.call_id, named.carrier_call_id) == (CallId("c-1"), LEG)
    assert (nameless.call_id, nameless.carrier_call_id) == (None, LEG)


def test_words_come_with_how_sure_they_are_and_whether_they_may_change() -> None:
    final = news(request_of("transcription, final"))
    partial = news(request_of("transcription, interim"))
    chinese = news(request_of("transcription, unicode"))

    assert isinstance(final, WordsHeard)
    assert isinstance(partial, WordsHeard)
    assert isinstance(chinese, WordsHeard)
    assert (final.text, final.final, final.confidence) == ("tomorrow at three please", True, 0.977219)
    assert (partial.text, partial.final, partial.confidence) == ("tomorrow at", False, 0.62)
    assert chinese.text == "你好，明天下午三点"


@pytest.mark.parametrize(
    "data", [None, {}, {"transcript": "  "}, {"transcript": "we", "transcription_track": "outbound"}]
)
def test_nothing_said_and_our_own_words_tell_nothing(webhooks: "Webhooks", data: object) -> None:
    assert told(webhooks("call.transcription", transcription_data=data)) == ()


def test_a_confidence_that_is_no_share_is_none(webhooks: "Webhooks") -> None:
    heard = news(webhooks("call.transcription", transcription_data={"transcript": "a", "confidence": 7}))

    assert isinstance(heard, WordsHeard)
    assert heard.confidence is None


def test_a_text_that_was_read_to_its_end_names_its_part(webhooks: "Webhooks") -> None:
    state = ClientState(role=Role.SPEECH, speech_id=SpeechId("s-1"), part=2).encoded

    played = news(webhooks("call.speak.ended", client_state=state, status="completed"))

    assert isinstance(played, SpeechPlayed)
    assert (played.speech_id, played.part, played.carrier_call_id) == ("s-1", 2, LEG)


@pytest.mark.parametrize("status", ["call_hangup", "cancelled_amd", "cancelled", "", None])
def test_a_text_that_was_cut_is_not_told_as_read(webhooks: "Webhooks", status: str | None) -> None:
    state = ClientState(role=Role.SPEECH, speech_id=SpeechId("s-1"), part=2).encoded

    assert told(webhooks("call.speak.ended", client_state=state, status=status)) == ()


def test_the_end_of_a_piece_that_is_not_the_last_is_not_told(webhooks: "Webhooks") -> None:
    state = ClientState(role=Role.SPEECH).encoded

    assert told(webhooks("call.speak.ended", client_state=state, status="completed")) == ()


def test_a_caller_who_hangs_up_after_we_spoke_is_still_the_person(webhooks: "Webhooks") -> None:
    state = ClientState(role=Role.SPEECH, speech_id=SpeechId("s"), part=0).encoded
    numbers = {"sender": "+15550005678", "to": "+15550009999"}

    ended = news(
        webhooks(
            "call.hangup",
            client_state=state,
            hangup_cause="normal_clearing",
            hangup_source="caller",
            **numbers,
        )
    )

    assert isinstance(ended, LineEnded)
    assert ended.reason is EndReason.HANGUP_USER


def test_what_fails_after_the_answer_is_an_error(webhooks: "Webhooks", carrier: TelnyxCarrier) -> None:
    request = webhooks(
        "call.hangup", client_state="Yy0x", hangup_cause="unspecified", hangup_source="unknown"
    )

    before, after = (told(request, was_up=was_up)[0].news for was_up in (False, True))

    assert isinstance(before, LineEnded)
    assert isinstance(after, LineEnded)
    assert (before.reason, after.reason) == (EndReason.FAILED, EndReason.ERROR)


def test_a_leg_that_was_spoken_in_had_been_answered(webhooks: "Webhooks") -> None:
    state = ClientState(role=Role.SPEECH, speech_id=SpeechId("s-1")).encoded

    ended = news(webhooks("call.hangup", client_state=state, hangup_cause="unspecified"))

    assert isinstance(ended, LineEnded)
    assert ended.reason is EndReason.ERROR


@pytest.mark.parametrize(
    ("cause", "sip", "shown"),
    [
        ("user_busy", "486", "user_busy (SIP 486)"),
        ("user_busy", "unspecified", "user_busy"),
        ("", None, "no cause given"),
    ],
)
def test_the_cause_is_kept_as_telnyx_says_it(
    webhooks: "Webhooks", cause: str, sip: str | None, shown: str
) -> None:
    ended = news(webhooks("call.hangup", hangup_cause=cause, sip_hangup_cause=sip))

    assert isinstance(ended, LineEnded)
    assert ended.cause == shown


def test_legs_that_are_joined_end_our_part_if_we_asked_for_it(webhooks: "Webhooks") -> None:
    asked = news(webhooks("call.bridged", client_state=ClientState(role=Role.TRANSFER).encoded))

    assert isinstance(asked, LineEnded)
    assert (asked.reason, asked.cause) == (EndReason.COMPLETED, "transferred")


@pytest.mark.parametrize("event_type", ["call.initiated", "call.answered", "call.hangup", "call.bridged"])
def test_of_the_leg_that_a_counterpart_is_handed_over_to_nothing_is_told(
    webhooks: "Webhooks", event_type: str
) -> None:
    state = ClientState(role=Role.TARGET, parent=LEG).encoded

    assert told(webhooks(event_type, leg="v3:other", client_state=state, direction="outgoing")) == ()


def test_events_that_did_not_exist_when_this_was_written_are_passed_over(webhooks: "Webhooks") -> None:
    assert told(webhooks("call.weather", colour="blue")) == ()


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b'{"data":5}',
        b'{"data":{"event_type":"call.answered","id":"e"}}',
        b'{"data":{"event_type":"call.answered","id":"","payload":{"call_control_id":"v3:a"}}}',
        b'{"data":{"event_type":"message.received","id":"e","payload":{"text":"hi"}}}',
    ],
)
def test_what_is_no_event_of_a_call_is_refused(webhooks: "Webhooks", body: bytes) -> None:
    with pytest.raises(BadWebhookError, match="The Telnyx webhook"):
        told(webhooks.signed(body))


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from([event["body"]["data"]["event_type"] for event in RECORDED.values()]),
    st.dictionaries(
        st.sampled_from(
            "client_state direction from to status result digit hangup_cause hangup_source".split()  # noqa: SIM905 - read as a row
        ),
        JSON,
    ),
)
def test_an_event_with_any_values_is_understood_or_passed_over(
    event_type: str, payload: dict[str, Any]
) -> None:
    data = {"event_type": event_type, "id": "e", "payload": {**payload, "call_control_id": "v3:a"}}
    body = json.dumps({"data": data}).encode()
    request = WebhookRequest(method="POST", urls=(), query={}, headers={}, body=body)

    assert all(isinstance(signal, CarrierSignal) for signal in told(request))


def heard_at(webhooks: "Webhooks", moment: object, *, final: bool, text: str = "tomorrow") -> WebhookRequest:
    request = webhooks("call.transcription", transcription_data={"transcript": text, "is_final": final})
    document = json.loads(request.body)
    document["data"]["occurred_at"] = moment
    return webhooks.signed(json.dumps(document).encode())


def test_words_that_their_own_final_transcription_has_overtaken_are_left_out(
    carrier: TelnyxCarrier, webhooks: "Webhooks"
) -> None:
    early = heard_at(webhooks, "2026-02-02T02:40:00.500000Z", final=False)
    final = heard_at(webhooks, "2026-02-02T02:40:01.000000Z", final=True)
    same = heard_at(webhooks, "2026-02-02T02:40:01.000000Z", final=False)
    later = heard_at(webhooks, "2026-02-02T02:40:01.000001Z", final=False)

    told_before = len(carrier.translate(early))
    told_after = [len(carrier.translate(request)) for request in (final, early, same, later, final)]

    assert told_before == 1
    assert told_after == [1, 0, 0, 1, 1]


@pytest.mark.parametrize("moment", [None, 5, "soon", "2026-02-02T02:40:00"])
def test_words_without_a_moment_are_never_late(
    carrier: TelnyxCarrier, webhooks: "Webhooks", moment: object
) -> None:
    carrier.translate(heard_at(webhooks, "2030-01-01T00:00:00Z", final=True))
    carrier.translate(heard_at(webhooks, moment, final=True))

    assert len(carrier.translate(heard_at(webhooks, moment, final=False))) == 1


def test_an_older_final_that_comes_late_does_not_bring_overtaken_words_back(
    carrier: TelnyxCarrier, webhooks: "Webhooks"
) -> None:
    for second in ("05", "03"):
        carrier.translate(heard_at(webhooks, f"2026-02-02T02:40:{second}Z", final=True))

    assert carrier.translate(heard_at(webhooks, "2026-02-02T02:40:04Z", final=False)) == ()


def test_words_after_the_end_of_their_legs_do_not_pile_up(
    carrier: TelnyxCarrier, webhooks: "Webhooks"
) -> None:
    for number in range(1_005):
        request = webhooks("call.transcription", leg=f"v3:{number}", transcription_data={"transcript": "a"})
        document = json.loads(request.body)
        document["data"]["occurred_at"] = "2026-02-02T02:40:00Z"
        carrier.translate(webhooks.signed(json.dumps(document).encode()))

    assert len(carrier._finals) == 1_000

"""Plivo's calls by both of their names: placed, ended, asked about, and pressed keys in."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import httpx
import pytest

from voice_adapters.carriers.plivo import PlivoCarrier
from voice_adapters.carriers.plivo.line_status import line_status
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import Capabilities, CarrierError, DialRequest, LineStatus
from voice_domain.vocabulary import EndReason

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Api, Webhooks

pytestmark = pytest.mark.anyio

LEG = CarrierCallId("00000000-0000-4000-8000-000000000001")
REQUEST = CarrierCallId("00000000-0000-4000-8000-000000000002")
HOOK = "https://voice.example.com/voice/webhook"
CALL = DialRequest(
    call_id=CallId("c-1"),
    caller=PhoneNumber("+15550001234"),
    callee=PhoneNumber("+15550005678"),
    ring_ms=30_000,
    cap_ms=3_600_000,
    mode=Mode.CONVERSATION,
    opening="Hello.",
    locale="en-US",
)


def over(reason: EndReason, cause: str) -> LineStatus:
    return LineStatus(alive=False, reason=reason, cause=cause)


def answered(reason: EndReason, cause: str, at_ms: int) -> LineStatus:
    return attrs.evolve(over(reason, cause), answered=True, answered_at_ms=at_ms)


BY_CALL, BY_REQUEST = ("DELETE", f"Call/{LEG}/"), ("DELETE", f"Request/{REQUEST}/")


@pytest.fixture
def rang(carrier: PlivoCarrier, webhooks: "Webhooks") -> None:
    """A webhook has told the call's own name."""
    carrier.translate(webhooks(f"{HOOK}?callId=c-1&flow=ring", RequestUUID=REQUEST, CallStatus="ringing"))


async def test_a_call_is_told_where_to_ask_and_what_to_tell_where(carrier: PlivoCarrier, api: "Api") -> None:
    assert await carrier.dial(CALL) == REQUEST

    (body,) = api.bodies
    assert (body["answer_url"], body["ring_url"], body["hangup_url"]) == (
        f"{HOOK}?callId=c-1",
        f"{HOOK}?callId=c-1&flow=ring",
        f"{HOOK}?callId=c-1&flow=hangup",
    )


async def test_a_call_without_a_name_of_its_own_is_withdrawn_by_its_request(
    carrier: PlivoCarrier, api: "Api"
) -> None:
    api.answers = [api.refuse(404), httpx.Response(204)]

    await carrier.hang_up(REQUEST)

    assert api.asked == [("DELETE", f"Call/{REQUEST}/"), BY_REQUEST]


@pytest.mark.usefixtures("rang")
@pytest.mark.parametrize("name", [LEG, REQUEST])
async def test_a_call_that_rang_is_ended_by_its_own_name(
    carrier: PlivoCarrier, api: "Api", name: CarrierCallId
) -> None:
    await carrier.hang_up(name)

    assert api.asked == [BY_CALL]


@pytest.mark.usefixtures("rang")
async def test_a_call_that_is_gone_under_all_names_counts_as_ended(carrier: PlivoCarrier, api: "Api") -> None:
    api.answers = [api.refuse(404)] * 3

    await carrier.hang_up(REQUEST)
    await carrier.hang_up(REQUEST)

    assert api.asked == [BY_CALL, ("DELETE", f"Call/{REQUEST}/"), BY_REQUEST]


@pytest.mark.parametrize("refused", [1, 2])
async def test_a_call_that_may_be_alive_does_not_count_as_ended(
    carrier: PlivoCarrier, api: "Api", refused: int
) -> None:
    api.answers = [api.refuse(404), api.refuse(404)]
    api.answers[refused - 1] = api.refuse(401)

    with pytest.raises(CarrierError, match="HTTP 401"):
        await carrier.hang_up(REQUEST)


@pytest.mark.parametrize("busy", [True, False])
async def test_a_caller_whose_webhook_was_answered_is_hung_up(
    carrier: PlivoCarrier, api: "Api", *, busy: bool
) -> None:
    await carrier.answer(LEG)
    await carrier.reject(LEG, busy=busy)

    assert api.asked == [BY_CALL]


async def test_keys_and_pauses_are_pressed_in_plivos_letters(carrier: PlivoCarrier, api: "Api") -> None:
    await carrier.send_digits(LEG, "1w2W3,4p5P#*A")

    assert api.asked == [("POST", f"Call/{LEG}/DTMF/")]
    assert api.bodies == [{"digits": "1w2w3w4W5W#*A", "leg": "aleg"}]


@pytest.mark.usefixtures("rang")
async def test_keys_reach_a_call_by_its_requests_name(carrier: PlivoCarrier, api: "Api") -> None:
    await carrier.send_digits(REQUEST, "1")

    assert api.asked == [("POST", f"Call/{LEG}/DTMF/")]


async def test_a_live_call_is_asked_for_once_and_one_that_is_over_by_its_record(
    carrier: PlivoCarrier, api: "Api"
) -> None:
    api.answers = [httpx.Response(200, json={"call_status": "in-progress"})]
    assert await carrier.look_up(LEG) == LineStatus(alive=True, cause="in-progress", answered=True)

    record = {"hangup_cause_code": 3010, "hangup_cause_name": "Busy Line", "call_direction": "outbound"}
    api.answers = [api.refuse(404), httpx.Response(200, json=record)]
    assert await carrier.look_up(LEG) == LineStatus(
        alive=False, reason=EndReason.BUSY, cause="Busy Line (3010)"
    )

    assert api.asked == [("GET", f"Call/{LEG}/{query}") for query in ("?status=live", "?status=live", "")]


async def test_nothing_is_claimed_of_a_call_that_plivo_does_not_know_by_this_name(
    carrier: PlivoCarrier, api: "Api"
) -> None:
    api.answers = [api.refuse(404), api.refuse(404)]

    assert (await carrier.look_up(REQUEST)).alive is None


@pytest.mark.parametrize(
    ("live", "record", "status"),
    [
        ({"call_status": "ringing"}, None, LineStatus(alive=True, cause="ringing", answered=False)),
        ({}, None, LineStatus(alive=True, cause="")),
        ({"call_status": "pondering"}, None, LineStatus(alive=True, cause="pondering")),
        ({"call_status": "Completed"}, None, over(EndReason.COMPLETED, "completed")),
        (None, {}, LineStatus(alive=False, cause="over")),
        (None, {"hangup_cause_code": True, "call_status": 5}, LineStatus(alive=False, cause="over")),
        (None, {"call_status": "no-answer"}, over(EndReason.NO_ANSWER, "no-answer")),
        (
            None,
            {"hangup_cause_code": "4000", "hangup_source": "Callee", "call_direction": "outbound"},
            over(EndReason.HANGUP_USER, "over (4000)"),
        ),
        (
            None,
            {"hangup_cause_code": 3080, "hangup_cause_name": "Carrier", "answer_time": "2026-02-02"},
            over(EndReason.ERROR, "Carrier (3080)"),
        ),
        (
            None,
            {"hangup_cause_code": 3080, "answer_time": "2026-02-02 05:30:01+05:30"},
            answered(EndReason.ERROR, "over (3080)", 1_769_990_401_000),
        ),
        (
            None,
            {"hangup_cause_code": 3080, "answer_time": "soon"},
            over(EndReason.ERROR, "over (3080)"),
        ),
        (None, {"hangup_cause_code": 3080}, over(EndReason.FAILED, "over (3080)")),
        (
            None,
            {"hangup_cause_code": " 4000 ", "hangup_source": "Caller", "call_direction": "Inbound"},
            over(EndReason.HANGUP_USER, "over (4000)"),
        ),
        (
            None,
            {"hangup_cause_code": 0, "call_status": "completed"},
            over(EndReason.COMPLETED, "completed (0)"),
        ),
    ],
)
async def test_what_the_interface_says_of_a_call_is_read_whole(
    live: dict[str, Any] | None, record: dict[str, Any] | None, status: LineStatus
) -> None:
    assert line_status(live, record) == status


def test_what_it_can_do_depends_on_the_settings_only_for_streams(
    make_carrier: "Callable[..., PlivoCarrier]",
) -> None:
    everything = Capabilities(
        media_stream=True,
        native_speech=True,
        native_listening=True,
        digits=True,
        transfer=True,
        inbound=True,
        reject=True,
    )

    assert make_carrier().name == "plivo"
    assert make_carrier().capabilities == everything
    assert make_carrier(media_streams=False).capabilities == attrs.evolve(everything, media_stream=False)


def test_a_request_needs_a_nonce_of_either_version(carrier: PlivoCarrier, webhooks: "Webhooks") -> None:
    assert carrier.required_headers == ("x-plivo-signature-v3-nonce", "x-plivo-signature-v2-nonce")
    assert carrier.authenticate(webhooks()).startswith("plivo:")


def test_names_of_calls_whose_end_is_never_told_are_forgotten_in_the_end(
    carrier: PlivoCarrier, webhooks: "Webhooks"
) -> None:
    url = f"{HOOK}?callId=c-1&flow=ring"
    request = webhooks(url, RequestUUID="r")
    for number in range(1_100):
        body = request.body + f"&RequestUUID=r-{number}".encode()
        carrier.translate(attrs.evolve(request, body=body))

    assert len(carrier._names) == 1_000


def test_late_words_of_a_call_that_is_over_leave_nothing_behind(
    carrier: PlivoCarrier, webhooks: "Webhooks"
) -> None:
    carrier.translate(webhooks(f"{HOOK}?turn=1-2", RequestUUID=REQUEST, Speech="Bye."))

    assert len(carrier._names) == 0


def test_trouble_with_a_stream_is_logged(
    carrier: PlivoCarrier, webhooks: "Webhooks", caplog: pytest.LogCaptureFixture
) -> None:
    events = json.loads((Path(__file__).parents[3] / "vectors" / "plivo" / "events.json").read_text())[
        "events"
    ]
    degraded = next(event for event in events if event["name"] == "stream status: DegradedStream")

    carrier.translate(webhooks(degraded["url"], **degraded["body"]))

    assert "trouble with a media stream (DegradedStream)" in caplog.text

"""What Plivo is answered: the one document that the moment needs, and never one that drops a live call."""

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element

import attrs
import pytest
from support.plivo_grammar import faults_of, parsed

from voice_adapters.carriers.plivo import PlivoCarrier
from voice_domain.call import Call
from voice_domain.decide import decide, open_call, refuse_call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import Opened
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import CallInput, DialAccepted, HangUpRequested, LineAnswered, LineEnded
from voice_domain.mode_rules import Mode
from voice_domain.ports.webhook_reader import WebhookRequest, WebhookResponse
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction, EndReason

if TYPE_CHECKING:
    from conftest import Webhooks

LEG = CarrierCallId("00000000-0000-4000-8000-000000000001")
HOOK = "https://voice.example.com/voice/webhook"
STREAM = "wss://voice.example.com/voice/stream/t0ken"
NOW = 1_000


def opened(direction: Direction) -> Opened:
    inbound = direction is Direction.INBOUND
    return Opened(
        at_ms=NOW,
        call_id=CallId("c-1"),
        carrier="plivo",
        direction=direction,
        caller=PhoneNumber("+15550001234"),
        callee=PhoneNumber("+15550005678"),
        mode=Mode.CONVERSATION,
        locale="en-US",
        terms=CallTerms(),
        opening="Hello.",
        carrier_call_id=LEG if inbound else None,
    )


def call_after(*inputs: CallInput, direction: Direction = Direction.OUTBOUND) -> Call:
    return functools.reduce(
        lambda call, given: decide(call, given, NOW).call, inputs, open_call(opened(direction)).call
    )


DIALLED = call_after(DialAccepted(LEG))
UP = call_after(DialAccepted(LEG), LineAnswered(NOW))
CLOSING = call_after(DialAccepted(LEG), LineAnswered(NOW), HangUpRequested())
OVER = call_after(DialAccepted(LEG), LineAnswered(NOW), LineEnded(NOW, EndReason.COMPLETED))
RINGING_IN = call_after(direction=Direction.INBOUND)
REFUSED = refuse_call(opened(Direction.INBOUND), busy=False, error="").call


def document(response: WebhookResponse) -> Element:
    assert (response.status, response.content_type) == (200, "application/xml")
    assert faults_of(response.body) == []
    return parsed(response.body)


def tags(root: Element) -> list[str]:
    return [element.tag for element in root.iter()][1:]


def query_of(url: str | None) -> dict[str, str]:
    assert url is not None
    assert url.startswith(HOOK)
    return dict(parse_qsl(urlsplit(url).query))


@pytest.fixture
def offer(webhooks: "Webhooks") -> WebhookRequest:
    return webhooks(Direction="inbound", CallStatus="ringing")


@pytest.mark.parametrize(
    "query", ["flow=ring", "flow=hangup", "flow=amd", "flow=stream", "flow=transfer", "turn=1-0&flow=interim"]
)
@pytest.mark.parametrize("call", [UP, OVER, None])
def test_news_are_answered_and_no_more(
    carrier: PlivoCarrier, webhooks: "Webhooks", query: str, call: Call | None
) -> None:
    response = carrier.respond(webhooks(f"{HOOK}?callId=c-1&{query}"), call)

    assert response == WebhookResponse(200, "text/plain", b"OK")


@pytest.mark.parametrize("status", ["ringing", "in-progress", ""])
def test_a_call_that_is_streamed_gets_its_stream_and_comes_back_when_it_breaks(
    carrier: PlivoCarrier, streams: dict[str, str], webhooks: "Webhooks", status: str
) -> None:
    streams["c-1"] = STREAM

    root = document(carrier.respond(webhooks(f"{HOOK}?callId=c-1", CallStatus=status), DIALLED))

    assert tags(root) == ["Stream", "Redirect"]
    assert root[0].text == STREAM
    assert query_of(root[0].get("statusCallbackUrl")) == {"callId": "c-1", "flow": "stream"}
    assert query_of(root[1].text) | {"at": ""} == {"callId": "c-1", "lost": "1", "at": ""}


def test_a_stream_that_cannot_be_opened_is_not_asked_for_in_a_tight_circle(
    carrier: PlivoCarrier, streams: dict[str, str], webhooks: "Webhooks"
) -> None:
    streams["c-1"] = STREAM
    url, seen = f"{HOOK}?callId=c-1", []
    for _ in range(4):
        root = document(carrier.respond(webhooks(url), UP))
        seen.append(tags(root)[0])
        url = root[-1].text or ""

    assert seen == ["Stream", "Stream", "Wait", "Wait"]


def test_no_two_documents_lead_to_the_same_address(
    carrier: PlivoCarrier, streams: dict[str, str], webhooks: "Webhooks"
) -> None:
    streams["c-1"] = STREAM
    addresses = [document(carrier.respond(webhooks(), UP))[-1].text for _ in range(5)]
    streams.clear()
    addresses += [document(carrier.respond(webhooks(), UP))[-1].text for _ in range(5)]

    assert len(set(addresses)) == 10


def test_a_call_without_a_stream_waits_and_comes_back(carrier: PlivoCarrier, webhooks: "Webhooks") -> None:
    root = document(carrier.respond(webhooks(f"{HOOK}?callId=c-1"), UP))

    assert tags(root) == ["Wait", "Redirect"]
    assert query_of(root[1].text)["callId"] == "c-1"


def test_a_call_to_us_that_we_take_gets_its_stream(
    carrier: PlivoCarrier, streams: dict[str, str], offer: WebhookRequest
) -> None:
    streams["c-1"] = STREAM
    carrier.translate(offer)

    assert tags(document(carrier.respond(offer, RINGING_IN)))[0] == "Stream"


def test_a_call_to_us_without_a_stream_is_answered_and_not_left_ringing(
    carrier: PlivoCarrier, offer: WebhookRequest
) -> None:
    root = document(carrier.respond(offer, RINGING_IN))

    assert tags(root) == ["Speak", "break", "Redirect"]
    assert "".join(root[0].itertext()) == ""


@pytest.mark.anyio
@pytest.mark.parametrize(("busy", "reason"), [(True, "busy"), (False, "rejected")])
async def test_a_call_to_us_that_is_refused_is_rejected_before_it_is_answered(
    carrier: PlivoCarrier, offer: WebhookRequest, busy: object, reason: str
) -> None:
    carrier.translate(offer)
    await carrier.reject(LEG, busy=bool(busy))

    root = document(carrier.respond(offer, REFUSED))

    assert tags(root) == ["Hangup"]
    assert root[0].get("reason") == reason


def test_a_call_to_us_that_nobody_took_is_rejected(carrier: PlivoCarrier, offer: WebhookRequest) -> None:
    root = document(carrier.respond(offer, None))

    assert (tags(root), root[0].get("reason")) == (["Hangup"], "rejected")


@pytest.mark.parametrize("call", [CLOSING, OVER, None], ids=["closing", "over", "unknown"])
@pytest.mark.parametrize("query", ["", "?callId=c-1", "?turn=1-0&begin=1", "?callId=c-1&lost=1&at=5"])
def test_a_call_that_is_over_or_about_to_be_is_hung_up(
    carrier: PlivoCarrier, streams: dict[str, str], webhooks: "Webhooks", call: Call | None, query: str
) -> None:
    streams["c-1"] = STREAM

    assert tags(document(carrier.respond(webhooks(HOOK + query), call))) == ["Hangup"]


def test_a_webhook_address_with_a_query_of_its_own_keeps_it(
    make_carrier: Callable[..., PlivoCarrier], webhooks: "Webhooks"
) -> None:
    carrier = make_carrier(webhook_url=lambda: f"{HOOK}?tenant=7")

    root = document(carrier.respond(webhooks(), UP))

    assert query_of(root[1].text)["tenant"] == "7"
    assert query_of(root[1].text)["callId"] == "c-1"


def moments(webhooks: "Webhooks") -> Iterator[WebhookRequest]:
    for status in ("ringing", "in-progress", "odd"):
        for direction in ("inbound", "outbound"):
            for query in ("", "?callId=c-1", "?turn=1-0&said=a&part=0", "?turn=1-0&begin=1", "?lost=7&at=1"):
                yield webhooks(HOOK + query, CallStatus=status, Direction=direction)


@pytest.mark.parametrize("call", [DIALLED, UP, CLOSING, OVER, RINGING_IN, REFUSED, None])
@pytest.mark.parametrize("stream", [STREAM, None])
def test_in_every_moment_the_document_is_valid_and_ends_a_call_only_if_it_is_over(
    carrier: PlivoCarrier,
    streams: dict[str, str],
    webhooks: "Webhooks",
    call: Call | None,
    stream: str | None,
) -> None:
    if stream:
        streams["c-1"] = stream

    for request in moments(webhooks):
        root = document(carrier.respond(request, call))
        live = call is not None and call.final_reason is None
        assert (root[-1].tag == "Redirect") is live


def test_an_offer_that_is_never_answered_is_forgotten_in_the_end(
    carrier: PlivoCarrier, webhooks: "Webhooks"
) -> None:
    for number in range(1_500):
        webhooks.leg = f"leg-{number}"
        carrier.translate(webhooks(Direction="inbound", CallStatus="ringing"))

    assert len(carrier._offers) == 1_000


def test_the_answers_need_no_more_than_the_call_and_the_request(
    carrier: PlivoCarrier, webhooks: "Webhooks"
) -> None:
    request = webhooks(f"{HOOK}?callId=c-1")
    one, other = carrier.respond(request, UP), carrier.respond(request, attrs.evolve(UP))

    assert tags(document(one)) == tags(document(other))

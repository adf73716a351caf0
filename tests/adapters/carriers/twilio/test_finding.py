"""The leg of a dial whose answer was lost: Twilio's list is asked for as its own SDK does it, and read as well."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from twilio.http import HttpClient as SdkHttp
from twilio.http.response import Response
from twilio.rest import Client

from voice_adapters.carriers.twilio import TwilioCarrier
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId
from voice_domain.ports.carrier import CarrierError
from voice_domain.ports.dial_finder import LostDial

if TYPE_CHECKING:
    from conftest import Api

pytestmark = pytest.mark.anyio

OURS, THEIRS = PhoneNumber("+15550001234"), PhoneNumber("+15550005678")
AT_MS = 1_770_000_000_000
LOST = LostDial(call_id=CallId("c-1"), caller=OURS, callee=THEIRS, at_ms=AT_MS)


class Recorder(SdkHttp):
    """Answers the SDK, and keeps what it asked."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    def request(self, method: str, url: str, params: Any = None, *_: Any, **__: Any) -> Response:
        self.asked.append((method, url, {name: str(value) for name, value in (params or {}).items()}))
        return Response(self._answer.status_code, self._answer.text)


def call(sid: str, status: str = "ringing", **changes: object) -> dict[str, object]:
    """A call as the list has it (api_v2010, ApiV2010AccountCall)."""
    created = format_datetime(datetime.fromtimestamp(AT_MS / 1_000, UTC))
    told = {"sid": sid, "status": status, "direction": "outbound-api", "date_created": created}
    return {**told, "from": OURS.e164, "to": THEIRS.e164, "start_time": None, **changes}


def page(*calls: dict[str, object]) -> httpx.Response:
    return httpx.Response(200, json={"calls": list(calls), "page": 0, "page_size": 20, "next_page_uri": None})


async def test_the_list_is_asked_for_and_read_as_the_sdk_does_it(carrier: TwilioCarrier, api: "Api") -> None:
    listed = page(call("CA1"), call("CA2", "queued"), call("CA3", "in-progress"))
    recorder = Recorder(listed)
    account = carrier.client.account_sid
    read = Client(account, carrier.client.auth_token, http_client=recorder).calls.list(
        to=THEIRS.e164, from_=OURS.e164, limit=20
    )
    api.answers = [listed]

    found = await carrier.find_dial(LOST)

    (request,) = api.requests
    address = urlsplit(str(request.url))
    ours = (request.method, address._replace(query="").geturl(), dict(parse_qsl(address.query)))
    assert recorder.asked == [ours]
    assert list(found) == [each.sid for each in read]


async def test_what_is_over_not_ours_or_older_is_left_out(carrier: TwilioCarrier, api: "Api") -> None:
    long_ago = format_datetime(datetime.fromtimestamp(AT_MS / 1_000 - 121, UTC))
    over = [
        call(f"CA{status}", status) for status in ("completed", "busy", "failed", "no-answer", "canceled")
    ]
    api.answers = [
        page(
            *over,
            call("CAin", direction="inbound"),
            call("CAdialled", direction="outbound-dial"),
            call("CAold", date_created=long_ago),
            call("CAours"),
            call("CAundated", date_created=None),
        )
    ]

    assert await carrier.find_dial(LOST) == ("CAours", "CAundated")


@pytest.mark.parametrize("told", [{}, {"calls": None}, {"calls": ["x", {"sid": 5}]}, []])
async def test_an_answer_that_lists_nothing_finds_nothing(
    carrier: TwilioCarrier, api: "Api", told: object
) -> None:
    api.answers = [httpx.Response(200, json=told)]

    assert await carrier.find_dial(LOST) == ()


async def test_a_list_that_cannot_be_had_is_an_error_and_not_an_empty_one(
    carrier: TwilioCarrier, api: "Api"
) -> None:
    api.answers = [api.refuse(20003, 401)]

    with pytest.raises(CarrierError):
        await carrier.find_dial(LOST)

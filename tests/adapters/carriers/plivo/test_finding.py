"""The leg of a dial whose answer was lost: Plivo is asked as its own SDK asks, list after list, and name by name."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import httpx
import plivo
import pytest
import requests

from voice_adapters.carriers.plivo import PlivoCarrier
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId
from voice_domain.ports.carrier import CarrierError
from voice_domain.ports.dial_finder import LostDial

if TYPE_CHECKING:
    from conftest import Api

pytestmark = pytest.mark.anyio

LOST = LostDial(
    call_id=CallId("c-1"),
    caller=PhoneNumber("+15550001234"),
    callee=PhoneNumber("+15550005678"),
    at_ms=1_770_000_000_000,
)
LIVE = {"api_id": "a-1", "call_status": "ringing", "direction": "outbound"}
OURS = {**LIVE, "from": "15550001234", "to": "15550005678"}

Asked = tuple[str, str, dict[str, str]]


class Recorder(requests.adapters.BaseAdapter):
    """Answers the SDK, and keeps what it asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Asked] = []

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        address = httpx.URL(str(request.url))
        self.asked.append((str(request.method), str(address.copy_with(query=None)), dict(address.params)))
        response = requests.Response()
        response.status_code, response._content = 200, b'{"api_id": "a-1", "calls": []}'
        return response

    def close(self) -> None:
        pass


def listed(*names: str) -> httpx.Response:
    return httpx.Response(200, json={"api_id": "a-1", "calls": list(names)})


def shown(told: dict[str, str] | None) -> httpx.Response:
    return httpx.Response(404) if told is None else httpx.Response(200, json=told)


def asked(api: "Api") -> list[Asked]:
    return [
        (request.method, str(request.url.copy_with(query=None)), dict(parse_qsl(request.url.query.decode())))
        for request in api.requests
    ]


async def test_both_lists_are_asked_for_as_the_sdk_does_it(carrier: PlivoCarrier, api: "Api") -> None:
    recorder = Recorder()
    sdk = plivo.RestClient(carrier.client.auth_id, carrier.client.auth_token)
    sdk.session.mount("https://", recorder)
    sdk.queued_calls.list_ids()
    sdk.live_calls.list_ids(call_direction="outbound")
    api.answers = [listed(), listed()]

    assert await carrier.find_dial(LOST) == ()
    assert asked(api) == recorder.asked


async def test_a_call_is_found_while_it_waits_and_while_it_lives(carrier: PlivoCarrier, api: "Api") -> None:
    api.answers = [listed("request"), shown(OURS), listed("other", "gone", "own")]
    api.answers += [
        shown({**OURS, "to": "15550009999"}),
        shown(None),
        shown({**OURS, "from": "+15550001234"}),
    ]

    assert await carrier.find_dial(LOST) == ("request", "own")


async def test_a_caller_with_the_same_numbers_is_not_our_dial(carrier: PlivoCarrier, api: "Api") -> None:
    api.answers = [listed(), listed("in"), shown({**OURS, "direction": "inbound"})]

    assert await carrier.find_dial(LOST) == ()


def of_many(names: list[str], size: int | None) -> Callable[[httpx.Request], httpx.Response]:
    """Answer for an account with these live calls, the last of which is ours; *size* None: all on each page."""

    def answer(request: httpx.Request) -> httpx.Response:
        query = request.url.params
        if not request.url.path.endswith("/Call/"):
            last = request.url.path.endswith(f"/{names[-1]}/")
            return shown(OURS if last else {**OURS, "to": "15550009999"})
        if query["status"] == "queued":
            return listed()
        offset = int(query.get("offset", 0))
        return listed(*(names if size is None else names[offset : offset + size]))

    return answer


@pytest.mark.parametrize("size", [20, None], ids=["in pages", "all at once"])
async def test_a_leg_is_found_behind_many_others_however_the_list_comes(
    carrier: PlivoCarrier, api: "Api", size: int | None
) -> None:
    names = [f"call-{place}" for place in range(45)]
    api.answers_with = of_many(names, size)

    assert await carrier.find_dial(LOST) == ("call-44",)
    assert len({request.url for request in api.requests}) == len(api.requests)


@pytest.mark.parametrize("told", [{}, {"calls": None}, {"calls": {"a": 1}}, []])
async def test_an_answer_that_lists_nothing_finds_nothing(
    carrier: PlivoCarrier, api: "Api", told: object
) -> None:
    api.answers = [httpx.Response(200, json=told)] * 2

    assert await carrier.find_dial(LOST) == ()


async def test_a_list_that_cannot_be_had_is_an_error_and_not_an_empty_one(
    carrier: PlivoCarrier, api: "Api"
) -> None:
    api.answers = [api.refuse(401)]

    with pytest.raises(CarrierError):
        await carrier.find_dial(LOST)

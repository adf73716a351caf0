"""Requests to Plivo: as its own SDK sends them, repeated only where that is harmless, refused with a remedy."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import attrs
import httpx
import pytest

from voice_adapters.carriers.plivo.client import CallAddresses, PlivoClient
from voice_adapters.carriers.plivo.refusals import REMEDIES
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import CarrierError, DialRequest

if TYPE_CHECKING:
    from conftest import Api

pytestmark = pytest.mark.anyio

RECORDED = {
    request["name"]: request
    for request in json.loads(
        (Path(__file__).parents[3] / "vectors" / "plivo" / "requests.json").read_text(encoding="utf-8")
    )["requests"]
}
LEG = CarrierCallId("00000000-0000-4000-8000-000000000001")
REQUEST = CarrierCallId("00000000-0000-4000-8000-000000000002")
HOOK = "https://voice.example.com/voice/webhook"
ADDRESSES = CallAddresses(answered=f"{HOOK}?callId=c-1", rings=HOOK, over=HOOK)
CALL = DialRequest(
    call_id=CallId("c-1"),
    caller=PhoneNumber("+15550001234"),
    callee=PhoneNumber("+15550005678"),
    ring_ms=30_000,
    cap_ms=3_599_500,
    mode=Mode.CONVERSATION,
    opening="Hello.",
    locale="en-US",
)
# What the vendor's SDK adds by itself; it need not be sent.
ADDED = {"fallback_method", "machine_detection_time", "machine_detection_method", "error_if_parent_not_found"}


def seen(request: httpx.Request) -> tuple[str, str, Any]:
    return request.method, str(request.url), json.loads(request.content or b"null")


def recorded(name: str) -> tuple[str, str, Any]:
    """What the SDK sends, without what it puts into bodies that names the call once more."""
    request = RECORDED[name]
    body = {key: value for key, value in (request["body"] or {}).items() if key not in {*ADDED, "call_uuid"}}
    query = "&".join(f"{key}={value}" for key, value in request["query"] if key != "call_uuid")
    return request["method"], request["url"] + (f"?{query}" if query else ""), body or None


async def test_a_call_is_placed_as_the_sdk_places_it_and_named_by_its_request(
    client: PlivoClient, api: "Api"
) -> None:
    assert await client.dial(CALL, ADDRESSES) == REQUEST

    assert seen(api.requests[0]) == recorded("create")


async def test_ringing_ends_by_ring_timeout_and_never_by_what_would_drop_answered_calls(
    client: PlivoClient, api: "Api"
) -> None:
    await client.dial(CALL, ADDRESSES)

    assert (api.bodies[0]["ring_timeout"], api.bodies[0]["time_limit"]) == (30, 3600)
    assert "hangup_on_ring" not in api.bodies[0]


async def test_credentials_and_types_are_those_of_the_sdk(client: PlivoClient, api: "Api") -> None:
    await client.dial(CALL, ADDRESSES)
    await client.end(LEG)

    dialled, ended = (request.headers for request in api.requests)
    basic = httpx.BasicAuth("MAXXXXXXXXXXXXXXXXXX", "plivo-test-auth-token-0123456789")
    assert dialled["authorization"] == ended["authorization"] == basic._auth_header
    assert (dialled["content-type"], dialled["accept"]) == ("application/json", "application/json")
    assert "content-type" not in ended


async def test_a_call_that_lives_is_found_by_both_its_numbers_in_either_spelling(
    client: PlivoClient, api: "Api"
) -> None:
    ours = {"direction": "outbound", "from": "15550001234", "to": "15550005678"}
    others = ({"direction": "inbound"}, {"from": "15550005678"}, {"to": "15550001234"}, {"from": None})
    told = [ours, {**ours, "from": "+15550001234"}, {**ours, "to": "+15550005678"}]
    told += [{**ours, **other} for other in others]
    names = [f"u-{number}" for number in range(len(told))]
    answers = [{"calls": []}, {"calls": names}, *told]
    api.answers = [httpx.Response(200, json=answer) for answer in answers]

    found = await client.find_live(PhoneNumber("+15550001234"), PhoneNumber("+15550005678"))

    assert found == ("u-0", "u-1", "u-2")


async def test_live_calls_are_led_on_ended_asked_about_and_pressed_keys_in_as_the_sdk_does_it(
    client: PlivoClient, api: "Api"
) -> None:
    await client.redirect(LEG, HOOK)
    await client.end(LEG)
    await client.withdraw(REQUEST)
    await client.press(LEG, "12#")
    await client.stop_streams(LEG)
    await client.fetch(LEG, live=True)
    await client.fetch(LEG, live=False)

    names = (
        *("transfer a live call to new XML", "hang up a live call", "cancel a call request", "send digits"),
        *("stop all audio streams", "live call", "call detail record"),
    )
    assert [seen(request) for request in api.requests] == [recorded(name) for name in names]


async def test_another_address_of_the_interface_wins(client: PlivoClient, api: "Api") -> None:
    await attrs.evolve(client, base_url="http://127.0.0.1:4010/prefix/").end(LEG)

    assert str(api.requests[0].url).startswith("http://127.0.0.1:4010/prefix/v1/Account/MA")


@pytest.mark.parametrize(("ring_ms", "seconds"), [(1, 1), (30_001, 31), (9_999_999, 600)])
async def test_the_ring_timeout_is_whole_seconds(
    client: PlivoClient, api: "Api", ring_ms: int, seconds: int
) -> None:
    await client.dial(attrs.evolve(CALL, ring_ms=ring_ms), ADDRESSES)

    assert api.bodies[0]["ring_timeout"] == seconds


@pytest.mark.parametrize("named", ["r-1", ["r-1", "r-2"]])
async def test_the_requests_name_is_taken_from_a_text_or_a_list(
    client: PlivoClient, api: "Api", named: object
) -> None:
    api.answers = [httpx.Response(201, json={"request_uuid": named})]

    assert await client.dial(CALL, ADDRESSES) == "r-1"


@pytest.mark.parametrize("answer", [{}, {"request_uuid": ""}, {"request_uuid": []}, {"request_uuid": 5}, [1]])
async def test_an_answer_that_names_no_request_is_no_call(
    client: PlivoClient, api: "Api", answer: object
) -> None:
    api.answers = [httpx.Response(201, json=answer)]

    with pytest.raises(CarrierError, match=r"no request_uuid; check that plivo\.apiBaseUrl"):
        await client.dial(CALL, ADDRESSES)


async def test_a_dial_that_could_not_arrive_is_repeated(client: PlivoClient, api: "Api") -> None:
    api.answers = [httpx.ConnectError("no route"), httpx.ConnectTimeout("slow")]

    assert await client.dial(CALL, ADDRESSES) == REQUEST
    assert len(api.requests) == 3


@pytest.mark.parametrize(
    "answer",
    [httpx.ReadError("cut"), httpx.RemoteProtocolError("cut"), httpx.Response(503), httpx.Response(429)],
    ids=repr,
)
async def test_a_dial_that_may_have_arrived_is_never_repeated(
    client: PlivoClient, api: "Api", answer: Any
) -> None:
    api.answers = [answer]

    with pytest.raises(CarrierError) as refused:
        await client.dial(CALL, ADDRESSES)

    assert len(api.requests) == 1
    assert refused.value.retryable


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_hang_up_is_repeated_with_growing_pauses(
    client: PlivoClient, api: "Api", status: int
) -> None:
    api.answers = [httpx.Response(status), httpx.ReadError("cut")]
    began = anyio.current_time()

    assert await client.end(LEG)

    assert len(api.requests) == 3
    assert anyio.current_time() - began == pytest.approx(0.75)


async def test_keys_are_not_pressed_twice(client: PlivoClient, api: "Api") -> None:
    api.answers = [httpx.Response(503)]

    with pytest.raises(CarrierError):
        await client.press(LEG, "1")

    assert len(api.requests) == 1


async def test_what_is_gone_is_told_from_what_cannot_be_ended(client: PlivoClient, api: "Api") -> None:
    api.answers = [api.refuse(404), httpx.Response(404, text="<html>"), api.refuse(404), httpx.Response(204)]

    assert not await client.end(LEG)
    assert not await client.withdraw(REQUEST)
    assert await client.fetch(LEG, live=True) is None
    assert await client.end(LEG)

    api.answers = [api.refuse(401), api.refuse(401)]
    with pytest.raises(CarrierError, match="auth token is wrong"):
        await client.end(LEG)
    with pytest.raises(CarrierError, match="auth token is wrong"):
        await client.fetch(LEG, live=False)


@pytest.mark.parametrize("status", REMEDIES)
async def test_refusals_that_users_meet_carry_the_status_and_what_to_do(
    client: PlivoClient, api: "Api", status: int
) -> None:
    api.answers = [api.refuse(status)]

    with pytest.raises(CarrierError) as refused:
        await client.dial(CALL, ADDRESSES)

    error = refused.value
    assert (error.carrier, error.code, error.status, error.retryable) == ("plivo", "", status, status == 429)
    assert str(error).startswith(f"plivo: {REMEDIES[status]}")
    assert f"(HTTP {status})" in str(error)
    assert "15550005678" not in str(error)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(400, json={"error": "to 15550005678 is no number"}), r"call: to 1555\*\*\*5678 is no number"),
        (httpx.Response(500, text="<html>"), "trouble of its own"),
        (httpx.Response(418, json={"error": "Call +15550005678 not"}), r"Call \+1555\*\*\*5678 not"),
        (httpx.Response(418, json={"error": {"to": "15550005678"}}), "without a reason"),
        (httpx.Response(418, text="{"), "without a reason"),
        (httpx.Response(302, headers={"location": "https://elsewhere.example.com"}), "refused the request"),
        (httpx.ConnectError("x"), "cannot be reached; check the network"),
    ],
    ids=str,
)  # fmt: skip
async def test_any_other_refusal_says_what_it_can_and_no_number(
    client: PlivoClient, api: "Api", answer: Any, said: str
) -> None:
    api.answers = [answer] * 3

    with pytest.raises(CarrierError, match=said) as refused:
        await client.dial(CALL, ADDRESSES)

    assert "15550005678" not in str(refused.value)


async def test_the_token_is_in_no_representation(client: PlivoClient) -> None:
    assert client.auth_token not in repr(client)

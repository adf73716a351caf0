"""Requests to Twilio: as its own SDK sends them, repeated only where that is harmless, refused with a remedy."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import anyio
import attrs
import httpx
import pytest

from voice_adapters.carriers.twilio.client import TwilioClient, api_base_url
from voice_adapters.carriers.twilio.error_codes import REMEDIES
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
        (Path(__file__).parents[3] / "vectors" / "twilio" / "requests.json").read_text(encoding="utf-8")
    )["requests"]
}
LEG = CarrierCallId("CA0000000000000000000000000000002a")
ACCOUNT = "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001"
HOOK = "https://voice.example.com/voice/webhook?callId=c-1"
CALL = DialRequest(
    call_id=CallId("c-1"),
    caller=PhoneNumber("+15550001234"),
    callee=PhoneNumber("+15550005678"),
    ring_ms=30_000,
    cap_ms=330_500,
    mode=Mode.CONVERSATION,
    opening="Hello.",
    locale="en-US",
)


async def dial(client: TwilioClient) -> CarrierCallId:
    return await client.dial(CALL, url=HOOK, status_url=f"{HOOK}&type=status")


def seen(request: httpx.Request) -> tuple[str, str, list[tuple[str, str]]]:
    return request.method, str(request.url), parse_qsl(request.content.decode())


def recorded(name: str) -> tuple[str, str, list[tuple[str, str]]]:
    request = RECORDED[name]
    return request["method"], request["url"], [tuple(pair) for pair in request["body"]]


async def test_a_call_is_placed_as_the_sdk_places_it_with_both_deadlines(
    client: TwilioClient, api: "Api"
) -> None:
    assert await dial(client) == LEG

    method, url, form = seen(api.requests[0])
    wanted = recorded("create with answer url and status events")
    assert (method, url) == wanted[:2]
    assert sorted(form) == sorted([*wanted[2], ("TimeLimit", "331")])


async def test_credentials_and_types_are_those_of_the_sdk(client: TwilioClient, api: "Api") -> None:
    await dial(client)

    headers = api.requests[0].headers
    sid_and_token = httpx.BasicAuth("AC00000000000000000000000000000001", "test-auth-token-0123456789abcdef")
    assert headers["authorization"] == sid_and_token._auth_header
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert headers["accept"] == "application/json"


async def test_live_calls_are_changed_ended_and_read_as_the_sdk_does_it(
    client: TwilioClient, api: "Api"
) -> None:
    document = "<Response><Say>Hi</Say></Response>"

    await client.change(LEG, document=document, repeatable=True)
    await client.change(LEG, url="https://voice.example.com/voice/webhook", repeatable=True)
    await client.complete(LEG)
    await client.fetch_call(LEG)

    names = ("redirect a live call to inline TwiML", "redirect a live call to a url", "hang up a live call")
    assert [seen(request) for request in api.requests[:3]] == [recorded(name) for name in names]
    assert seen(api.requests[3]) == ("GET", f"{ACCOUNT}/Calls/{LEG}.json", [])
    assert "content-type" not in api.requests[3].headers


@pytest.mark.parametrize(
    ("region", "override", "base"),
    [
        ("us1", None, "https://api.twilio.com"),
        ("ie1", None, "https://api.dublin.ie1.twilio.com"),
        ("au1", None, "https://api.sydney.au1.twilio.com"),
        ("ie1", "http://127.0.0.1:4010/prefix/", "http://127.0.0.1:4010/prefix"),
    ],
)
async def test_each_region_has_its_address_and_a_configured_one_wins(
    client: TwilioClient, api: "Api", region: str, override: str | None, base: str
) -> None:
    await attrs.evolve(client, base_url=api_base_url(region, override)).complete(LEG)

    assert str(api.requests[0].url) == f"{base}/2010-04-01/Accounts/{client.account_sid}/Calls/{LEG}.json"


@pytest.mark.parametrize(("ring_ms", "seconds"), [(1, "1"), (30_001, "31"), (9_999_999, "600")])
async def test_the_ring_timeout_is_whole_seconds_that_twilio_takes(
    client: TwilioClient, api: "Api", ring_ms: int, seconds: str
) -> None:
    await client.dial(attrs.evolve(CALL, ring_ms=ring_ms), url=HOOK, status_url=HOOK)

    assert api.forms[0]["Timeout"] == seconds


async def test_a_dial_that_could_not_arrive_is_repeated(client: TwilioClient, api: "Api") -> None:
    api.answers = [httpx.ConnectError("no route"), httpx.ConnectTimeout("slow")]

    assert await dial(client) == LEG
    assert len(api.requests) == 3


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadError("cut"),
        httpx.RemoteProtocolError("cut"),
        httpx.Response(503),
        httpx.Response(429, json={"code": 20429}),
    ],
    ids=repr,
)
async def test_a_dial_that_may_have_arrived_is_never_repeated(
    client: TwilioClient, api: "Api", answer: Any
) -> None:
    api.answers = [answer]

    with pytest.raises(CarrierError) as refused:
        await dial(client)

    assert len(api.requests) == 1
    assert refused.value.retryable


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_hang_up_is_repeated_with_growing_pauses(
    client: TwilioClient, api: "Api", status: int
) -> None:
    api.answers = [httpx.Response(status), httpx.ReadError("cut")]
    began = anyio.current_time()

    await client.complete(LEG)

    assert len(api.requests) == 3
    assert anyio.current_time() - began == pytest.approx(0.75)


async def test_keys_are_not_pressed_twice(client: TwilioClient, api: "Api") -> None:
    api.answers = [httpx.Response(503)]

    with pytest.raises(CarrierError):
        await client.change(LEG, document="<Response/>", repeatable=False)

    assert len(api.requests) == 1


async def test_a_call_that_cannot_be_changed_yet_is_asked_again_after_250_and_750_ms(
    client: TwilioClient, api: "Api"
) -> None:
    api.answers = [api.refuse(21220), api.refuse(21220)]
    began = anyio.current_time()

    await client.change(LEG, document="<Response/>", repeatable=False)

    assert len(api.requests) == 3
    assert anyio.current_time() - began == pytest.approx(1.0)


async def test_a_call_that_can_never_be_changed_is_given_up_after_three_attempts(
    client: TwilioClient, api: "Api"
) -> None:
    api.answers = [api.refuse(21220)] * 4

    with pytest.raises(CarrierError, match="cannot be changed now") as refused:
        await client.change(LEG, document="<Response/>", repeatable=True)

    assert len(api.requests) == 3
    assert refused.value.code == "21220"


async def test_a_leg_that_is_gone_counts_as_ended(client: TwilioClient, api: "Api") -> None:
    api.answers = [api.refuse(20404, 404)]
    await client.complete(LEG)
    api.answers = [httpx.Response(404, text="<html>")]
    await client.complete(LEG)
    api.answers = [api.refuse(21220), httpx.Response(200, json={"status": "completed"})]
    await client.complete(LEG)

    assert len(api.requests) == 4


async def test_a_leg_that_lives_is_not_taken_for_ended(client: TwilioClient, api: "Api") -> None:
    api.answers = [api.refuse(21220), httpx.Response(200, json={"status": "in-progress"})]

    with pytest.raises(CarrierError):
        await client.complete(LEG)


async def test_what_is_known_of_a_call_is_said_or_that_it_is_unknown(
    client: TwilioClient, api: "Api"
) -> None:
    api.answers = [
        httpx.Response(200, json={"status": "ringing"}),
        api.refuse(20404, 404),
        httpx.Response(200, json=[1]),
    ]

    assert [await client.fetch_call(LEG) for _ in range(3)] == [{"status": "ringing"}, None, {}]


@pytest.mark.parametrize(("code", "word"), [*((code, "") for code in REMEDIES), ("13520", "document")])
async def test_errors_that_users_meet_carry_the_code_the_status_and_what_to_do(
    client: TwilioClient, api: "Api", code: str, word: str
) -> None:
    status = {"20003": 401, "20404": 404, "20429": 429}.get(code, 400)
    api.answers = [api.refuse(int(code), status)]

    with pytest.raises(CarrierError) as refused:
        await dial(client)

    error = refused.value
    assert (error.code, error.status, error.retryable) == (code, status, code == "20429")
    assert REMEDIES.get(code, word) in str(error)
    assert f"(code {code}, HTTP {status})" in str(error)
    assert "+15550005678" not in str(error)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(401), "auth token is wrong"),
        (httpx.Response(500, text="<html>"), "trouble of its own"),
        (httpx.Response(418, json={"code": 29999, "message": "Call +15550005678 not"}), r"Call \+1555\*\*\*5678 not"),
        (httpx.Response(418, json={"code": True, "message": 7}), "without a reason"),
        (httpx.Response(418, text="{"), "without a reason"),
        (httpx.Response(201, json={"sid": ""}), "does not name the call"),
        (httpx.Response(302, headers={"location": "https://elsewhere.example.com"}), "refused the request"),
        (httpx.ConnectError("x"), "cannot be reached; check the network"),
    ],
    ids=str,
)  # fmt: skip
async def test_any_other_refusal_says_what_it_can_and_no_number(
    client: TwilioClient, api: "Api", answer: Any, said: str
) -> None:
    api.answers = [answer] * 3

    with pytest.raises(CarrierError, match=said) as refused:
        await dial(client)

    assert "+15550005678" not in str(refused.value)


async def test_a_base_url_that_is_none_says_how_to_write_it(client: TwilioClient, api: "Api") -> None:
    for wrong in ("api.twilio.com", "ftp://api.twilio.com", "https://[::"):
        with pytest.raises(CarrierError, match="write https://host in apiBaseUrl") as refused:
            await attrs.evolve(client, base_url=wrong).complete(LEG)

        assert not refused.value.retryable
    assert api.requests == []


async def test_the_token_is_in_no_representation(client: TwilioClient) -> None:
    assert client.auth_token not in repr(client)

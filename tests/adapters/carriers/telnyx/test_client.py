"""Requests to Telnyx: as its own SDK sends them, repeated under the same id, refused with a remedy."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import httpx
import pytest

from voice_adapters.carriers.telnyx import TelnyxClient
from voice_adapters.carriers.telnyx.error_codes import REMEDIES
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
        (Path(__file__).parents[3] / "vectors" / "telnyx" / "requests.json").read_text(encoding="utf-8")
    )["requests"]
}
LEG = CarrierCallId("v3:fake-call-control-id-0001")
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


def said(request: httpx.Request) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(request.content)
    return body


async def test_a_call_is_placed_as_the_sdk_places_it(client: TelnyxClient, api: "Api") -> None:
    assert await client.dial(CALL, webhook_url=HOOK) == LEG

    (request,) = api.requests
    wanted = RECORDED["dial"]
    assert (request.method, str(request.url)) == (wanted["method"], wanted["url"])
    assert said(request) == {**wanted["body"], "command_id": "c-1"}
    assert request.headers["authorization"] == "Bearer KEY-secret"
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize("name", ["answer", "hangup", "reject", "streaming_start", "call status"])
async def test_commands_go_where_the_sdk_sends_them(client: TelnyxClient, api: "Api", name: str) -> None:
    wanted = RECORDED[name]
    if name == "call status":
        await client.fetch(LEG)
    else:
        await client.command(LEG, name, wanted["body"])

    (request,) = api.requests
    assert (request.method, str(request.url)) == (wanted["method"], wanted["url"])
    assert request.content == (wanted["body_raw"].encode() if wanted["body"] else b"")


@pytest.mark.parametrize(
    ("ring_ms", "cap_ms", "seconds"),
    [(1, 1, (5, 30)), (30_001, 60_001, (31, 61)), (10**9, 10**9, (600, 14_400))],
)
async def test_deadlines_are_whole_seconds_that_telnyx_takes(
    client: TelnyxClient, api: "Api", ring_ms: int, cap_ms: int, seconds: tuple[int, int]
) -> None:
    await client.dial(attrs.evolve(CALL, ring_ms=ring_ms, cap_ms=cap_ms), webhook_url=HOOK)

    body = said(api.requests[0])
    assert (body["timeout_secs"], body["time_limit_secs"]) == seconds


@pytest.mark.parametrize(
    "trouble", [httpx.ReadError("cut"), httpx.Response(503), httpx.ConnectError("no route")], ids=repr
)
async def test_a_dial_is_repeated_under_its_own_id_so_that_it_happens_once(
    client: TelnyxClient, api: "Api", trouble: Any
) -> None:
    api.answers = [trouble]

    assert await client.dial(CALL, webhook_url=HOOK) == LEG

    assert [said(request)["command_id"] for request in api.requests] == ["c-1", "c-1"]


async def test_an_answer_that_names_no_call_is_an_error(client: TelnyxClient, api: "Api") -> None:
    api.answers = [httpx.Response(200, json={"data": {}})]

    with pytest.raises(CarrierError, match=r"check that telnyx\.apiBaseUrl"):
        await client.dial(CALL, webhook_url=HOOK)


async def test_another_address_of_the_interface_is_used_as_it_is_written(
    client: TelnyxClient, api: "Api"
) -> None:
    await attrs.evolve(client, base_url="http://127.0.0.1:4010/prefix/").command(LEG, "hangup", {})

    assert str(api.requests[0].url) == f"http://127.0.0.1:4010/prefix/v2/calls/{LEG}/actions/hangup"


async def test_a_strange_name_of_a_call_stays_in_its_place(client: TelnyxClient, api: "Api") -> None:
    await client.command(CarrierCallId("../../x?y#z"), "hangup", {})

    assert api.requests[0].url.raw_path == b"/v2/calls/..%2F..%2Fx%3Fy%23z/actions/hangup"


@pytest.mark.parametrize("code", sorted(REMEDIES))
async def test_every_known_code_comes_with_its_remedy(client: TelnyxClient, api: "Api", code: str) -> None:
    api.answers = [api.refuse(code)]

    with pytest.raises(CarrierError) as refused:
        await client.command(LEG, "answer", {})

    assert REMEDIES[code] in str(refused.value)
    assert (refused.value.code, refused.value.status, refused.value.retryable) == (code, 422, False)
    assert "+15550005678" not in str(refused.value)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (httpx.Response(401), "compare telnyx.apiKey"),
        (httpx.Response(429), "fewer calls at a time"),
        (httpx.Response(500), "status.telnyx.com"),
        (httpx.Response(422, json={"errors": [{"code": "1", "title": "Odd"}]}), "refused the request: Odd"),
        (httpx.Response(400, content=b"<html>"), "refused the request without a reason"),
        (httpx.Response(400, json={"errors": ["x"]}), "refused the request without a reason"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value.status_code),
)
async def test_other_refusals_say_what_to_look_at(
    client: TelnyxClient, api: "Api", answer: httpx.Response, problem: str
) -> None:
    api.answers = [httpx.Response(answer.status_code, content=answer.content) for _ in range(3)]

    with pytest.raises(CarrierError) as refused:
        await client.command(LEG, "answer", {})

    assert problem in str(refused.value)


async def test_an_interface_that_is_not_there_is_told_with_its_setting(
    client: TelnyxClient, api: "Api"
) -> None:
    api.answers = [httpx.ConnectError("secret detail")] * 3

    with pytest.raises(CarrierError, match=r"api\.telnyx\.com cannot be reached; .*apiBaseUrl") as refused:
        await client.fetch(LEG)

    assert refused.value.retryable


async def test_a_call_that_telnyx_does_not_know_is_none(client: TelnyxClient, api: "Api") -> None:
    api.answers = [httpx.Response(404)]

    assert await client.fetch(LEG) is None


def test_the_key_is_in_no_representation(client: TelnyxClient) -> None:
    assert "KEY-secret" not in repr(client)

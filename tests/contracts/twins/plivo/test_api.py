"""The REST API: what it takes, does and refuses."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx
import pytest
from support.twin_host import Host

from voice_contracts.twins.callee import Callee
from voice_contracts.twins.faults import ApiFault, FaultPlan
from voice_contracts.twins.plivo.account import PlivoAccount
from voice_contracts.twins.plivo.twin import PlivoTwin, plivo_twin
from voice_contracts.twins.surroundings import Surroundings

Order = Callable[..., Awaitable[str]]
GOOD = {"from": "15550001234", "to": "+15550005678", "answer_url": "https://voice.example.com/answer"}
LONG = '<Response><Wait length="600"/></Response>'


async def _live(twin: PlivoTwin, order: Order, host: Host) -> str:
    host.documents["/answer"] = LONG
    return (await twin.answered(await order())).leg_id


@pytest.mark.parametrize(
    ("changes", "status", "word"),
    [
        ({"to": None}, 400, "to"),
        ({"to": "soon"}, 400, "to"),
        ({"to": "15550005678<15550005679"}, 400, "to"),
        ({"from": None}, 400, "from"),
        ({"from": "15559999999"}, 400, "from"),
        ({"from": 15550001234}, 400, "from"),
        ({"answer_url": None}, 400, "answer_url"),
        ({"answer_url": "voice.example.com"}, 400, "answer_url"),
        ({"answer_method": "PUT"}, 400, "answer_method"),
        ({"hangup_url": "wss://voice.example.com"}, 400, "hangup_url"),
        ({"ring_timeout": "soon"}, 400, "ring_timeout"),
        ({"time_limit": 86_401}, 400, "time_limit"),
        ({"machine_detection": "yes"}, 400, "machine_detection"),
        ({"machine_detection": "true", "machine_detection_time": 1999}, 400, "machine_detection_time"),
    ],
)
async def test_a_body_that_is_not_allowed_is_refused_by_its_name(
    api: httpx.AsyncClient, twin: PlivoTwin, changes: dict[str, Any], status: int, word: str
) -> None:
    body = {name: value for name, value in (GOOD | changes).items() if value is not None}

    refused = await api.post("/Call/", json=body)

    assert (refused.status_code, set(refused.json())) == (status, {"api_id", "error"})
    assert word in refused.json()["error"].split()
    assert twin.ledger.legs == ()


@pytest.mark.parametrize("auth", [None, ("MATW1NTW1NTW1NTW1NTW", "wrong"), ("MAx", "y")])
async def test_wrong_credentials_are_refused(
    twin: PlivoTwin, account: PlivoAccount, auth: tuple[str, str] | None
) -> None:
    url = f"https://api.plivo.com/v1/Account/{account.auth_id}/Call/"
    async with httpx.AsyncClient(transport=twin.transport, auth=auth) as stranger:
        refused = await stranger.post(url, json=GOOD)

    assert refused.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Call/nobody/", 404),
        ("GET", "/Message/", 404),
        ("POST", "/Call", 404),
        ("POST", "/Call/nobody/", 404),
        ("DELETE", "/Request/nobody/", 404),
        ("PUT", "/Call/", 405),
        ("POST", "/Request/nobody/", 405),
    ],
)
async def test_what_does_not_exist_is_not_found(
    api: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    refused = await api.request(method, path, json={})

    assert refused.status_code == status


async def test_a_body_that_is_no_object_is_refused(api: httpx.AsyncClient) -> None:
    refused = await api.post("/Call/", data={"from": "15550001234"})

    assert refused.status_code == 400


async def test_a_trial_account_dials_verified_numbers_only(host: Host) -> None:
    account = PlivoAccount(numbers={"+15550001234": None}, verified=frozenset({"+15550000001"}))
    async with (
        plivo_twin(account, Surroundings(webhooks=host.transport)) as twin,
        httpx.AsyncClient(
            transport=twin.transport,
            auth=(account.auth_id, account.token),
            base_url=f"https://api.plivo.com/v1/Account/{account.auth_id}",
        ) as api,
    ):
        refused = await api.post("/Call/", json=GOOD)
        taken = await api.post("/Call/", json=GOOD | {"to": "15550000001"})

    assert (refused.status_code, taken.status_code) == (403, 201)


@pytest.mark.parametrize(("wait", "by_request"), [(0.0, 204), (0.5, 204), (5.0, 404)])
async def test_a_request_can_be_withdrawn_until_the_answer(
    api: httpx.AsyncClient, twin: PlivoTwin, order: Order, host: Host, wait: float, by_request: int
) -> None:
    host.documents["/answer"] = LONG
    request = await order()
    await anyio.sleep(wait)

    withdrawn = await api.delete(f"/Request/{request}/")
    hung_up = await api.delete(f"/Call/{twin.leg(request).leg_id}/")
    await anyio.sleep(1)

    assert (withdrawn.status_code, hung_up.status_code) == (by_request, 404 if by_request == 204 else 204)
    (told,) = host.at("hangup")
    assert told["HangupSource"] == "API Request"
    assert told["HangupCauseCode"] == ("1000" if by_request == 204 else "4000")


async def test_a_call_is_not_found_under_its_requests_name(
    api: httpx.AsyncClient, twin: PlivoTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = LONG
    request = await order()
    await twin.answered(request)

    assert (await api.delete(f"/Call/{request}/")).status_code == 404


async def test_hanging_up_without_a_name_hangs_up_everything_and_is_noted(
    api: httpx.AsyncClient, twin: PlivoTwin, order: Order, host: Host
) -> None:
    await _live(twin, order, host)
    await _live(twin, order, host)

    assert (await api.delete("/Call/")).status_code == 204
    assert twin.legs_alive() == ()
    assert len(twin.ledger.violations) == 1


async def test_a_call_is_live_until_it_ends_and_has_a_record_after_it(
    api: httpx.AsyncClient, twin: PlivoTwin, order: Order, host: Host
) -> None:
    name = await _live(twin, order, host)
    live, record = {"status": "live"}, f"/Call/{name}/"

    while_it_runs = [await api.get(record, params=live), await api.get(record)]
    listed = (await api.get("/Call/", params=live)).json()["calls"]
    await api.delete(record)
    afterwards = [await api.get(record, params=live), await api.get(record)]

    assert [one.status_code for one in while_it_runs] == [200, 404]
    assert (while_it_runs[0].json()["call_status"], listed) == ("in-progress", [name])
    assert [one.status_code for one in afterwards] == [404, 200]
    told = afterwards[1].json()
    assert (told["hangup_cause_code"], told["hangup_source"], told["call_state"]) == (
        4000,
        "API Request",
        "ANSWER",
    )


async def test_a_transfer_replaces_the_document_at_once(
    api: httpx.AsyncClient, twin: PlivoTwin, order: Order, host: Host
) -> None:
    name = await _live(twin, order, host)
    host.documents["/second"] = "<Response><Speak>Second</Speak></Response>"

    told = await api.post(f"/Call/{name}/", json={"legs": "aleg", "aleg_url": host.url("second")})
    record = await twin.ended(name)

    assert told.status_code == 202
    assert (host.at("second")[0]["Event"], host.at("second")[0]["CallUUID"]) == ("Redirect", name)
    assert (twin.ear(name).texts, record.billed_seconds) == (("Second",), 1)


async def test_a_transfer_to_nowhere_ends_the_call(
    api: httpx.AsyncClient, twin: PlivoTwin, order: Order, host: Host
) -> None:
    name = await _live(twin, order, host)
    host.documents["/second"] = httpx.Response(500)

    await api.post(f"/Call/{name}/", json={"aleg_url": host.url("second")})
    await twin.ended(name)
    await anyio.sleep(1)

    assert host.at("hangup")[0]["HangupCauseCode"] == "7013"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"aleg_url": "https://voice.example.com/x"}),
        ("Speak/", {"text": "Hi"}),
        ("DTMF/", {"digits": "1"}),
        ("Play/", {"urls": ["https://x.example/a.mp3"]}),
        ("Stream/", {"service_url": "wss://voice.example.com/s", "content_type": "audio/x-mulaw;rate=8000"}),
    ],
)
async def test_a_call_that_still_rings_takes_no_commands(
    api: httpx.AsyncClient, twin: PlivoTwin, order: Order, path: str, body: dict[str, Any]
) -> None:
    request = await order()
    await anyio.sleep(0.5)

    refused = await api.post(f"/Call/{twin.leg(request).leg_id}/{path}", json=body)

    assert refused.status_code == 404
    assert [violation.code for violation in twin.ledger.violations] == [404]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"legs": "aleg"}),
        ("", {"legs": "both", "aleg_url": "https://voice.example.com/x"}),
        ("Speak/", {}),
        ("Play/", {"urls": []}),
        ("DTMF/", {"digits": "one"}),
        ("Stream/", {"service_url": "wss://voice.example.com/s"}),
        (
            "Stream/",
            {
                "service_url": "wss://voice.example.com/s",
                "content_type": "audio/x-mulaw;rate=8000",
                "bidirectional": True,
                "audio_track": "both",
            },
        ),
    ],
)
async def test_a_command_that_is_not_whole_is_refused(
    api: httpx.AsyncClient, twin: PlivoTwin, order: Order, host: Host, path: str, body: dict[str, Any]
) -> None:
    name = await _live(twin, order, host)

    refused = await api.post(f"/Call/{name}/{path}", json=body)

    assert refused.status_code == 400


async def test_texts_files_and_keys_are_heard_one_after_the_other_and_can_be_stopped(
    api: httpx.AsyncClient, twin: PlivoTwin, order: Order, host: Host
) -> None:
    name = await _live(twin, order, host)
    said = {"text": "Hello & 你好", "voice": "WOMAN", "language": "en-US"}

    begun = [
        await api.post(f"/Call/{name}/Speak/", json=said),
        await api.post(f"/Call/{name}/DTMF/", json={"digits": "12#", "leg": "aleg"}),
        await api.post(f"/Call/{name}/Play/", json={"urls": ["https://x.example/a.mp3"]}),
    ]
    await anyio.sleep(2.5)
    stopped = await api.delete(f"/Call/{name}/Play/")
    await anyio.sleep(5)

    assert [one.status_code for one in begun] == [202, 202, 202]
    assert stopped.status_code == 204
    heard = twin.ear(name).sounds
    assert [(one.kind, one.text) for one in heard] == [
        ("say", "Hello & 你好"),
        ("digits", "1"),
        ("digits", "2"),
        ("digits", "#"),
        ("play", "https://x.example/a.mp3"),
    ]
    assert heard[0].manner == {"voice": "WOMAN", "language": "en-US"}
    assert heard[0].fraction == 1.0
    assert heard[-1].fraction < 1.0


async def test_keys_wait_for_the_document_to_finish_its_sentence(
    api: httpx.AsyncClient, twin: PlivoTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = '<Response><Speak>One two three.</Speak><Wait length="5"/></Response>'
    record = await twin.answered(await order())
    await anyio.sleep(0.1)

    await api.post(f"/Call/{record.leg_id}/DTMF/", json={"digits": "7"})
    await twin.ended(record.leg_id)

    assert [(one.text, one.fraction) for one in twin.ear(record.leg_id).sounds] == [
        ("One two three.", 1.0),
        ("7", 1.0),
    ]


async def test_a_throttled_request_says_when_to_come_back(api: httpx.AsyncClient, twin: PlivoTwin) -> None:
    twin.faults.break_api(ApiFault(status=429, retry_after_seconds=2))

    refused = await api.post("/Call/", json=GOOD)
    taken = await api.post("/Call/", json=GOOD)

    assert (refused.status_code, refused.headers["retry-after"], taken.status_code) == (429, "2", 201)


@pytest.mark.parametrize(("takes_effect", "legs"), [(True, 1), (False, 0)])
async def test_a_request_can_hang_with_and_without_effect(
    api: httpx.AsyncClient, twin: PlivoTwin, *, takes_effect: bool, legs: int
) -> None:
    twin.faults.break_api(ApiFault(status=None, takes_effect=takes_effect, method="POST"))

    with pytest.raises(httpx.ReadTimeout):
        await api.post("/Call/", json=GOOD, timeout=5)

    assert len(twin.ledger.legs) == legs
    assert [taken.status for taken in twin.ledger.requests] == [None]
    assert anyio.current_time() == 5


@pytest.mark.parametrize("plan", [FaultPlan(api_lies={"in-progress": "completed"})])
async def test_the_api_can_lie_about_a_status(
    api: httpx.AsyncClient, twin: PlivoTwin, order: Order, host: Host, plan: FaultPlan
) -> None:
    name = await _live(twin, order, host)

    told = (await api.get(f"/Call/{name}/", params={"status": "live"})).json()

    assert (told["call_status"], twin.ledger.leg(name).state) == ("completed", "in-progress")


async def test_a_withheld_caller_is_told_as_it_is(twin: PlivoTwin, host: Host) -> None:
    host.documents["/inbound"] = LONG

    name = twin.call_in("anonymous", "+15550001234", Callee())
    await anyio.sleep(1)
    twin.hang_up(name)
    await twin.ended(name)

    assert host.at("inbound")[0]["From"] == "anonymous"

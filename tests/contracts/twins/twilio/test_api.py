"""The REST API: what it takes, what it refuses and by which number."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx
import pytest
from support.twin_host import Host

from voice_contracts.twins.faults import ApiFault, FaultPlan
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.twilio.account import TwilioAccount
from voice_contracts.twins.twilio.twin import TwilioTwin, twilio_twin

Order = Callable[..., Awaitable[str]]
GOOD = {"To": "+15550005678", "From": "+15550001234", "Url": "https://voice.example.com/answer"}
PAUSE = '<Response><Pause length="600"/></Response>'


async def test_a_call_is_answered_with_its_resource(api: httpx.AsyncClient) -> None:
    made = await api.post("/Calls.json", data=GOOD)

    call = made.json()
    assert made.status_code == 201
    assert (call["status"], call["direction"], call["duration"]) == ("queued", "outbound-api", None)
    assert (call["to"], call["from"]) == (GOOD["To"], GOOD["From"])
    assert call["uri"].endswith(f"/Calls/{call['sid']}.json")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"To": ""}, 400, 21201),
        ({"From": ""}, 400, 21213),
        ({"To": "5550005678"}, 400, 21211),
        ({"To": "+0155500056"}, 400, 21211),
        ({"From": "banana"}, 400, 21212),
        ({"From": "+15559999999"}, 400, 21210),
        ({"Url": ""}, 400, 21205),
        ({"Url": "voice.example.com"}, 400, 21205),
        ({"StatusCallback": "wss://voice.example.com"}, 400, 21205),
        ({"StatusCallbackEvent": "begun"}, 400, 20001),
        ({"Timeout": "601"}, 400, 20001),
        ({"Timeout": "soon"}, 400, 20001),
        ({"TimeLimit": "-1"}, 400, 20001),
        ({"Method": "PUT"}, 400, 20001),
        ({"MachineDetection": "yes"}, 400, 20001),
        ({"Url": "", "Twiml": "x" * 4001}, 400, 32018),
    ],
)
async def test_a_form_that_is_not_allowed_is_refused_by_its_number(
    api: httpx.AsyncClient, twin: TwilioTwin, changes: dict[str, str], status: int, code: int
) -> None:
    refused = await api.post("/Calls.json", data=GOOD | changes)

    body = refused.json()
    assert (refused.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert twin.ledger.legs == ()


async def test_twiml_of_exactly_4000_characters_is_taken(order: Order) -> None:
    frame = "<Response><!----></Response>"
    document = frame.replace("<!--", "<!--" + "x" * (4000 - len(frame)))

    assert await order(Url=None, Twiml=document)


async def test_a_url_wins_over_twiml_beside_it(twin: TwilioTwin, order: Order, host: Host) -> None:
    host.documents["/answer"] = "<Response><Say>By URL</Say></Response>"

    sid = await order(Twiml="<Response><Say>Inline</Say></Response>")

    await twin.ended(sid)
    assert twin.ear(sid).texts == ("By URL",)


@pytest.mark.parametrize("auth", [None, ("AC00000000000000000000000000000001", "wrong"), ("ACx", "y")])
async def test_wrong_credentials_are_refused(
    twin: TwilioTwin, account: TwilioAccount, auth: tuple[str, str] | None
) -> None:
    url = f"https://api.twilio.com/2010-04-01/Accounts/{account.sid}/Calls.json"
    async with httpx.AsyncClient(transport=twin.transport, auth=auth) as stranger:
        refused = await stranger.post(url, data=GOOD)

    assert (refused.status_code, refused.json()["code"]) == (401, 20003)


@pytest.mark.parametrize("path", ["/Calls/CA00.json", "/Messages.json", "/Calls"])
async def test_what_does_not_exist_is_not_found(api: httpx.AsyncClient, path: str) -> None:
    refused = await api.get(path)

    assert (refused.status_code, refused.json()["code"]) == (404, 20404)


async def test_a_trial_account_dials_verified_numbers_only(host: Host) -> None:
    account = TwilioAccount(numbers={GOOD["From"]: None}, verified=frozenset({"+15550000001"}))
    async with (
        twilio_twin(account, Surroundings(webhooks=host.transport)) as twin,
        httpx.AsyncClient(
            transport=twin.transport,
            auth=(account.sid, account.token),
            base_url=f"https://api.twilio.com/2010-04-01/Accounts/{account.sid}",
        ) as api,
    ):
        refused = await api.post("/Calls.json", data=GOOD)
        taken = await api.post("/Calls.json", data=GOOD | {"To": "+15550000001"})

    assert (refused.status_code, refused.json()["code"], taken.status_code) == (400, 21219, 201)


async def test_the_account_can_be_read(twin: TwilioTwin, account: TwilioAccount) -> None:
    url = f"https://api.twilio.com/2010-04-01/Accounts/{account.sid}.json"
    async with httpx.AsyncClient(transport=twin.transport, auth=(account.sid, account.token)) as api:
        shown = (await api.get(url)).json()

    assert (shown["sid"], shown["status"], shown["type"]) == (account.sid, "active", "Full")


async def test_calls_are_listed_newest_first_and_by_status(
    api: httpx.AsyncClient, twin: TwilioTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = PAUSE
    first = await order()
    await anyio.sleep(5)
    second = await order()

    everything = (await api.get("/Calls.json")).json()["calls"]
    live = (await api.get("/Calls.json", params={"Status": "in-progress"})).json()["calls"]

    assert [call["sid"] for call in everything] == [second, first]
    assert [call["sid"] for call in live] == [first]


async def test_an_ended_call_cannot_be_changed_and_the_ledger_notes_who_tried(
    api: httpx.AsyncClient, twin: TwilioTwin, order: Order
) -> None:
    sid = await order(Url=None, Twiml="<Response/>")
    await twin.ended(sid)

    refused = await api.post(f"/Calls/{sid}.json", data={"Status": "completed"})

    assert (refused.status_code, refused.json()["code"]) == (400, 21220)
    assert [(one.code, one.leg_id) for one in twin.ledger.violations] == [(21220, sid)]


async def test_a_call_that_still_rings_cannot_be_redirected(api: httpx.AsyncClient, order: Order) -> None:
    sid = await order()
    await anyio.sleep(0.5)

    refused = await api.post(f"/Calls/{sid}.json", data={"Twiml": "<Response/>"})

    assert (refused.status_code, refused.json()["code"]) == (400, 21220)


async def test_cancelling_a_live_call_changes_nothing(
    api: httpx.AsyncClient, order: Order, host: Host, twin: TwilioTwin
) -> None:
    host.documents["/answer"] = PAUSE
    sid = await order()
    await twin.answered(sid)

    kept = await api.post(f"/Calls/{sid}.json", data={"Status": "canceled"})

    assert (kept.status_code, kept.json()["status"]) == (200, "in-progress")


async def test_any_other_status_is_no_order(api: httpx.AsyncClient, order: Order) -> None:
    sid = await order()

    refused = await api.post(f"/Calls/{sid}.json", data={"Status": "busy"})

    assert refused.json()["code"] == 20001


async def test_a_live_call_takes_a_new_document_at_once(
    api: httpx.AsyncClient, twin: TwilioTwin, order: Order, host: Host
) -> None:
    host.documents |= {"/answer": PAUSE, "/second": "<Response><Say>Second</Say></Response>"}
    sid = await order()
    await twin.answered(sid)
    await anyio.sleep(2)

    await api.post(f"/Calls/{sid}.json", data={"Twiml": f"<Response><Say>First</Say>{PAUSE[10:]}"})
    await anyio.sleep(2)
    await api.post(f"/Calls/{sid}.json", data={"Url": host.url("second"), "Method": "GET"})

    record = await twin.ended(sid)
    assert twin.ear(sid).texts == ("First", "Second")
    assert [one.method for one in host.arrived if one.path == "/second"] == ["GET"]
    assert record.billed_seconds < 10


async def test_a_throttled_request_says_when_to_come_back(api: httpx.AsyncClient, twin: TwilioTwin) -> None:
    twin.faults.break_api(ApiFault(status=429, retry_after_seconds=2))

    refused = await api.post("/Calls.json", data=GOOD)
    taken = await api.post("/Calls.json", data=GOOD)

    assert (refused.status_code, refused.json()["code"]) == (429, 20429)
    assert refused.headers["retry-after"] == "2"
    assert taken.status_code == 201


@pytest.mark.parametrize(("takes_effect", "legs"), [(True, 1), (False, 0)])
async def test_a_request_can_hang_with_and_without_effect(
    api: httpx.AsyncClient, twin: TwilioTwin, *, takes_effect: bool, legs: int
) -> None:
    twin.faults.break_api(ApiFault(status=None, takes_effect=takes_effect, method="POST"))

    with pytest.raises(httpx.ReadTimeout):
        await api.post("/Calls.json", data=GOOD, timeout=5)

    assert len(twin.ledger.legs) == legs
    assert [taken.status for taken in twin.ledger.requests] == [None]
    assert anyio.current_time() == 5


@pytest.mark.parametrize("plan", [FaultPlan(api_lies={"in-progress": "completed"})])
async def test_the_api_can_lie_about_a_status(
    api: httpx.AsyncClient, twin: TwilioTwin, order: Order, host: Host, plan: FaultPlan
) -> None:
    host.documents["/answer"] = PAUSE
    sid = await order()
    await twin.answered(sid)

    told: dict[str, Any] = (await api.get(f"/Calls/{sid}.json")).json()

    assert (told["status"], twin.ledger.leg(sid).state) == ("completed", "in-progress")

"""How webhooks travel: signed, in order or not, once or twice, or not at all."""

from collections.abc import Awaitable, Callable

import anyio
import httpx
import pytest
from support.twin_host import Host

from voice_contracts.twins.faults import FaultPlan, WebhookFaults
from voice_contracts.twins.plivo.account import Application, PlivoAccount
from voice_contracts.twins.plivo.twin import PlivoTwin, plivo_twin
from voice_contracts.twins.surroundings import Surroundings

Order = Callable[..., Awaitable[str]]
HELLO = "<Response><Speak>Hello</Speak></Response>"
OURS, CALLER = "+15550001234", "+15550007777"


async def _play(twin: PlivoTwin, order: Order, host: Host) -> None:
    host.documents["/answer"] = HELLO
    await twin.ended(await order())
    await anyio.sleep(60)


def _paths(host: Host) -> list[str]:
    return [one.path for one in host.arrived]


async def test_no_two_requests_share_a_nonce(twin: PlivoTwin, order: Order, host: Host) -> None:
    await _play(twin, order, host)
    await _play(twin, order, host)

    nonces = [one.headers["x-plivo-signature-v3-nonce"] for one in host.arrived]
    assert len(set(nonces)) == len(nonces) == 6
    assert {len(nonce) for nonce in nonces} == {20}


@pytest.mark.parametrize("signs", [{"V3"}, {"V2"}, set()])
async def test_only_the_wanted_signatures_are_made(host: Host, signs: set[str]) -> None:
    host.documents["/inbound"] = HELLO
    account = PlivoAccount(numbers={OURS: Application(host.url("inbound"))}, signs=frozenset(signs))
    async with plivo_twin(account, Surroundings(webhooks=host.transport)) as twin:
        await twin.ended(twin.call_in(CALLER, OURS))

    signed = {name for name in host.arrived[0].headers if name.startswith("x-plivo")}
    wanted = {f"x-plivo-signature-{version.lower()}" for version in signs}
    assert signed == {
        name for one in wanted for name in (one, f"{one}-nonce", one.replace("signature", "signature-ma"))
    }


@pytest.mark.parametrize("plan", [FaultPlan(webhooks=WebhookFaults(duplicate=1.0))])
async def test_every_webhook_can_come_twice(
    twin: PlivoTwin, order: Order, host: Host, plan: FaultPlan
) -> None:
    await _play(twin, order, host)

    assert sorted(_paths(host)) == ["/answer", "/answer", "/hangup", "/hangup", "/ring", "/ring"]


@pytest.mark.parametrize("plan", [FaultPlan(seed=4, webhooks=WebhookFaults(reorder=0.5, hold_ms=9000))])
async def test_webhooks_can_overtake_each_other(
    twin: PlivoTwin, order: Order, host: Host, plan: FaultPlan
) -> None:
    await _play(twin, order, host)

    assert sorted(_paths(host)) == ["/answer", "/hangup", "/ring"]
    assert _paths(host) != ["/ring", "/answer", "/hangup"]


@pytest.mark.parametrize("plan", [FaultPlan(webhooks=WebhookFaults(drop=1.0))])
async def test_notices_can_be_lost_but_documents_are_asked_for(
    twin: PlivoTwin, order: Order, host: Host, plan: FaultPlan
) -> None:
    await _play(twin, order, host)

    assert _paths(host) == ["/answer"]


@pytest.mark.parametrize("plan", [FaultPlan(webhooks=WebhookFaults(delay_ms=(700, 700)))])
async def test_webhooks_can_be_late(twin: PlivoTwin, order: Order, host: Host, plan: FaultPlan) -> None:
    await _play(twin, order, host)

    rang = next(sent for sent in twin.ledger.webhooks if sent["Event"] == "Ring")
    assert rang.at_ms - twin.ledger.legs[0].states[1].at_ms == 700


@pytest.mark.parametrize("plan", [FaultPlan(webhook_lies={"completed": "busy"})])
async def test_webhooks_can_lie(twin: PlivoTwin, order: Order, host: Host, plan: FaultPlan) -> None:
    await _play(twin, order, host)

    assert host.at("hangup")[-1]["CallStatus"] == "busy"
    assert twin.ledger.legs[0].state == "completed"


@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ReadTimeout])
async def test_what_brings_no_answer_is_tried_once_more(failure: type[httpx.TransportError]) -> None:
    tried: list[str] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        tried.append(request.headers["x-plivo-signature-v3-nonce"])
        if len(tried) > 1:
            return httpx.Response(200, headers={"content-type": "text/xml"}, text="<Response/>")
        raise failure("refused", request=request)

    account = PlivoAccount(numbers={OURS: Application("https://voice.example.com/in")})
    async with plivo_twin(account, Surroundings(webhooks=httpx.MockTransport(refuse))) as twin:
        record = await twin.ended(twin.call_in(CALLER, OURS))

    assert (len(set(tried)), record.state) == (2, "completed")
    assert [sent.status for sent in twin.ledger.webhooks] == [None, 200]


async def test_an_error_is_noted_and_not_asked_for_again(twin: PlivoTwin, order: Order, host: Host) -> None:
    host.documents |= {"/ring": httpx.Response(500), "/hangup": httpx.Response(403)}

    await _play(twin, order, host)

    assert _paths(host) == ["/ring", "/answer", "/hangup"]
    assert [violation.code for violation in twin.ledger.violations] == [1, 1]


async def test_what_follows_a_number_sign_is_neither_sent_nor_signed(
    twin: PlivoTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = HELLO

    await twin.ended(await order(answer_url=f"{host.url('answer')}?callId=c-1#rt=2000&rc=2"))

    (asked,) = [one for one in host.arrived if one.path == "/answer"]
    assert asked.url == f"{host.url('answer')}?callId=c-1"

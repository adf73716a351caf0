"""How webhooks travel: signed, in order or not, once or twice, or not at all."""

from collections.abc import Awaitable, Callable

import anyio
import httpx
import pytest
from support.twin_host import Host

from voice_contracts.twins.faults import FaultPlan, WebhookFaults
from voice_contracts.twins.http_client import Ways
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.twin import TwilioTwin, twilio_twin

Order = Callable[..., Awaitable[str]]
HELLO = "<Response><Say>Hello</Say></Response>"


def _order_of_arrival(host: Host) -> list[str]:
    return [one["SequenceNumber"] for one in host.at("status")]


async def _play(twin: TwilioTwin, order: Order, host: Host) -> None:
    host.documents["/answer"] = HELLO
    await twin.ended(await order())
    await anyio.sleep(30)


async def test_a_webhook_carries_what_twilio_sends(twin: TwilioTwin, order: Order, host: Host) -> None:
    await _play(twin, order, host)

    status = host.arrived[0]
    assert status.headers["user-agent"] == "TwilioProxy/1.1"
    assert status.headers["host"] == "voice.example.com"
    assert "x-forwarded-proto" not in status.headers
    assert status.headers["content-type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    assert status.fields["CallbackSource"] == "call-progress-events"
    assert status.fields["Timestamp"].endswith("+0000")
    assert (status.fields["ApiVersion"], status.fields["Direction"]) == ("2010-04-01", "outbound-api")


@pytest.mark.parametrize("plan", [FaultPlan(webhooks=WebhookFaults(duplicate=1.0))])
async def test_every_webhook_can_come_twice(
    twin: TwilioTwin, order: Order, host: Host, plan: FaultPlan
) -> None:
    await _play(twin, order, host)

    assert sorted(_order_of_arrival(host)) == sorted("00112233")
    assert len(host.at("answer")) == 2


@pytest.mark.parametrize("plan", [FaultPlan(seed=4, webhooks=WebhookFaults(reorder=0.5, hold_ms=9000))])
async def test_webhooks_can_overtake_each_other(
    twin: TwilioTwin, order: Order, host: Host, plan: FaultPlan
) -> None:
    await _play(twin, order, host)

    assert sorted(_order_of_arrival(host)) == ["0", "1", "2", "3"]
    assert _order_of_arrival(host) != ["0", "1", "2", "3"]


@pytest.mark.parametrize("plan", [FaultPlan(webhooks=WebhookFaults(drop=1.0))])
async def test_notices_can_be_lost_but_documents_are_asked_for(
    twin: TwilioTwin, order: Order, host: Host, plan: FaultPlan
) -> None:
    await _play(twin, order, host)

    assert host.at("status") == []
    assert len(host.at("answer")) == 1


@pytest.mark.parametrize("plan", [FaultPlan(webhooks=WebhookFaults(delay_ms=(700, 700)))])
async def test_webhooks_can_be_late(twin: TwilioTwin, order: Order, host: Host, plan: FaultPlan) -> None:
    await _play(twin, order, host)

    record = twin.ledger.legs[0]
    sent = {webhook["CallStatus"]: webhook.at_ms for webhook in twin.ledger.webhooks}
    assert sent["ringing"] - record.states[2].at_ms == 700


@pytest.mark.parametrize("plan", [FaultPlan(webhook_lies={"completed": "busy"})])
async def test_webhooks_can_lie(twin: TwilioTwin, order: Order, host: Host, plan: FaultPlan) -> None:
    await _play(twin, order, host)

    assert host.at("status")[-1]["CallStatus"] == "busy"
    assert twin.ledger.legs[0].state == "completed"


async def test_the_same_seed_lets_the_same_things_go_wrong() -> None:
    async def journal(seed: int) -> list[tuple[int, str]]:
        host = Host(inbound='<Response><Pause length="2"/><Say>Hello</Say></Response>')
        account = TwilioAccount(
            numbers={"+15550001234": NumberSettings(host.url("inbound"), status_callback=host.url("status"))}
        )
        faults = WebhookFaults(delay_ms=(0, 900), duplicate=0.5, reorder=0.5, drop=0.3)
        around = Surroundings(
            webhooks=host.transport, faults=FaultPlan(seed, faults), epoch_ms=1_770_000_000_000
        )
        async with twilio_twin(account, around) as twin:
            began = twin.ledger._now_ms()
            for _ in range(8):
                await twin.ended(twin.call_in("+15550007777", "+15550001234"))
            await anyio.sleep(30)
            host.close()
            return [(sent.at_ms - began, sent["CallStatus"]) for sent in twin.ledger.webhooks]

    first, again, other = await journal(1), await journal(1), await journal(2)

    assert first == again
    assert first != other


async def test_a_connection_that_fails_is_tried_once_more() -> None:
    tried: list[str] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        tried.append(request.url.path)
        if len(tried) > 1:
            return httpx.Response(200, headers={"content-type": "text/xml"}, text="<Response/>")
        raise httpx.ConnectError("refused", request=request)

    account = TwilioAccount(numbers={"+15550001234": NumberSettings("https://voice.example.com/in")})
    async with twilio_twin(account, Surroundings(webhooks=httpx.MockTransport(refuse))) as twin:
        record = await twin.ended(twin.call_in("+15550007777", "+15550001234"))

    assert (tried, record.state) == (["/in", "/in"], "completed")
    assert [sent.status for sent in twin.ledger.webhooks] == [None, 200]


async def test_a_callback_that_is_answered_with_an_error_is_noted_and_not_repeated(
    twin: TwilioTwin, order: Order, host: Host
) -> None:
    host.documents["/status"] = httpx.Response(500)

    await _play(twin, order, host)

    assert len(host.at("status")) == 4
    assert [violation.code for violation in twin.ledger.violations] == [15003] * 4


async def test_a_tunnel_tells_what_the_carrier_asked_for() -> None:
    seen: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, headers={"content-type": "text/xml"}, text="<Response/>")

    account = TwilioAccount(numbers={"+15550001234": NumberSettings("https://voice.example.com/in")})
    ways = Ways({"https://voice.example.com": "http://127.0.0.1:3334"})
    async with twilio_twin(account, Surroundings(webhooks=httpx.MockTransport(note), ways=ways)) as twin:
        await twin.ended(twin.call_in("+15550007777", "+15550001234"))

    assert str(seen[0].url) == "http://127.0.0.1:3334/in"
    assert (seen[0].headers["host"], seen[0].headers["x-forwarded-proto"]) == ("voice.example.com", "https")


def test_a_public_address_can_lie_behind_a_tunnel() -> None:
    ways = Ways({"https://voice.example.com": "http://127.0.0.1:3334"})

    assert ways.to("https://voice.example.com/a?b=1") == "http://127.0.0.1:3334/a?b=1"
    assert ways.to("wss://voice.example.com/s/token") == "http://127.0.0.1:3334/s/token"
    assert ways.to("https://other.example.com/a") == "https://other.example.com/a"

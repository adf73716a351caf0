"""Calls to our number follow us to another address, unless somebody else set up where they go. Against the twin."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest

from voice_adapters.carriers.plivo import PlivoClient, PlivoInspection
from voice_adapters.carriers.plivo.application import redirect
from voice_adapters.clock import EventLoopClock
from voice_adapters.transports.http_client import HttpClient
from voice_contracts.twins.faults import ApiFault
from voice_contracts.twins.plivo.account import Application, PlivoAccount
from voice_contracts.twins.plivo.twin import PlivoTwin, plivo_twin
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.carrier import CarrierError

pytestmark = pytest.mark.anyio

OURS = PhoneNumber("+15550001234")
OLD, NEW = "https://one.ngrok.app/voice/webhook", "https://two.ngrok.app/voice/webhook"
ELSEWHERE = "https://crm.example.com/ended"


@asynccontextmanager
async def account(application: Application | None) -> AsyncIterator[tuple[PlivoTwin, PlivoClient]]:
    known = PlivoAccount(numbers={OURS.e164: application})
    async with plivo_twin(known) as twin, httpx.AsyncClient(transport=twin.transport) as http:
        client = HttpClient(http, EventLoopClock(), jitter=lambda: 1.0)
        yield twin, PlivoClient(http=client, auth_id=known.auth_id, auth_token=known.token)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Application(OLD, hangup_url=OLD), Application(NEW, hangup_url=NEW)),
        (
            Application(OLD, answer_method="GET", fallback_url=f"{OLD}?again=1"),
            Application(NEW, fallback_url=f"{NEW}?again=1"),
        ),
        (
            Application(OLD, hangup_url=ELSEWHERE, hangup_method="GET", fallback_method="GET"),
            Application(NEW, hangup_url=ELSEWHERE, hangup_method="GET", fallback_method="GET"),
        ),
        (
            Application(OLD, message_url=ELSEWHERE, message_method="GET", logs_messages=False),
            Application(NEW, message_url=ELSEWHERE, message_method="GET", logs_messages=False),
        ),
        (Application(NEW), Application(NEW)),
    ],
    ids=["both addresses", "fallback", "another hangup URL", "messages", "there already"],
)
async def test_the_application_follows_us_and_nothing_else_of_it_changes(
    before: Application, after: Application
) -> None:
    async with account(before) as (twin, client):
        assert await redirect(client, OURS, from_url=OLD, to_url=NEW)

        assert twin.application_of(OURS.e164) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Application(""), Application(NEW, hangup_url=NEW)),
        (Application("", hangup_url=ELSEWHERE), Application(NEW, hangup_url=ELSEWHERE)),
    ],
)
async def test_an_application_that_leads_nowhere_is_set_up_as_our_page_says(
    before: Application, after: Application
) -> None:
    async with account(before) as (twin, client):
        assert await redirect(client, OURS, from_url="", to_url=NEW)

        assert twin.application_of(OURS.e164) == after


@pytest.mark.parametrize("held", [Application("https://pbx.example.com/in"), Application(f"{OLD}/x"), None])
async def test_what_did_not_lead_to_us_does_not_follow(held: Application | None) -> None:
    async with account(held) as (twin, client):
        assert not await redirect(client, OURS, from_url=OLD, to_url=NEW)

        assert twin.application_of(OURS.e164) == held


async def test_a_number_that_is_not_the_accounts_or_has_no_application_does_not_follow() -> None:
    async with account(None) as (_, client):
        assert not await redirect(client, PhoneNumber("+15550009999"), from_url=OLD, to_url=NEW)
        assert not await redirect(client, OURS, from_url="", to_url=NEW)


async def test_what_is_no_application_is_named_and_does_not_follow() -> None:
    sent: list[str] = []

    def answered(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        flow = "/v1/Account/MA1/Application/2c5b2a6e-flow/"
        return httpx.Response(200, content=msgspec.json.encode({"application": flow}))

    async with httpx.AsyncClient(transport=httpx.MockTransport(answered)) as http:
        client = PlivoClient(http=HttpClient(http, EventLoopClock()), auth_id="MA1", auth_token="t")
        seen = await PlivoInspection(client).number(OURS)
        followed = await redirect(client, OURS, from_url="", to_url=NEW)

    assert (seen.webhook_url, seen.leads_to) == ("", "application 2c5b2a6e-flow")
    assert (followed, set(sent)) == (False, {"GET"})


async def test_a_refusal_is_told() -> None:
    async with account(Application(OLD)) as (twin, client):
        for _ in range(10):
            twin.faults.break_api(ApiFault(status=403))

        with pytest.raises(CarrierError, match="plivo"):
            await redirect(client, OURS, from_url=OLD, to_url=NEW)

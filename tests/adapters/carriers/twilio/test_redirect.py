"""Calls to our number follow us to another address, unless somebody else set up where they go. Against the twin."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from voice_adapters.carriers.twilio import TwilioClient
from voice_adapters.carriers.twilio.owned_numbers import redirect
from voice_adapters.clock import EventLoopClock
from voice_adapters.transports.http_client import HttpClient
from voice_contracts.twins.faults import ApiFault
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.twin import TwilioTwin, twilio_twin
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.carrier import CarrierError

pytestmark = pytest.mark.anyio

OURS = PhoneNumber("+15550001234")
OLD, NEW = "https://one.ngrok.app/voice/webhook", "https://two.ngrok.app/voice/webhook"
LONGER = "+155500012345"


@asynccontextmanager
async def account(settings: NumberSettings | None) -> AsyncIterator[tuple[TwilioTwin, TwilioClient]]:
    # The search of the interface finds parts of numbers too.
    known = TwilioAccount(numbers={LONGER: NumberSettings(OLD), OURS.e164: settings})
    async with twilio_twin(known) as twin, httpx.AsyncClient(transport=twin.transport) as http:
        client = HttpClient(http, EventLoopClock(), jitter=lambda: 1.0)
        yield twin, TwilioClient(http=client, account_sid=known.sid, auth_token=known.token)


@pytest.mark.parametrize(
    ("before", "after", "is_ours"),
    [
        (NumberSettings(OLD), NumberSettings(NEW), True),
        (
            NumberSettings(OLD, status_callback=f"{OLD}?type=status"),
            NumberSettings(NEW, status_callback=f"{NEW}?type=status"),
            True,
        ),
        (
            NumberSettings(OLD, status_callback="https://crm.example.com/ended"),
            NumberSettings(NEW, status_callback="https://crm.example.com/ended"),
            True,
        ),
        (NumberSettings(NEW), NumberSettings(NEW), True),
        (NumberSettings("https://pbx.example.com/in"), NumberSettings("https://pbx.example.com/in"), False),
        (NumberSettings(f"{OLD}/x"), NumberSettings(f"{OLD}/x"), False),
        (
            NumberSettings(OLD, voice_method="GET", fallback_url=OLD),
            NumberSettings(NEW, fallback_url=NEW),
            True,
        ),
        (NumberSettings(OLD, trunk_sid="TK1"), NumberSettings(OLD, trunk_sid="TK1"), False),
        (None, None, False),
    ],
)
async def test_only_a_number_that_led_to_us_follows_us(
    *, before: NumberSettings | None, after: NumberSettings | None, is_ours: bool
) -> None:
    async with account(before) as (twin, client):
        followed = await redirect(client, OURS, from_url=OLD, to_url=NEW)

        assert followed is is_ours
        assert twin.settings_of(OURS.e164) == after
        assert twin.settings_of(LONGER) == NumberSettings(OLD)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, NumberSettings(NEW, status_callback=f"{NEW}?type=status")),
        (
            NumberSettings("", status_callback="https://crm.example.com/ended"),
            NumberSettings(NEW, status_callback="https://crm.example.com/ended"),
        ),
    ],
)
async def test_a_number_that_leads_nowhere_is_set_up_as_our_page_says(
    *, before: NumberSettings | None, after: NumberSettings
) -> None:
    async with account(before) as (twin, client):
        assert await redirect(client, OURS, from_url="", to_url=NEW)

        assert twin.settings_of(OURS.e164) == after


async def test_a_number_that_is_not_the_accounts_does_not_follow() -> None:
    async with account(NumberSettings(OLD)) as (_, client):
        assert not await redirect(client, PhoneNumber("+15550009999"), from_url=OLD, to_url=NEW)


async def test_a_refusal_is_told() -> None:
    async with account(NumberSettings(OLD)) as (twin, client):
        for _ in range(10):
            twin.faults.break_api(ApiFault(status=403))

        with pytest.raises(CarrierError, match="twilio"):
            await redirect(client, OURS, from_url=OLD, to_url=NEW)

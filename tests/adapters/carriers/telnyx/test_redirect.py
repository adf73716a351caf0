"""Calls to our number follow us to another address, unless somebody else set up where they go. Against the twin."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import attrs
import httpx
import pytest

from voice_adapters.carriers.telnyx import TelnyxClient
from voice_adapters.carriers.telnyx.application import redirect
from voice_adapters.clock import EventLoopClock
from voice_adapters.transports.http_client import HttpClient
from voice_contracts.twins.faults import ApiFault
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.twin import TelnyxTwin, telnyx_twin
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.carrier import CarrierError

pytestmark = pytest.mark.anyio

OURS = PhoneNumber("+15550001234")
OLD, NEW = "https://one.ngrok.app/voice/webhook", "https://two.ngrok.app/voice/webhook"
SET_UP = TelnyxAccount(webhook_url=OLD, numbers=frozenset({OURS.e164}))


@asynccontextmanager
async def account(known: TelnyxAccount) -> AsyncIterator[tuple[TelnyxTwin, TelnyxClient]]:
    async with telnyx_twin(known) as twin, httpx.AsyncClient(transport=twin.transport) as http:
        client = HttpClient(http, EventLoopClock(), jitter=lambda: 1.0)
        yield twin, TelnyxClient(http=client, api_key=known.api_key, connection_id=SET_UP.connection_id)


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: after[name] for name in before if before[name] != after[name]}


@pytest.mark.parametrize(
    ("from_url", "known", "moved"),
    [
        (OLD, SET_UP, {"webhook_event_url": NEW}),
        (
            OLD,
            attrs.evolve(SET_UP, failover_url=OLD),
            {"webhook_event_url": NEW, "webhook_event_failover_url": NEW},
        ),
        (OLD, attrs.evolve(SET_UP, failover_url="https://other.example.com/"), {"webhook_event_url": NEW}),
        ("", attrs.evolve(SET_UP, webhook_url=""), {"webhook_event_url": NEW}),
        (OLD, attrs.evolve(SET_UP, webhook_url=NEW), {}),
    ],
    ids=["ours", "failover too", "another failover", "nothing set up", "there already"],
)
async def test_the_application_follows_us_and_nothing_else_of_it_changes(
    from_url: str, known: TelnyxAccount, moved: dict[str, str]
) -> None:
    async with account(known) as (twin, client):
        before = twin.application

        assert await redirect(client, OURS, from_url=from_url, to_url=NEW)

        assert changed(before, twin.application) == moved


@pytest.mark.parametrize(
    "known",
    [
        attrs.evolve(SET_UP, webhook_url="https://pbx.example.com/in"),
        attrs.evolve(SET_UP, webhook_url=f"{OLD}/x"),
        attrs.evolve(SET_UP, numbers=frozenset()),
        attrs.evolve(SET_UP, numbers=frozenset(), connections={OURS.e164: "99"}),
        attrs.evolve(
            SET_UP, connection_id="7268000000000000000", connections={OURS.e164: SET_UP.connection_id}
        ),
    ],
    ids=["somebody else's", "beside ours", "no number", "another connection", "no application"],
)
async def test_what_did_not_lead_to_us_does_not_follow(known: TelnyxAccount) -> None:
    async with account(known) as (twin, client):
        before = twin.application

        assert not await redirect(client, OURS, from_url=OLD, to_url=NEW)

        assert twin.application == before


async def test_a_refusal_is_told() -> None:
    async with account(SET_UP) as (twin, client):
        for _ in range(10):
            twin.faults.break_api(ApiFault(status=403))

        with pytest.raises(CarrierError, match="telnyx"):
            await redirect(client, OURS, from_url=OLD, to_url=NEW)

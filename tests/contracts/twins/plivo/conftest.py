"""A twin of Plivo in virtual time, a client of its API, and our side."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
from support.twin_host import Host

from voice_contracts.twins.callee import Callee
from voice_contracts.twins.faults import FaultPlan
from voice_contracts.twins.plivo.account import Application, PlivoAccount
from voice_contracts.twins.plivo.twin import PlivoTwin, plivo_twin
from voice_contracts.twins.surroundings import Surroundings

OURS = "+15550001234"


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()
    yield made
    made.close()


@pytest.fixture
def callees() -> dict[str, Callee]:
    """Who answers where; a test may fill it in."""
    return {}


@pytest.fixture
def plan() -> FaultPlan:
    return FaultPlan()


@pytest.fixture
def account(host: Host, callees: dict[str, Callee]) -> PlivoAccount:
    application = Application(host.url("inbound"), hangup_url=host.url("hangup"))
    return PlivoAccount(numbers={OURS: application, "+15550009999": None}, callees=callees)


@pytest.fixture
async def twin(
    anyio_backend: Any, account: PlivoAccount, host: Host, plan: FaultPlan
) -> AsyncIterator[PlivoTwin]:
    around = Surroundings(
        faults=plan, webhooks=host.transport, dial_media=host.dial, epoch_ms=1_770_000_000_000
    )
    async with plivo_twin(account, around) as running:
        yield running


@pytest.fixture
async def api(twin: PlivoTwin, account: PlivoAccount) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=twin.transport,
        base_url=f"https://api.plivo.com/v1/Account/{account.auth_id}",
        auth=(account.auth_id, account.token),
    ) as client:
        yield client


@pytest.fixture
def order(api: httpx.AsyncClient, host: Host) -> Callable[..., Awaitable[str]]:
    """Places a call and returns the name of its request; the body's members can be changed."""

    async def place(**members: Any) -> str:
        body = {
            "from": "15550001234",
            "to": "15550005678",
            "answer_url": host.url("answer"),
            "ring_url": host.url("ring"),
            "hangup_url": host.url("hangup"),
        }
        body |= members
        made = await api.post("/Call/", json={k: v for k, v in body.items() if v is not None})
        assert made.status_code == 201, made.text
        return str(made.json()["request_uuid"])

    return place

"""A twin of Twilio in virtual time, a client of its API, and our side."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
from support.twin_host import Host

from voice_contracts.twins.callee import Callee
from voice_contracts.twins.faults import FaultPlan
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.twin import TwilioTwin, twilio_twin

OURS = "+15550001234"
THEIRS = "+15550005678"


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
def account(host: Host, callees: dict[str, Callee]) -> TwilioAccount:
    settings = NumberSettings(host.url("inbound"), status_callback=host.url("status"))
    return TwilioAccount(numbers={OURS: settings, "+15550009999": None}, callees=callees)


@pytest.fixture
async def twin(
    anyio_backend: Any, account: TwilioAccount, host: Host, plan: FaultPlan
) -> AsyncIterator[TwilioTwin]:
    around = Surroundings(
        faults=plan, webhooks=host.transport, dial_media=host.dial, epoch_ms=1_770_000_000_000
    )
    async with twilio_twin(account, around) as running:
        yield running


@pytest.fixture
async def api(twin: TwilioTwin, account: TwilioAccount) -> AsyncIterator[httpx.AsyncClient]:
    base = f"https://api.twilio.com/2010-04-01/Accounts/{account.sid}"
    async with httpx.AsyncClient(
        transport=twin.transport, base_url=base, auth=(account.sid, account.token)
    ) as client:
        yield client


@pytest.fixture
def order(api: httpx.AsyncClient, host: Host) -> Callable[..., Awaitable[str]]:
    """Places a call and returns its SID; the form's fields can be changed."""

    async def place(**fields: Any) -> str:
        form = {
            "To": THEIRS,
            "From": OURS,
            "Url": host.url("answer"),
            "StatusCallback": host.url("status"),
            "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        }
        form |= fields
        made = await api.post("/Calls.json", data={k: v for k, v in form.items() if v is not None})
        assert made.status_code == 201, made.text
        return str(made.json()["sid"])

    return place

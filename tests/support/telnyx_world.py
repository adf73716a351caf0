"""The whole runtime on the Telnyx adapter, against Telnyx's twin."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeAlias

import httpx
from support.runtime_world import CLOCK, Parties, RuntimeWorld, runtime_world

from voice_adapters.carriers.telnyx import TelnyxCarrier, TelnyxClient, TelnyxSignature, read_public_key
from voice_adapters.transports.http_client import HttpClient
from voice_contracts.twins.callee import Callee
from voice_contracts.twins.faults import FaultPlan
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.twin import TelnyxTwin, telnyx_twin
from voice_domain.e164 import PhoneNumber
from voice_domain.inbound_policy import InboundPolicy

__all__ = ("HOOK", "OURS", "THEIRS", "TelnyxWorld", "telnyx_parts", "telnyx_world")

OURS = PhoneNumber("+15550000000")
THEIRS = PhoneNumber("+15550005678")
HOOK = "https://voice.example.com/voice/webhook"

TelnyxWorld: TypeAlias = RuntimeWorld[TelnyxTwin, TelnyxCarrier]


def telnyx_parts(account: TelnyxAccount, http: httpx.AsyncClient) -> dict[str, object]:
    """Return what the adapter of an unstreamed *account* is made of."""
    return {
        "client": TelnyxClient(
            http=HttpClient(http, CLOCK), api_key=account.api_key, connection_id=account.connection_id
        ),
        "signature": TelnyxSignature(public_key=read_public_key(account.public_key), clock=CLOCK),
        "webhook_url": lambda: HOOK,
        "stream_url": lambda _: None,
        "clock": CLOCK,
        "own_number": OURS,
        "media_streams": False,
    }


@asynccontextmanager
async def telnyx_world(
    *,
    callee: Callee | None = None,
    policy: InboundPolicy = InboundPolicy.OPEN,
    faults: FaultPlan | None = None,
    others: Mapping[str, Callee] | None = None,
) -> AsyncIterator[TelnyxWorld]:
    """Run everything for as long as the block lasts. Calls are not streamed: Telnyx speaks and listens."""
    account = TelnyxAccount(
        webhook_url=HOOK,
        numbers=frozenset({str(OURS)}),
        callees={str(THEIRS): callee or Callee(), **(others or {})},
    )

    def carrier(http: httpx.AsyncClient) -> TelnyxCarrier:
        return TelnyxCarrier(**telnyx_parts(account, http))  # type: ignore[arg-type]  # the parts vary

    parties, twin = Parties(OURS, THEIRS), partial(telnyx_twin, account)
    async with runtime_world(twin, carrier, parties, policy=policy, faults=faults) as world:
        yield world

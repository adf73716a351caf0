"""The whole runtime on the Twilio adapter, against Twilio's twin."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeAlias

import httpx
from support.runtime_world import CLOCK, Parties, RuntimeWorld, runtime_world

from voice_adapters.carriers.twilio import TwilioCarrier, TwilioClient, TwilioSignature
from voice_adapters.transports.http_client import HttpClient
from voice_contracts.twins.callee import Callee
from voice_contracts.twins.faults import FaultPlan
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.twin import TwilioTwin, twilio_twin
from voice_domain.e164 import PhoneNumber
from voice_domain.inbound_policy import InboundPolicy

__all__ = ("HOOK", "OURS", "THEIRS", "TwilioWorld", "twilio_world")

OURS = PhoneNumber("+15550000000")
THEIRS = PhoneNumber("+15550005678")
HOOK = "https://voice.example.com/voice/webhook"

TwilioWorld: TypeAlias = RuntimeWorld[TwilioTwin, TwilioCarrier]


@asynccontextmanager
async def twilio_world(
    *,
    callee: Callee | None = None,
    policy: InboundPolicy = InboundPolicy.OPEN,
    faults: FaultPlan | None = None,
    others: Mapping[str, Callee] | None = None,
) -> AsyncIterator[TwilioWorld]:
    """Run everything for as long as the block lasts. Calls are not streamed: Twilio speaks and listens."""
    account = TwilioAccount(
        numbers={str(OURS): NumberSettings(HOOK, status_callback=f"{HOOK}?type=status")},
        callees={str(THEIRS): callee or Callee(), **(others or {})},
    )

    def carrier(http: httpx.AsyncClient) -> TwilioCarrier:
        return TwilioCarrier(
            client=TwilioClient(
                http=HttpClient(http, CLOCK), account_sid=account.sid, auth_token=account.token
            ),
            signature=TwilioSignature(auth_token=account.token),
            webhook_url=lambda: HOOK,
            stream_url=lambda _: None,
            clock=CLOCK,
            media_streams=False,
        )

    parties, twin = Parties(OURS, THEIRS), partial(twilio_twin, account)
    async with runtime_world(twin, carrier, parties, policy=policy, faults=faults) as world:
        yield world

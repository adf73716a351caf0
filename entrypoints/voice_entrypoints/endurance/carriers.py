"""The twins of carriers that can be told what to do, alike: what the settings say of each, and how calls come in."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import MappingProxyType
from typing import Any, Final, Protocol

import attrs

from voice_contracts.twins.callee import Callee
from voice_contracts.twins.http import Handler
from voice_contracts.twins.ledger import Ledger, LegRecord
from voice_contracts.twins.plivo.account import Application, PlivoAccount
from voice_contracts.twins.plivo.twin import plivo_twin
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.twin import telnyx_twin
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.twin import twilio_twin

__all__ = ("CARRIERS", "HOOK", "NUMBER", "ORIGIN", "CarrierTwin", "OpenCarrier", "RunningCarrier")

ORIGIN: Final = "https://voice.example.com"
"""Our public address, which the twins reach as through a tunnel."""
HOOK: Final = f"{ORIGIN}/voice/webhook"
NUMBER: Final = "+15550000000"
"""Ours."""


class CarrierTwin(Protocol):
    """What these twins have in common."""

    ledger: Ledger

    def call_in(self, caller: str, number: str, callee: Callee | None = None) -> str:
        """Let somebody call one of our numbers, and return the leg's name."""
        ...

    async def answered(self, name: str, /) -> LegRecord:
        """Wait until a leg has been answered or has ended."""
        ...

    def hang_up(self, name: str, /) -> None:
        """Let the other end hang up now."""
        ...


@attrs.frozen(kw_only=True)
class RunningCarrier:
    """A running twin."""

    twin: CarrierTwin
    handle: Handler
    """Answers requests to its interface."""
    settings: Callable[[str], Mapping[str, Any]]
    """Makes the carrier's part of a settings document, of the URL of that interface."""


OpenCarrier = Callable[[Mapping[str, Callee], Surroundings], AbstractAsyncContextManager[RunningCarrier]]
"""Opens a twin: who answers which number, and what surrounds it."""


@asynccontextmanager
async def _twilio(callees: Mapping[str, Callee], around: Surroundings) -> AsyncIterator[RunningCarrier]:
    numbers = {NUMBER: NumberSettings(HOOK, status_callback=f"{HOOK}?type=status")}
    account = TwilioAccount(numbers=numbers, callees=callees)
    async with twilio_twin(account, around) as twin:

        def settings(url: str) -> Mapping[str, Any]:
            return {"accountSid": account.sid, "authToken": account.token, "apiBaseUrl": url}

        yield RunningCarrier(twin=twin, handle=twin.api.handle, settings=settings)


@asynccontextmanager
async def _telnyx(callees: Mapping[str, Callee], around: Surroundings) -> AsyncIterator[RunningCarrier]:
    account = TelnyxAccount(webhook_url=HOOK, numbers=frozenset({NUMBER}), callees=callees)
    async with telnyx_twin(account, around) as twin:

        def settings(url: str) -> Mapping[str, Any]:
            key, connection = account.api_key, account.connection_id
            known = {"apiKey": key, "connectionId": connection, "publicKey": account.public_key}
            return {**known, "apiBaseUrl": url}

        yield RunningCarrier(twin=twin, handle=twin.api.handle, settings=settings)


@asynccontextmanager
async def _plivo(callees: Mapping[str, Callee], around: Surroundings) -> AsyncIterator[RunningCarrier]:
    application = Application(HOOK, hangup_url=HOOK)
    account = PlivoAccount(numbers={NUMBER: application}, callees=callees)
    async with plivo_twin(account, around) as twin:

        def settings(url: str) -> Mapping[str, Any]:
            return {"authId": account.auth_id, "authToken": account.token, "apiBaseUrl": url}

        yield RunningCarrier(twin=twin, handle=twin.api.handle, settings=settings)


CARRIERS: Final[Mapping[str, OpenCarrier]] = MappingProxyType(
    {"twilio": _twilio, "telnyx": _telnyx, "plivo": _plivo}
)
"""By the carrier's word in the settings file."""

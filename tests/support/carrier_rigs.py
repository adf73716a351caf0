"""Carriers as journeys see them: a twin, the settings that lead to it, and what our adapter keeps of its legs."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

import attrs
import httpx

from voice_adapters.carriers.twilio import TwilioCarrier
from voice_contracts.twins.callee import Callee
from voice_contracts.twins.ear import Ear
from voice_contracts.twins.faults import Faults
from voice_contracts.twins.ledger import Ledger, LegRecord
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.twin import TwilioTwin, twilio_twin
from voice_domain.ports.carrier import Carrier

__all__ = ("HOOK", "ORIGIN", "OURS", "RIGS", "CarrierRig", "CarrierTwin", "Landline", "OpenRig")

OURS = "+15550000000"
ORIGIN = "https://voice.example.com"
HOOK = f"{ORIGIN}/voice/webhook"


@attrs.frozen
class Landline:
    """Who is at the other end of which number, and what the carrier allows."""

    callees: Mapping[str, Callee]
    verified: frozenset[str] | None = None
    """The numbers that a trial account may dial; None: any."""
    refuses_keys: bool = False
    """Whether the account has another secret than our settings."""


class CarrierTwin(Protocol):
    """What every carrier's twin can do."""

    ledger: Ledger
    faults: Faults

    def legs_alive(self) -> tuple[LegRecord, ...]: ...

    def ear(self, sid: str) -> Ear: ...

    def hang_up(self, sid: str) -> None: ...

    def listening(self, port: int = 0) -> AbstractAsyncContextManager[str]: ...


@attrs.frozen
class CarrierRig:
    """One carrier, ready for journeys."""

    name: str
    twin: CarrierTwin
    transport: httpx.AsyncBaseTransport
    """Reaches the twin's interface without a socket."""
    hosts: frozenset[str]
    """The hosts of that interface."""
    settings: Mapping[str, Any]
    """The carrier's part of a settings document."""
    base_url_path: tuple[str, str]
    """Where in the document the interface's address is set."""
    call_in: Callable[[str, Callee], str]
    """Lets somebody call us from a number; returns the leg's name."""
    kept: Callable[[Carrier], Mapping[str, int]]
    """What an adapter of ours still keeps of legs: how many of what."""


OpenRig = Callable[[Landline, Surroundings], AbstractAsyncContextManager[CarrierRig]]


@asynccontextmanager
async def _twilio(landline: Landline, around: Surroundings) -> AsyncIterator[CarrierRig]:
    account = TwilioAccount(
        numbers={OURS: NumberSettings(HOOK, status_callback=f"{HOOK}?type=status")},
        callees=landline.callees,
        verified=landline.verified,
    )
    token = "a-token-of-somebody-else-0123456789" if landline.refuses_keys else account.token
    async with twilio_twin(account, around) as twin:
        yield CarrierRig(
            name="twilio",
            twin=twin,
            transport=twin.transport,
            hosts=frozenset({"api.twilio.com"}),
            settings={"provider": "twilio", "twilio": {"accountSid": account.sid, "authToken": token}},
            base_url_path=("twilio", "apiBaseUrl"),
            call_in=_caller(twin),
            kept=_kept_by_twilio,
        )


def _caller(twin: TwilioTwin) -> Callable[[str, Callee], str]:
    return lambda number, callee: twin.call_in(number, OURS, callee)


def _kept_by_twilio(carrier: Carrier) -> Mapping[str, int]:
    assert isinstance(carrier, TwilioCarrier)
    return {
        "pages": len(carrier._pages),
        "offers": len(carrier._offers),
        "key presses": len(carrier._presses._returns),
        "transfers": len(carrier._transfers),
    }


RIGS: Mapping[str, OpenRig] = {"twilio": _twilio}
"""Every carrier that journeys are played on."""

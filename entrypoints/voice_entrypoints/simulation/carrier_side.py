"""The other side of a simulation: Twilio's twin, and what of it the settings have to say."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import attrs

from voice_contracts.twins.callee import Callee
from voice_contracts.twins.ear import Heard
from voice_contracts.twins.http_client import Transport
from voice_contracts.twins.ledger import Ledger
from voice_contracts.twins.sound import hum
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.interpreter import APOLOGY
from voice_contracts.twins.twilio.twin import TwilioTwin, twilio_twin

__all__ = ("CarrierSide", "carrier_side")

_SPOKEN: Final[dict[str, bytes]] = {}


@attrs.frozen
class CarrierSide:
    """A running twin, as the world uses it."""

    ledger: Ledger
    api: Transport
    """Reaches its interface."""
    settings: Mapping[str, Any]
    """The carrier's part of a settings document."""
    call_in: Callable[[str, Callee], object]
    """Lets somebody with a number call us."""
    sounds_of: Callable[[str], tuple[Heard, ...]]
    """What the other end of a leg has heard."""
    own_words: frozenset[str] = frozenset({APOLOGY})
    """What it says of itself, when we let it down."""


@asynccontextmanager
async def carrier_side(
    *, number: str, hook: str, callees: Mapping[str, Callee], webhooks: Transport, epoch_ms: int
) -> AsyncIterator[CarrierSide]:
    """Run the twin for as long as the block lasts: *number* is ours, and *hook* the address of our webhooks."""
    numbers = {number: NumberSettings(hook, status_callback=f"{hook}?type=status")}
    account = TwilioAccount(numbers=numbers, callees=callees)
    around = Surroundings(speak=_speak, webhooks=webhooks, epoch_ms=epoch_ms)
    async with twilio_twin(account, around) as twin:
        yield CarrierSide(
            ledger=twin.ledger,
            api=twin.transport,
            settings={
                "provider": "twilio",
                "twilio": {"accountSid": account.sid, "authToken": account.token},
            },
            call_in=lambda phone, callee: twin.call_in(phone, number, callee),
            sounds_of=_sounds_of(twin),
        )


def _sounds_of(twin: TwilioTwin) -> Callable[[str], tuple[Heard, ...]]:
    return lambda leg: twin.ear(leg).sounds


def _speak(text: str) -> bytes:
    """Hum a text; the same one is hummed once."""
    audio = _SPOKEN.get(text)
    if audio is None:
        audio = _SPOKEN[text] = hum(text)
    return audio

"""What every contest consists of: two checks of the same signatures, and the requests that they are of.

Every request is another one: what is remembered from the one before must not help.
"""

from collections.abc import Callable
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, urlencode

import attrs

from voice_contracts.twins.stage import Arrangement, Notice
from voice_domain.ports.webhook_reader import WebhookRequest

__all__ = (
    "ARRANGED",
    "FORM",
    "REQUESTS",
    "URL",
    "Check",
    "Contest",
    "fields_of",
    "form_notices",
    "held",
    "posted",
)

REQUESTS: Final = 64
"""How many different requests each checks in turn."""

Check: TypeAlias = Callable[[int], object]
"""Checks the request of a number, from 0 to `REQUESTS`; fails if it is not authentic."""

ARRANGED: Final = Arrangement(
    number="+15550000000",
    webhook_url="https://voice.example.com/voice/webhook",
    secret="bench-auth-token-0123456789abcdef",  # noqa: S106 - of an account that does not exist
)
URL: Final = f"{ARRANGED.webhook_url}?callId=call-1&type=status"
FORM: Final = {"content-type": "application/x-www-form-urlencoded"}


@attrs.frozen
class Contest:
    """One carrier's signature."""

    what: str
    ours: Callable[[], Check]
    theirs: Callable[[], Check]
    """Raises ImportError without the vendor's library."""
    install: str
    """The package that brings it."""


def fields_of(number: int) -> dict[str, str]:
    """Return a status callback as carriers send them, of some twenty fields."""
    names = ("CallSid", "AccountSid", "From", "To", "CallStatus", "Direction", "ApiVersion", "SequenceNumber")
    known = {name: f"{name}-{number:08d}" for name in names}
    return known | {f"Detail{place}": f"value {place} of {number} 通话" for place in range(12)}


def form_notices() -> list[Notice]:
    """Return all requests as forms."""
    bodies = [urlencode(fields_of(number)).encode() for number in range(REQUESTS)]
    return [
        Notice(url=URL, body=body, fields=parse_qsl(body.decode()), at_ms=0, serial=serial)
        for serial, body in enumerate(bodies)
    ]


def posted(body: bytes, headers: dict[str, str]) -> WebhookRequest:
    """Return a request as our checks take it."""
    return WebhookRequest(method="POST", urls=(URL,), query={}, headers=headers, body=body)


def held(fits: object) -> None:
    """Fail unless the vendor's library found it authentic."""
    if not fits:
        raise AssertionError("an authentic request was refused")

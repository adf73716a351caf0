"""What Plivo's refusals mean for whoever runs the gateway, and what to do about each.

Its interface gives no codes of its own: the HTTP status says what kind of refusal it is, a sentence says the rest.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from voice_adapters.transports.http_client import HttpAnswer, UnreachableError, is_passing
from voice_domain.e164 import mask_number
from voice_domain.ports.carrier import CarrierError

__all__ = ("REMEDIES", "is_gone", "refused", "unreachable")

_CREDENTIALS = (
    "the auth id or the auth token is wrong; compare plivo.authId and plivo.authToken with the console"
)
_WRONG_ADDRESS = "check that plivo.apiBaseUrl is Plivo's interface"
_GONE: Final = 404

REMEDIES: Mapping[int, str] = MappingProxyType(
    {
        400: (
            "it does not take a value; fromNumber must be a number of this account, the callee's must exist, and "
            "publicUrl must be an address that Plivo can call"
        ),
        401: _CREDENTIALS,
        402: "the account has no credit left; top it up in the console",
        403: "the account may not do this; see its geo permissions and limits in the console",
        _GONE: "it does not know this call; it is over, or belongs to another account",
        405: _WRONG_ADDRESS,
        429: "it gets too many requests from this account; place fewer calls at a time",
    }
)
"""The remedy for each status that users meet."""

_QUOTED: Final = frozenset({400, 403})
"""Statuses of which only Plivo's own words tell what is wrong."""
_LONG_NUMBER = re.compile(r"\+?[0-9]{7,}")
_LONGEST = 300


def refused(answer: HttpAnswer) -> CarrierError:
    """Return the error for an answer that is no success: the HTTP status, and what to do."""
    return CarrierError(
        "plivo",
        _problem(answer.status, answer.json_object().get("error")),
        status=answer.status,
        retryable=is_passing(answer.status),
    )


def unreachable(error: UnreachableError) -> CarrierError:
    """Return the error for a request that got no answer."""
    return CarrierError("plivo", f"{error}; check the network, and plivo.apiBaseUrl", retryable=error.passing)


def is_gone(error: CarrierError) -> bool:
    """Whether *error* says that there is no such call."""
    return error.status == _GONE


def _problem(status: int, said: object) -> str:
    shown = _shown(said)
    if status in REMEDIES:
        return f"{REMEDIES[status]}: {shown}" if shown and status in _QUOTED else REMEDIES[status]
    if status >= 500:
        return "it has trouble of its own; try again later, and see status.plivo.com"
    return f"it refused the request: {shown}" if shown else "it refused the request without a reason"


def _shown(said: object) -> str:
    """Return what Plivo said, on one line and with every number in it masked."""
    line = " ".join(said.split()) if isinstance(said, str) else ""
    return _LONG_NUMBER.sub(lambda found: mask_number(found.group()), line)[:_LONGEST]

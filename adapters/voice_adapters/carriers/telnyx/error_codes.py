"""What Telnyx's error codes mean for whoever runs the gateway, and what to do about each."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from voice_adapters.transports.http_client import HttpAnswer, UnreachableError, is_passing
from voice_domain.e164 import mask_number
from voice_domain.ports.carrier import CarrierError

__all__ = (
    "ALREADY_TRANSCRIBING_CODE",
    "NOT_ANSWERED_CODE",
    "OVER_CODE",
    "REMEDIES",
    "is_over",
    "refused",
    "unreachable",
)

OVER_CODE: Final = "90018"
NOT_ANSWERED_CODE: Final = "90034"
ALREADY_TRANSCRIBING_CODE: Final = "90054"
_NOT_FOUND_CODE: Final = "10005"

_CREDENTIALS = "the API key is wrong; compare telnyx.apiKey with Keys & Credentials in the portal"
_BUSY_API = "it gets too many requests from this account; place fewer calls at a time"

REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "10004": "it misses something in our request; set telnyx.connectionId, and report it if it is set",
        _NOT_FOUND_CODE: "it does not know this call; it is over, or belongs to another account",
        "10009": _CREDENTIALS,
        "10011": _BUSY_API,
        "10015": (
            "it does not take a value; telnyx.connectionId must be the id of a Voice API application (Call "
            "Control), and fromNumber a number that is assigned to it"
        ),
        OVER_CODE: "the call is over",
        NOT_ANSWERED_CODE: "the call has not been answered yet; wait for the answer",
        ALREADY_TRANSCRIBING_CODE: "the call is being transcribed already",
    }
)
"""The remedy for each code that users meet."""

_LONG_NUMBER = re.compile(r"\+?[0-9]{7,}")
_LONGEST: Final = 300


def refused(answer: HttpAnswer) -> CarrierError:
    """Return the error for an answer that is no success: Telnyx's code, the HTTP status, and what to do."""
    said = _first_error(answer)
    code = said.get("code")
    named = str(code) if isinstance(code, str | int) and not isinstance(code, bool) else ""
    return CarrierError(
        "telnyx",
        _problem(named, answer.status, said.get("detail") or said.get("title")),
        code=named,
        status=answer.status,
        retryable=is_passing(answer.status),
    )


def unreachable(error: UnreachableError) -> CarrierError:
    """Return the error for a request that got no answer."""
    return CarrierError(
        "telnyx", f"{error}; check the network, and telnyx.apiBaseUrl", retryable=error.passing
    )


def is_over(error: CarrierError) -> bool:
    """Whether *error* says that the call is over, or that there is none."""
    return error.code in (OVER_CODE, _NOT_FOUND_CODE) or error.status == 404


def _first_error(answer: HttpAnswer) -> dict[str, Any]:
    errors = answer.json_object().get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return first if isinstance(first, dict) else {}


def _problem(code: str, status: int, detail: object) -> str:
    # What is wrong with a value, only Telnyx's own words tell.
    said = _shown(detail)
    if code in REMEDIES:
        return f"{REMEDIES[code]}: {said}" if code == "10015" and said else REMEDIES[code]
    if status in (401, 403):
        return _CREDENTIALS
    if status == 429:
        return _BUSY_API
    if status >= 500:
        return "it has trouble of its own; try again later, and see status.telnyx.com"
    return f"it refused the request: {said}" if said else "it refused the request without a reason"


def _shown(detail: object) -> str:
    """Return what Telnyx said, on one line and with every number in it masked."""
    line = " ".join(detail.split()) if isinstance(detail, str) else ""
    return _LONG_NUMBER.sub(lambda found: mask_number(found.group()), line)[:_LONGEST]

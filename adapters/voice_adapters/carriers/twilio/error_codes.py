"""What Twilio's error codes mean for whoever runs the gateway, and what to do about each."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from voice_adapters.transports.http_client import HttpAnswer, UnreachableError, is_passing
from voice_domain.e164 import mask_number
from voice_domain.ports.carrier import CarrierError

__all__ = ("GONE_CODE", "NOT_CHANGEABLE_CODE", "REMEDIES", "refused", "unreachable")

GONE_CODE: Final = "20404"
NOT_CHANGEABLE_CODE: Final = "21220"

_CREDENTIALS = (
    "the account SID or the auth token is wrong; compare twilio.accountSid and twilio.authToken with the console, "
    "and twilio.region with the region that they were made for"
)
_TRIAL = (
    "a trial account only calls numbers that it has verified; verify the callee's in the console, or upgrade"
)
_OWN_NUMBER = (
    "fromNumber is not a Twilio number or a verified caller ID of this account; take one of the console's"
)
_CALLEE = "the callee's number cannot be called; check that it exists and is written as +15550001234"
_COUNTRY = (
    "calls to that country are switched off; allow it under Voice Geographic Permissions in the console"
)
_URL = "the webhook address is not one that Twilio can call; set publicUrl, or a tunnel, to a public https address"
_BUSY_API = "it gets too many requests from this account; place fewer calls at a time"
_DOCUMENT = "our document was not understood; report it, with the call's log in the console"

REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "10001": "the account is not active; see the console",
        "10004": "this account has as many calls as it may; end some, or ask Twilio for more",
        "20003": _CREDENTIALS,
        "20005": "the account is not active; see the console",
        "20006": "the account may not use this; see its permissions in the console",
        GONE_CODE: "it does not know this call any more; it is over, or belongs to another account or region",
        "20429": _BUSY_API,
        "21201": _CALLEE,
        "21203": _COUNTRY,
        "21205": _URL,
        "21210": _OWN_NUMBER,
        "21211": _CALLEE,
        "21212": _OWN_NUMBER,
        "21213": _OWN_NUMBER,
        "21214": _CALLEE,
        "21215": _COUNTRY,
        "21216": "this account may not call that number; ask Twilio's support",
        "21217": _CALLEE,
        "21219": _TRIAL,
        NOT_CHANGEABLE_CODE: "the call cannot be changed now; it is not up yet, or over",
        "32018": "the document is longer than 4000 characters; say less at a time",
        "32205": _COUNTRY,
    }
)
"""The remedy for each code that users meet. Those from 12000 to 13999 are about documents."""

_LONG_NUMBER = re.compile(r"\+?[0-9]{7,}")
_LONGEST = 300


def refused(answer: HttpAnswer) -> CarrierError:
    """Return the error for an answer that is no success: Twilio's code, the HTTP status, and what to do."""
    said = answer.json_object()
    code = said.get("code")
    named = str(code) if isinstance(code, int) and not isinstance(code, bool) else ""
    return CarrierError(
        "twilio",
        _problem(named, answer.status, said.get("message")),
        code=named,
        status=answer.status,
        retryable=is_passing(answer.status) or named == "20429",
    )


def unreachable(error: UnreachableError) -> CarrierError:
    """Return the error for a request that got no answer."""
    advice = "check the network, and twilio.apiBaseUrl or twilio.region"
    return CarrierError("twilio", f"{error}; {advice}", retryable=error.passing)


def _problem(code: str, status: int, message: object) -> str:
    if code in REMEDIES:
        return REMEDIES[code]
    if len(code) == 5 and code[:2] in ("12", "13"):
        return _DOCUMENT
    if status == 401:
        return _CREDENTIALS
    if status == 429:
        return _BUSY_API
    if status >= 500:
        return "it has trouble of its own; try again later, and see status.twilio.com"
    said = _shown(message)
    return f"it refused the request: {said}" if said else "it refused the request without a reason"


def _shown(message: object) -> str:
    """Return what Twilio said, on one line and with every number in it masked."""
    line = " ".join(message.split()) if isinstance(message, str) else ""
    return _LONG_NUMBER.sub(lambda found: mask_number(found.group()), line)[:_LONGEST]

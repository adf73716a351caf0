"""Status callbacks as Twilio words and signs them, ready to be sent."""

from typing import Final
from urllib.parse import urlencode, urlsplit

import attrs

from voice_contracts.twins.twilio.signature import sign

__all__ = ("ACCOUNT_SID", "AUTH_TOKEN", "PUBLIC_URL", "PlacedCall", "notice")

PUBLIC_URL: Final = "https://voice.example.com/voice/webhook"
ACCOUNT_SID: Final = "AC00000000000000000000000000000001"
AUTH_TOKEN: Final = "bench-auth-token-0123456789abcdef"  # noqa: S105 - of an account that does not exist
_NUMBERS: Final = {"From": "+15550000000", "To": "+15550005678"}


@attrs.frozen
class PlacedCall:
    """A call that the measured gateway waits for news of."""

    call_id: str
    sid: str
    """Twilio's name for it."""


def notice(call: PlacedCall, status: str, sequence: int) -> bytes:
    """Return a whole HTTP request that tells the *status* of a call; all of it is signed."""
    url = f"{PUBLIC_URL}?callId={call.call_id}&type=status"
    fields = _fields(call.sid, status, sequence)
    body = urlencode(fields).encode()
    parts = urlsplit(url)
    head = (
        f"POST {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"Content-Length: {len(body)}\r\nX-Twilio-Signature: {sign(AUTH_TOKEN, url, fields)}\r\n"
        "I-Twilio-Idempotency-Token: 6f2c8a1e-0000-4000-8000-000000000000\r\n"
        "User-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n\r\n"
    )
    return head.encode() + body


def _fields(sid: str, status: str, sequence: int) -> tuple[tuple[str, str], ...]:
    known = {
        "CallSid": sid,
        "AccountSid": ACCOUNT_SID,
        **_NUMBERS,
        "Caller": _NUMBERS["From"],
        "Called": _NUMBERS["To"],
        "Direction": "outbound-api",
        "ApiVersion": "2010-04-01",
        "CallStatus": status,
        "Timestamp": "Mon, 02 Mar 2026 10:00:00 +0000",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
    }
    places = {
        f"{who}{what}": ""
        for who in ("From", "To", "Caller", "Called")
        for what in ("City", "State", "Zip", "Country")
    }
    return tuple((known | places).items())

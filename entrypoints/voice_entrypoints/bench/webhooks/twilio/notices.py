"""Status callbacks as Twilio words them."""

from typing import Final
from urllib.parse import urlencode

from voice_contracts.twins.twilio.stage import STAGE
from voice_entrypoints.bench.webhooks.news import ARRANGED, PlacedCall, Told

__all__ = ("ended", "rang")

_ACCOUNT_SID: Final = STAGE.settings(ARRANGED)["twilio"]["accountSid"]
_NUMBERS: Final = {"From": ARRANGED.number, "To": "+15550005678"}


def rang(call: PlacedCall) -> Told:
    """Tell that it rings."""
    return _told(call, "ringing", 1)


def ended(call: PlacedCall) -> Told:
    """Tell that nobody answered."""
    return _told(call, "no-answer", 2)


def _told(call: PlacedCall, status: str, sequence: int) -> Told:
    fields = _fields(call.sid, status, sequence)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "I-Twilio-Idempotency-Token": "6f2c8a1e-0000-4000-8000-000000000000",
        "User-Agent": "TwilioProxy/1.1",
    }
    query = f"callId={call.call_id}&type=status"
    return Told(query=query, body=urlencode(fields).encode(), headers=headers, fields=fields)


def _fields(sid: str, status: str, sequence: int) -> tuple[tuple[str, str], ...]:
    known = {
        "CallSid": sid,
        "AccountSid": _ACCOUNT_SID,
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

"""The fields of Twilio's webhooks."""

import math

from voice_contracts.twins.moments import rfc_2822
from voice_contracts.twins.twilio.leg import ENDED, Leg, LegStatus

__all__ = ("EVENT_OF", "Fields", "call_fields", "status_fields")

Fields = tuple[tuple[str, str], ...]

EVENT_OF = {
    LegStatus.INITIATED: "initiated",
    LegStatus.RINGING: "ringing",
    LegStatus.IN_PROGRESS: "answered",
    **dict.fromkeys(ENDED, "completed"),
}
"""The word of `StatusCallbackEvent` that each state is told under."""


def call_fields(leg: Leg, account_sid: str, status: str | None = None) -> Fields:
    """Return what every webhook about *leg* says; *status* replaces the true one."""
    record = leg.record
    fields = [
        ("CallSid", record.leg_id),
        ("AccountSid", account_sid),
        ("From", record.caller),
        ("To", record.callee),
        ("Caller", record.caller),
        ("Called", record.callee),
        ("Direction", record.direction),
        ("ApiVersion", "2010-04-01"),
        ("CallStatus", status or leg.status),
    ]
    for who in ("From", "To", "Caller", "Called"):
        fields += [(f"{who}{what}", "") for what in ("City", "State", "Zip", "Country")]
    if record.parent_id:
        fields.append(("ParentCallSid", record.parent_id))
    if record.direction == "inbound" and leg.status is LegStatus.RINGING:
        fields.append(("StirVerstat", "TN-Validation-Passed-A"))
    if leg.answered_by:
        fields.append(("AnsweredBy", leg.answered_by))
    return tuple(fields)


def status_fields(leg: Leg, now_ms: int, sequence: int) -> Fields:
    """Return what a status callback says beside `call_fields`."""
    fields = [
        ("Timestamp", rfc_2822(now_ms)),
        ("CallbackSource", "call-progress-events"),
        ("SequenceNumber", str(sequence)),
    ]
    if leg.status in ENDED:
        seconds = leg.record.billed_seconds
        fields += [("CallDuration", str(seconds)), ("Duration", str(math.ceil(seconds / 60)))]
        if leg.sip_code is not None:
            fields.append(("SipResponseCode", str(leg.sip_code)))
    return tuple(fields)

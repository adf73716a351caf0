"""The fields of Plivo's webhooks (www.plivo.com/docs/voice/xml/request)."""

from datetime import UTC, datetime

from voice_contracts.twins.plivo.leg import Leg
from voice_contracts.twins.plivo.numbers import written

__all__ = ("Fields", "call_fields", "end_fields", "moment", "stream_fields")

Fields = tuple[tuple[str, str], ...]

_RATE = 0.0085
_MINUTE = 60


def call_fields(leg: Leg, status: str | None = None) -> Fields:
    """Return what every webhook about *leg* says; *status* replaces the true one."""
    record = leg.record
    fields = [*_parties(leg), ("Direction", record.direction)]
    if leg.request_uuid:
        fields += [
            ("RequestUUID", leg.request_uuid),
            ("ALegUUID", record.leg_id),
            ("ALegRequestUUID", leg.request_uuid),
        ]
    else:
        fields.append(("CallerName", written(record.caller)))
    fields += [
        ("BillRate", str(_RATE)),
        ("SessionStart", f"{moment(record.states[0].at_ms)}.000000"),
        ("CallStatus", status or leg.status),
    ]
    return tuple(fields)


def end_fields(leg: Leg) -> Fields:
    """Return what the last webhook says beside `call_fields`."""
    assert leg.ending is not None
    record, ending = leg.record, leg.ending
    seconds = record.billed_seconds
    minutes = -(-seconds // _MINUTE)
    fields = [
        ("Event", "Hangup"),
        ("HangupCause", ending.text),
        ("HangupCauseCode", str(ending.code)),
        ("HangupCauseName", ending.name),
        ("HangupSource", ending.source),
        ("Duration", str(seconds)),
        ("BillDuration", str(minutes * _MINUTE)),
        ("TotalCost", f"{minutes * _RATE:.5f}"),
        ("StartTime", moment(record.states[0].at_ms)),
    ]
    if record.answered_ms is not None:
        fields.append(("AnswerTime", moment(record.answered_ms)))
    fields.append(("EndTime", moment(record.states[-1].at_ms)))
    return tuple(fields)


def stream_fields(leg: Leg, stream_id: str, url: str, event: str, now_ms: int) -> Fields:
    """Return everything that a notice about a stream says; of the call's state it says nothing."""
    return (
        *_parties(leg),
        ("StreamID", stream_id),
        ("ServiceURL", url),
        ("Event", event),
        ("Timestamp", str(now_ms)),
    )


def moment(at_ms: int) -> str:
    """Return a moment as Plivo writes it, in UTC."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _parties(leg: Leg) -> Fields:
    record = leg.record
    return (
        ("CallUUID", record.leg_id),
        ("From", written(record.caller)),
        ("To", written(record.callee)),
    )

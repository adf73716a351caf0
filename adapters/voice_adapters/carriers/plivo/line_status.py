"""What Plivo's interface says of a call: of one that lives, or in the record of one that is over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from voice_adapters.carriers.plivo.causes import STATUS_REASONS, end_reason, plain_status
from voice_domain.ports.carrier import LineStatus
from voice_domain.vocabulary import Direction

__all__ = ("line_status",)

_DIRECTIONS = {"inbound": Direction.INBOUND, "outbound": Direction.OUTBOUND}

_ANSWERED = {"ringing": False, "in-progress": True}
"""What the state of a call that lives says of an answer; when that was, Plivo tells once the call is over."""


def line_status(live: Mapping[str, Any] | None, record: Mapping[str, Any] | None) -> LineStatus:
    """Return what both say; None is Plivo's answer for a call that it does not know.

    A call that neither knows may still be about to ring, under the name of its request.
    """
    if live is not None:
        status = plain_status(_text(live, "call_status"))
        if status not in STATUS_REASONS:
            return LineStatus(alive=True, cause=status, answered=_ANSWERED.get(status))
        record = live
    if record is None:
        return LineStatus(alive=None, cause="unknown to Plivo")
    code, status = _text(record, "hangup_cause_code"), plain_status(_text(record, "call_status"))
    if not code and status not in STATUS_REASONS:
        return LineStatus(alive=False, cause="over")
    answered_at_ms = _epoch_ms(_text(record, "answer_time"))
    reason = end_reason(
        code,
        _text(record, "hangup_source"),
        _DIRECTIONS.get(_text(record, "call_direction").lower()),
        status=status,
        was_up=bool(_text(record, "answer_time")) or status == "completed",
    )
    name = _text(record, "hangup_cause_name") or status or "over"
    return LineStatus(
        alive=False,
        reason=reason,
        cause=f"{name} ({code})" if code else name,
        answered=None if answered_at_ms is None else True,
        answered_at_ms=answered_at_ms,
    )


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _epoch_ms(moment: str) -> int | None:
    """Read a time as Plivo's records have it, such as `2026-01-31 12:00:00+05:30`; one without an offset is none."""
    try:
        told = datetime.fromisoformat(moment)
        return int(told.timestamp() * 1_000) if told.tzinfo else None
    except (ValueError, OverflowError):
        return None

"""What Twilio's words for the state of a call mean (www.twilio.com/docs/voice/api/call-resource)."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from types import MappingProxyType

from voice_domain.ports.carrier import LineStatus
from voice_domain.vocabulary import EndReason

__all__ = ("END_REASONS", "LIVE", "epoch_ms", "line_status", "plain_status")

END_REASONS: Mapping[str, EndReason] = MappingProxyType(
    {
        # Twilio does not tell who hung up; when it was us, we know better.
        "completed": EndReason.COMPLETED,
        "busy": EndReason.BUSY,
        "no-answer": EndReason.NO_ANSWER,
        "failed": EndReason.FAILED,
        "canceled": EndReason.HANGUP_BOT,
    }
)
"""The last states, and why a call in them is over."""

LIVE = frozenset({"queued", "initiated", "ringing", "in-progress"})
"""The states of a call that is not over."""

_ANSWERED = frozenset({"in-progress", "completed"})
"""The states of a call that was answered: of one that was not, Twilio has another word."""


def plain_status(raw: str) -> str:
    """Return a status as the tables spell it; it is seen in any letter case."""
    return raw.strip().lower()


def line_status(call: Mapping[str, object] | None) -> LineStatus:
    """Return what Twilio says of a call; None is its answer for one that it does not know.

    A call that was answered starts with the answer: its duration is counted from then on.
    """
    if call is None:
        return LineStatus(alive=False, cause="unknown to Twilio")
    told = call.get("status")
    status = plain_status(told) if isinstance(told, str) else ""
    if status not in END_REASONS and status not in LIVE:
        return LineStatus(alive=None, cause=status)  # a word that did not exist when this was written
    answered = status in _ANSWERED
    return LineStatus(
        alive=status in LIVE,
        reason=END_REASONS.get(status),
        cause=status,
        answered=answered,
        answered_at_ms=epoch_ms(call.get("start_time")) if answered else None,
    )


def epoch_ms(moment: object) -> int | None:
    """Return a time as RFC 2822 has it in epoch milliseconds; None for anything else."""
    try:
        return int(parsedate_to_datetime(str(moment)).timestamp() * 1_000)
    except (ValueError, OverflowError):
        return None

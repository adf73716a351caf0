"""What Twilio's words for the state of a call mean (www.twilio.com/docs/voice/api/call-resource)."""

from collections.abc import Mapping
from types import MappingProxyType

from voice_domain.ports.carrier import LineStatus
from voice_domain.vocabulary import EndReason

__all__ = ("END_REASONS", "LIVE", "line_status", "plain_status")

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


def plain_status(raw: str) -> str:
    """Return a status as the tables spell it; it is seen in any letter case."""
    return raw.strip().lower()


def line_status(raw: str | None) -> LineStatus:
    """Return what a status says of a call; None is Twilio's answer for a call that it does not know."""
    if raw is None:
        return LineStatus(alive=False, cause="unknown to Twilio")
    status = plain_status(raw)
    if status in END_REASONS:
        return LineStatus(alive=False, reason=END_REASONS[status], cause=status)
    # A word that did not exist when this was written says nothing.
    return LineStatus(alive=True if status in LIVE else None, cause=status)

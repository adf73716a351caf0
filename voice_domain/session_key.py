"""Which of the responder's conversations a call belongs to."""

from enum import StrEnum

from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId

__all__ = ("SessionScope", "session_key")


class SessionScope(StrEnum):
    """What calls have one conversation in common."""

    PER_PHONE = "per-phone"
    PER_CALL = "per-call"
    MAIN = "main"


def session_key(scope: SessionScope, call_id: CallId, counterpart: PhoneNumber | None) -> str:
    """Return the key of the conversation; callers without a number have one for each call."""
    if scope is SessionScope.MAIN:
        return "main"
    if scope is SessionScope.PER_CALL or counterpart is None:
        return f"voice:call:{call_id}"
    return f"voice:{str(counterpart).removeprefix('+')}"

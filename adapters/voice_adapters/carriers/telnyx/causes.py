"""Why a call is over, from what Telnyx says: the cause, and who of the two ends hung up."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from voice_domain.vocabulary import Direction, EndReason

__all__ = ("END_REASONS", "HANGUP_CAUSES", "HANGUP_SOURCES", "Source", "end_reason")


class Source(StrEnum):
    """Who hung up, seen from Telnyx: who dialled, or who was dialled."""

    CALLER = "caller"
    CALLEE = "callee"
    UNKNOWN = "unknown"


HANGUP_SOURCES: Final = tuple(Source)
HANGUP_CAUSES: Final = (
    "call_rejected",
    "normal_clearing",
    "originator_cancel",
    "timeout",
    "time_limit",
    "user_busy",
    "not_found",
    "no_answer",
    "unspecified",
)
"""What Telnyx's description of the event lists."""

_S, _R = Source, EndReason
_IN, _OUT = Direction.INBOUND, Direction.OUTBOUND
_Key = tuple[str, Direction, Source]

# What a cause means whoever is named and whoever dialled.
_ALWAYS: Mapping[str, EndReason] = {
    "call_rejected": _R.BUSY,
    "user_busy": _R.BUSY,
    "no_answer": _R.NO_ANSWER,
    # Telnyx's timeout is that of ringing; a call that lasts too long ends with time_limit.
    "timeout": _R.NO_ANSWER,
    "time_limit": _R.TIMEOUT,
    "not_found": _R.FAILED,
    "unspecified": _R.FAILED,
}

END_REASONS: Mapping[_Key, EndReason] = MappingProxyType(
    {
        **{
            (cause, direction, source): reason
            for cause, reason in _ALWAYS.items()
            for direction in Direction
            for source in Source
        },
        ("normal_clearing", _OUT, _S.CALLER): _R.HANGUP_BOT,
        ("normal_clearing", _OUT, _S.CALLEE): _R.HANGUP_USER,
        ("normal_clearing", _OUT, _S.UNKNOWN): _R.COMPLETED,
        ("normal_clearing", _IN, _S.CALLER): _R.HANGUP_USER,
        ("normal_clearing", _IN, _S.CALLEE): _R.HANGUP_BOT,
        ("normal_clearing", _IN, _S.UNKNOWN): _R.COMPLETED,
        # Only whoever dialled can give up before the answer.
        **{("originator_cancel", _OUT, source): _R.HANGUP_BOT for source in Source},
        **{("originator_cancel", _IN, source): _R.HANGUP_USER for source in Source},
    }
)
"""Every cause with every direction and every source."""


def end_reason(cause: str, source: str, direction: Direction, *, was_up: bool) -> EndReason:
    """Return why a call is over; *was_up* says whether it had been answered.

    A cause that did not exist when this was written is a failure. What fails after the answer is an error.
    """
    ended_by = next((known for known in Source if known.value == source), Source.UNKNOWN)
    reason = END_REASONS.get((cause, direction, ended_by), EndReason.FAILED)
    return EndReason.ERROR if was_up and reason is EndReason.FAILED else reason

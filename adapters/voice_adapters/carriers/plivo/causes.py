"""Why a call is over, from what Plivo says (www.plivo.com/docs/voice/troubleshooting/hangup-causes).

The code decides, not the text. Where a code does not say who hung up, the source does.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from voice_domain.vocabulary import Direction, EndReason

__all__ = ("END_REASONS", "STATUS_REASONS", "end_reason", "plain_status")

_R = EndReason

# What a code means whoever is named and whoever dialled.
_CODES: Final[Mapping[EndReason, str]] = {
    _R.BUSY: "3010 3020 3100 3110",
    _R.NO_ANSWER: "3000 6010",
    _R.TIMEOUT: "6000",
    _R.VOICEMAIL: "9100",
    _R.HANGUP_BOT: "4010",
    _R.COMPLETED: "4020 4030 9000 9110",
    _R.FAILED: "1020 2000 2010 2020 2030 2040 2050 2060 2070 3030 3040 3050 3070 3080 3090 3120 3130 3140",
    # Plivo's network, its account, or our own server and documents were at fault.
    _R.ERROR: "1010 5000 5010 5020 6020 7011 7012 7013 7014 7022 7023 7024 7032 7033 7034 8011 8012 8013 8014",
}
END_REASONS: Final[Mapping[str, EndReason]] = MappingProxyType(
    {code: reason for reason, codes in _CODES.items() for code in codes.split()}
)
"""The codes that say it all. 0 (unknown), 1000 (canceled) and 4000 (a normal end) do not."""

STATUS_REASONS: Final[Mapping[str, EndReason]] = MappingProxyType(
    {
        "completed": _R.COMPLETED,
        "busy": _R.BUSY,
        "failed": _R.FAILED,
        # Plivo's timeout is that of ringing; a call that lasts too long ends with code 6000.
        "timeout": _R.NO_ANSWER,
        "no-answer": _R.NO_ANSWER,
        "cancel": _R.HANGUP_BOT,
    }
)
"""The last states of a call, for an end without a code that is known."""

_UNKNOWN, _CANCELED, _NORMAL = "0", "1000", "4000"
_OURS: Final = frozenset({"api request", "answer xml"})
# Plivo's own sources, whose normal end nobody is known to have caused.
_NOBODY: Final[Mapping[str, EndReason]] = {"error": _R.ERROR}


def end_reason(
    code: str, source: str, direction: Direction | None, *, status: str, was_up: bool
) -> EndReason:
    """Return why a call is over; *was_up* says whether it had been answered.

    A code that did not exist when this was written leaves the word to the status. What fails after the answer is an
    error.
    """
    reason = END_REASONS.get(code)
    if code == _NORMAL:
        reason = _hung_up_by(source, direction)
    elif code == _CANCELED:
        # Only whoever dialled can give up before the answer.
        reason = _R.HANGUP_USER if direction is Direction.INBOUND and _is_caller(source) else _R.HANGUP_BOT
    elif code == _UNKNOWN:
        reason = _R.COMPLETED if was_up else _R.FAILED
    if reason is None:
        reason = STATUS_REASONS.get(status, _R.COMPLETED if was_up else _R.FAILED)
        reason = _hung_up_by(source, direction) if reason is _R.COMPLETED else reason
    return _R.ERROR if was_up and reason is _R.FAILED else reason


def plain_status(raw: str) -> str:
    """Return a status as the tables spell it; it is seen in any letter case."""
    return raw.strip().lower().replace("_", "-")


def _hung_up_by(source: str, direction: Direction | None) -> EndReason:
    """Return what a normal end by *source* is; the caller is us on calls that we placed."""
    named = source.strip().lower()
    if named in _OURS:
        return _R.HANGUP_BOT
    if direction is not None and (_is_caller(source) or named in ("callee", "call recipient")):
        is_us = _is_caller(source) is (direction is Direction.OUTBOUND)
        return _R.HANGUP_BOT if is_us else _R.HANGUP_USER
    return _NOBODY.get(named, _R.COMPLETED)


def _is_caller(source: str) -> bool:
    return source.strip().lower() == "caller"

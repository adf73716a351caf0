"""What Aliyun's status codes mean (help.aliyun.com, voice reports)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from voice_domain.ports.carrier import LineStatus
from voice_domain.vocabulary import EndReason

__all__ = ("ANSWERED_CODES", "END_REASONS", "Progress", "end_reason", "line_status")

END_REASONS: Mapping[str, EndReason] = MappingProxyType(
    {
        "200000": EndReason.COMPLETED,
        "200001": EndReason.COMPLETED,
        "200002": EndReason.BUSY,
        "200003": EndReason.NO_ANSWER,
        "200004": EndReason.FAILED,
        "200005": EndReason.FAILED,
        "200006": EndReason.ERROR,
        "200007": EndReason.FAILED,
        "200008": EndReason.COMPLETED,
        "200010": EndReason.FAILED,
        "200011": EndReason.FAILED,
        "200012": EndReason.FAILED,
        "200104": EndReason.FAILED,
        "200105": EndReason.FAILED,
        "200117": EndReason.ERROR,
        "200118": EndReason.FAILED,
        "200119": EndReason.FAILED,
        "200121": EndReason.ERROR,
        "200130": EndReason.ERROR,
        "999999": EndReason.ERROR,
        "9996": EndReason.ERROR,
    }
)
"""The codes of a call that is over, and why it is. A code that is not here is `ERROR`."""

ANSWERED_CODES: Final = frozenset({"200000", "200001", "200008"})
"""Those of a call that was answered."""

_WHO_HUNG_UP: Mapping[str, EndReason] = MappingProxyType(
    {"用户": EndReason.HANGUP_USER, "机器": EndReason.HANGUP_BOT}
)


class Progress(StrEnum):
    """The codes of a call that is not over yet, and of its end when that is all there is to say."""

    STARTED = "200101"
    RINGING = "200201"
    ANSWERED = "200102"
    ENDED = "200100"
    KEYS = "300000"


def end_reason(code: str, direction: str = "") -> EndReason:
    """Return why a call with *code* is over; *direction* says who hung up, 用户 or 机器, empty for nobody knows."""
    reason = END_REASONS.get(code, EndReason.ERROR)
    # Who hung up is told of calls that were answered and were heard out, or not.
    return _WHO_HUNG_UP.get(direction, reason) if code in ("200000", "200001") else reason


def line_status(detail: Mapping[str, Any]) -> LineStatus:
    """Return what the detail of a call says of it; it is kept once the call is over, so that nothing says nothing."""
    code = _text(detail, "state", "status_code", "statusCode")
    if code in END_REASONS:
        direction = _text(detail, "hangupDirection", "hangup_direction")
        return LineStatus(alive=False, reason=end_reason(code, direction), cause=code)
    return LineStatus(alive=None, cause=code)


def _text(fields: Mapping[str, Any], *names: str) -> str:
    found = (fields[name] for name in names if isinstance(fields.get(name), str | int))
    return str(next(found, ""))

"""Why a leg is over, in Plivo's words (www.plivo.com/docs/voice/troubleshooting/hangup-causes)."""

from collections.abc import Mapping
from enum import StrEnum

import attrs

__all__ = ("ENDED", "Ending", "LegStatus")


class LegStatus(StrEnum):
    """Plivo's words for where a call stands (www.plivo.com/docs/voice/xml/request)."""

    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    TIMEOUT = "timeout"
    NO_ANSWER = "no-answer"


_S = LegStatus

ENDED = frozenset({_S.COMPLETED, _S.BUSY, _S.FAILED, _S.TIMEOUT, _S.NO_ANSWER})

_CAUSES: Mapping[int, tuple[str, str, LegStatus]] = {
    0: ("Unknown", "UNKNOWN", _S.FAILED),
    1000: ("Canceled", "ORIGINATOR_CANCEL", _S.FAILED),
    2000: ("Invalid Destination Address", "UNALLOCATED_NUMBER", _S.FAILED),
    3000: ("No Answer", "NO_ANSWER", _S.NO_ANSWER),
    3010: ("Busy Line", "USER_BUSY", _S.BUSY),
    3020: ("Rejected", "CALL_REJECTED", _S.BUSY),
    4000: ("Normal Hangup", "NORMAL_CLEARING", _S.FAILED),
    4010: ("End Of XML Instructions", "NORMAL_CLEARING", _S.FAILED),
    6000: ("Scheduled Hangup", "ALLOTTED_TIMEOUT", _S.TIMEOUT),
    6010: ("Ring Timeout Reached", "NO_ANSWER", _S.TIMEOUT),
    7011: ("Error Reaching Answer URL", "NORMAL_CLEARING", _S.FAILED),
    7012: ("Error Reaching Action URL", "NORMAL_CLEARING", _S.FAILED),
    7013: ("Error Reaching Transfer URL", "NORMAL_CLEARING", _S.FAILED),
    7014: ("Error Reaching Redirect URL", "NORMAL_CLEARING", _S.FAILED),
    8011: ("Invalid Answer XML", "NORMAL_CLEARING", _S.FAILED),
    8012: ("Invalid Action XML", "NORMAL_CLEARING", _S.FAILED),
    8013: ("Invalid Transfer XML", "NORMAL_CLEARING", _S.FAILED),
    8014: ("Invalid Redirect XML", "NORMAL_CLEARING", _S.FAILED),
    9100: ("Machine Detected", "NORMAL_CLEARING", _S.FAILED),
}
"""Name, text, and the status of a call that nobody had answered."""


@attrs.frozen
class Ending:
    """One end: its code decides, and the source says who wanted it."""

    code: int
    source: str = "Plivo"

    @property
    def name(self) -> str:
        """Plivo's name for the code."""
        return _CAUSES[self.code][0]

    @property
    def text(self) -> str:
        """The word of the telephone network."""
        return _CAUSES[self.code][1]

    @property
    def by(self) -> str:
        """Who wants an end that comes of a document: the document, or what is wrong with it."""
        return "bad-document" if self.source == "Error" else "document"

    @property
    def unanswered(self) -> LegStatus:
        """The status of a call that ends so before anybody answered."""
        return _CAUSES[self.code][2]

"""What a dial policy answers: whether a number may be dialled now, and every reason why or why not."""

from enum import StrEnum
from typing import ClassVar

import attrs

from voice_domain.e164 import InvalidNumberError, PhoneNumber
from voice_domain.errors import VoiceError

__all__ = ("DialCode", "DialReason", "DialRefusedError", "DialVerdict", "HourlyCapReachedError")


class DialCode(StrEnum):
    """Stable words for the reasons, in the order in which a verdict lists them."""

    INVALID_NUMBER = "invalid_number"
    EMERGENCY = "emergency"
    PREMIUM_RATE = "premium_rate"
    SHARED_COST = "shared_cost"
    SATELLITE = "satellite"
    SHORT_CODE = "short_code"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    DENIED = "denied"
    QUIET_HOURS = "quiet_hours"
    HOURLY_CAP = "hourly_cap"
    ALLOWED_BY_LIST = "allowed_by_list"


@attrs.frozen
class DialReason:
    """One reason: a word for programs and a sentence for people, which names the setting to change."""

    code: DialCode
    sentence: str


@attrs.frozen
class DialVerdict:
    """The answer of `judge`. Numbers in its sentences are masked."""

    allowed: bool
    number: PhoneNumber | None
    """What was understood; None if it is no number, an emergency number or a short code."""
    reasons: tuple[DialReason, ...] = ()
    """Refused: every reason that applies. Allowed: what an allow list lifted, or nothing."""

    @property
    def sentence(self) -> str:
        """The whole verdict as one line for a record."""
        word = "allowed" if self.allowed else "refused"
        return "; ".join((word, *(reason.sentence for reason in self.reasons)))

    @property
    def refusal(self) -> VoiceError | None:
        """The error that says why not, its `kind` the outside's word for it; None if the number is allowed.

        An impossible number is `invalid_number`. The hourly cap, if nothing else is in the way, is
        `limit_reached`. Everything else is `policy_refused`.
        """
        if self.allowed:
            return None
        sentences = "; also ".join(reason.sentence for reason in self.reasons)
        match self.reasons[0].code:
            case DialCode.INVALID_NUMBER:
                return InvalidNumberError(sentences)
            case DialCode.HOURLY_CAP:
                return HourlyCapReachedError(sentences)
            case _:
                return DialRefusedError(sentences, self.reasons)


class DialRefusedError(VoiceError):
    """The dial policy does not let this number be dialled now."""

    kind: ClassVar[str] = "policy_refused"

    def __init__(self, sentences: str, reasons: tuple[DialReason, ...]) -> None:
        super().__init__(f"Not dialled: {sentences}")
        self.reasons = reasons


class HourlyCapReachedError(VoiceError):
    """As many calls as the settings allow were dialled within the last hour."""

    kind: ClassVar[str] = "limit_reached"

    def __init__(self, sentences: str) -> None:
        super().__init__(f"Not dialled: {sentences}")

"""What became of our own work for a call."""

import attrs

from voice_domain.events.turns import LatencyParts
from voice_domain.identity import CarrierCallId, SpeechId
from voice_domain.terms import Timer
from voice_domain.vocabulary import EndReason

__all__ = (
    "DialAccepted",
    "DialRefused",
    "HangUpConfirmed",
    "HearingLost",
    "PartFailed",
    "PartHeard",
    "PartStarted",
    "ReplyFailed",
    "ReplyFinished",
    "ReplySentence",
    "StatusTold",
    "TimerFired",
    "TransferRefused",
    "TurnTimed",
)


@attrs.frozen
class DialAccepted:
    """The carrier took the dial and named the call."""

    carrier_call_id: CarrierCallId


@attrs.frozen
class DialRefused:
    """The carrier did not take the dial (or the answer to an inbound call)."""

    error: str
    cause: str = ""
    reason: EndReason = EndReason.FAILED


@attrs.frozen
class HangUpConfirmed:
    """The carrier confirmed that the leg is over."""


@attrs.frozen
class TransferRefused:
    """The carrier did not hand the counterpart over."""

    error: str


@attrs.frozen
class HearingLost:
    """Nobody can transcribe the counterpart any more."""

    error: str


@attrs.frozen
class StatusTold:
    """What the carrier says of the leg; *alive* is None when it cannot say, or could not be asked."""

    alive: bool | None
    reason: EndReason | None = None
    """Why it is over, if the carrier says."""
    cause: str = ""
    """The carrier's own word."""
    answered: bool | None = None
    """Whether somebody has answered; None when the carrier does not tell that from ringing."""
    answered_at_ms: int | None = None
    """When that was, by the carrier's clock, epoch milliseconds; None when it does not say, or nobody has."""


@attrs.frozen
class PartStarted:
    """The counterpart hears the first frame of a part, or hears it again after a pause."""

    speech_id: SpeechId
    part: int


@attrs.frozen
class PartHeard:
    """A part is over; *heard* is what the carrier confirmed as played of its text."""

    speech_id: SpeechId
    part: int
    heard: str


@attrs.frozen
class PartFailed:
    """A part could not be said, or not to its end; *heard* as in `PartHeard`."""

    speech_id: SpeechId
    part: int
    error: str
    heard: str = ""


@attrs.frozen
class ReplySentence:
    """The responder says one more sentence of its answer to *turn*."""

    turn: int
    text: str


@attrs.frozen
class ReplyFinished:
    """The responder has no more to say to *turn*."""

    turn: int


@attrs.frozen
class ReplyFailed:
    """The responder could not answer *turn*."""

    turn: int
    error: str


@attrs.frozen
class TurnTimed:
    """Our first frame of the answer to *turn* went out."""

    turn: int
    parts: LatencyParts


@attrs.frozen
class TimerFired:
    """A timer of the call is due."""

    timer: Timer

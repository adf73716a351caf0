"""What happened on the line of a call."""

import attrs

from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.mode_rules import Mode
from voice_domain.terms import CallTerms, Timer
from voice_domain.vocabulary import Direction, EndReason

__all__ = (
    "Answered",
    "Bridged",
    "ClosingBegan",
    "Dialled",
    "DigitsSent",
    "Ended",
    "HearingFailed",
    "NewsIgnored",
    "Opened",
    "Rang",
    "StatusAsked",
    "StreamLost",
    "StreamOpened",
    "TransferDenied",
    "TransferFailed",
    "Transferred",
)


@attrs.frozen
class Opened:
    """The call exists: we placed it, or somebody dialled us. Always the first event, and only the first."""

    at_ms: int
    call_id: CallId
    carrier: str
    direction: Direction
    caller: PhoneNumber | None
    """Who dialled; None when the number is withheld."""
    callee: PhoneNumber
    mode: Mode
    locale: str
    """BCP 47; what is spoken and listened for."""
    terms: CallTerms
    opening: str = ""
    """The first thing that we say; empty for nothing."""
    session_key: str = ""
    """The responder's conversation that this call belongs to; empty for its own."""
    carrier_call_id: CarrierCallId | None = None
    """Known at once for an inbound call."""
    notes: tuple[tuple[str, str], ...] = ()
    """What a host, a route or the dial policy has to say about this call; shown as metadata."""
    source: str = ""


@attrs.frozen
class Dialled:
    """The carrier took the dial, or gave the call another name."""

    at_ms: int
    carrier_call_id: CarrierCallId
    source: str = ""


@attrs.frozen
class Rang:
    """The callee's phone rings."""

    at_ms: int
    source: str = ""


@attrs.frozen
class Answered:
    """Somebody or something answered."""

    at_ms: int
    source: str = ""
    answered_at_ms: int | None = None
    """When that was by the carrier's clock, where we have learnt of it later; None: `at_ms`."""


@attrs.frozen
class Bridged:
    """Audio can flow."""

    at_ms: int
    source: str = ""


@attrs.frozen
class ClosingBegan:
    """We decided to end the call, for *reason*; the carrier has not confirmed it yet."""

    at_ms: int
    reason: EndReason
    error: str = ""
    """What went wrong, for a person; empty when nothing did."""
    source: str = ""


@attrs.frozen
class Ended:
    """The call is over. Always the last event, and only the last."""

    at_ms: int
    reason: EndReason
    error: str = ""
    cause: str = ""
    """The carrier's own word for the reason, as it came."""
    source: str = ""


@attrs.frozen
class DigitsSent:
    """We pressed keys."""

    at_ms: int
    digits: str
    source: str = ""


@attrs.frozen
class Transferred:
    """The counterpart is handed over to another number."""

    at_ms: int
    to: PhoneNumber
    source: str = ""
    verdict: str = ""
    """What the dial policy said of that number; empty in what an older version kept."""


@attrs.frozen
class TransferDenied:
    """Somebody wanted the counterpart handed over; the dial policy refused, and no carrier was asked."""

    at_ms: int
    verdict: str
    """What the dial policy said of the number, which is masked in it."""
    source: str = ""


@attrs.frozen
class TransferFailed:
    """The counterpart is still with us: the carrier did not hand over, and *error* says why."""

    at_ms: int
    error: str
    source: str = ""


@attrs.frozen
class StreamOpened:
    """The media stream of the call is up."""

    at_ms: int
    source: str = ""


@attrs.frozen
class StreamLost:
    """The media stream of the call broke; it may come back."""

    at_ms: int
    source: str = ""


@attrs.frozen
class HearingFailed:
    """Nobody can tell us any more what the counterpart says, and *error* says why; we are about to leave."""

    at_ms: int
    error: str
    source: str = ""


@attrs.frozen
class StatusAsked:
    """The carrier is asked whether the leg lives, before we end the call because the timer *about* fired."""

    at_ms: int
    about: Timer
    source: str = ""


@attrs.frozen
class NewsIgnored:
    """The carrier told something that changed nothing; kept, so that telling it again changes nothing either."""

    at_ms: int
    source: str

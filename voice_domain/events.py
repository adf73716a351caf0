"""What happened in a call: facts that cannot be refused. A call is the fold of its events.

Every event says when it happened (`at_ms`, epoch milliseconds) and, where a carrier told us, by which of the
carrier's own events (`source`, empty when it was ours), so that a repeated telling is recognised for ever.
"""

from enum import StrEnum
from typing import TypeAlias

import attrs

from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId, CarrierCallId, SpeechId, WaiterId
from voice_domain.mode_rules import Mode
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction, EndReason, Purpose

__all__ = (
    "Answered",
    "Bridged",
    "CallEvent",
    "ClosingBegan",
    "CounterpartSpoke",
    "Dialled",
    "DigitsPressed",
    "DigitsSent",
    "Ended",
    "LatencyParts",
    "Opened",
    "PartialHeard",
    "Rang",
    "SpeechHeard",
    "SpeechOver",
    "SpeechQueued",
    "SpeechStarted",
    "StreamLost",
    "StreamOpened",
    "Transferred",
    "TurnAsked",
    "TurnDropped",
    "TurnFinished",
    "TurnMeasured",
    "UtteranceHeard",
    "VoiceStarted",
    "VoiceStopped",
    "WaiterOutcome",
    "WaiterReleased",
    "WaiterSet",
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
class SpeechQueued:
    """We will say *text* as part number *part* of a speech; *last* when no more parts follow.

    An empty last part only closes its speech.
    """

    at_ms: int
    speech_id: SpeechId
    part: int
    text: str
    purpose: Purpose
    last: bool
    source: str = ""


@attrs.frozen
class SpeechStarted:
    """The counterpart begins to hear a speech, or hears it again after a pause: the floor is ours."""

    at_ms: int
    speech_id: SpeechId
    source: str = ""


@attrs.frozen
class SpeechHeard:
    """A part of a speech is over; *heard* is the text that the counterpart heard of it, *error* why it failed."""

    at_ms: int
    speech_id: SpeechId
    part: int
    heard: str
    error: str = ""
    source: str = ""


@attrs.frozen
class SpeechOver:
    """All that we had to say was said: the floor is theirs."""

    at_ms: int
    source: str = ""


@attrs.frozen
class CounterpartSpoke:
    """The counterpart took the floor."""

    at_ms: int
    source: str = ""


@attrs.frozen
class VoiceStarted:
    """The counterpart's voice is heard; *over_us* when we were speaking, and what we say is held."""

    at_ms: int
    over_us: bool = False
    source: str = ""


@attrs.frozen
class VoiceStopped:
    """The counterpart's voice stopped."""

    at_ms: int
    source: str = ""


@attrs.frozen
class PartialHeard:
    """A first reading of what the counterpart is saying; it may change."""

    at_ms: int
    text: str
    source: str = ""


@attrs.frozen
class UtteranceHeard:
    """The counterpart said *text*; it will not change any more."""

    at_ms: int
    text: str
    confidence: float | None = None
    source: str = ""


@attrs.frozen
class DigitsPressed:
    """The counterpart pressed keys."""

    at_ms: int
    digits: str
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


@attrs.frozen
class TurnAsked:
    """Utterance number *turn* was put to the responder."""

    at_ms: int
    turn: int
    source: str = ""


@attrs.frozen
class TurnDropped:
    """The answer to *turn* is not wanted any more, or did not come (*error* says why)."""

    at_ms: int
    turn: int
    error: str = ""
    source: str = ""


@attrs.frozen
class TurnFinished:
    """The responder has said all of its answer to *turn*."""

    at_ms: int
    turn: int
    source: str = ""


@attrs.frozen
class LatencyParts:
    """Where the time between the counterpart's last word and our first went; milliseconds, None when unknown."""

    endpointing_ms: int | None = None
    transcription_ms: int | None = None
    responder_ms: int | None = None
    synthesis_ms: int | None = None
    playback_ms: int | None = None

    @property
    def total_ms(self) -> int:
        """The sum of the known parts."""
        parts = (
            self.endpointing_ms,
            self.transcription_ms,
            self.responder_ms,
            self.synthesis_ms,
            self.playback_ms,
        )
        return sum(part for part in parts if part is not None)


@attrs.frozen
class TurnMeasured:
    """How long *turn* took until our first frame went out."""

    at_ms: int
    turn: int
    parts: LatencyParts
    source: str = ""


class WaiterOutcome(StrEnum):
    """What became of somebody who waited for an utterance."""

    HEARD = "heard"
    TIMED_OUT = "timed out"
    CALL_ENDED = "call ended"
    SPEECH_FAILED = "speech failed"
    WITHDRAWN = "withdrawn"


@attrs.frozen
class WaiterSet:
    """Somebody waits for the counterpart's next utterance, after *speech_id* was said."""

    at_ms: int
    waiter_id: WaiterId
    speech_id: SpeechId
    source: str = ""


@attrs.frozen
class WaiterReleased:
    """The wait is over; *detail* is the utterance, the end reason, or the error."""

    at_ms: int
    waiter_id: WaiterId
    outcome: WaiterOutcome
    detail: str = ""
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


CallEvent: TypeAlias = (
    Opened
    | Dialled
    | Rang
    | Answered
    | Bridged
    | ClosingBegan
    | Ended
    | SpeechQueued
    | SpeechStarted
    | SpeechHeard
    | SpeechOver
    | CounterpartSpoke
    | VoiceStarted
    | VoiceStopped
    | PartialHeard
    | UtteranceHeard
    | DigitsPressed
    | DigitsSent
    | Transferred
    | TurnAsked
    | TurnDropped
    | TurnFinished
    | TurnMeasured
    | WaiterSet
    | WaiterReleased
    | StreamOpened
    | StreamLost
)

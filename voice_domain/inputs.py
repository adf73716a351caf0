"""Everything that can move a call: commands, carrier news, reports of our own work, timers.

An input says what somebody wants or claims; `decide` says what follows from it. Carrier news carry the carrier's
own time and event id; an event id that a call has taken before changes nothing.
"""

from typing import TypeAlias

import attrs

from voice_domain.e164 import PhoneNumber
from voice_domain.events import LatencyParts
from voice_domain.identity import CarrierCallId, SpeechId, WaiterId
from voice_domain.terms import Timer
from voice_domain.vocabulary import EndReason

__all__ = (
    "CallInput",
    "CarrierNews",
    "ContinueRequested",
    "DialAccepted",
    "DialRefused",
    "DigitsRequested",
    "GoodbyeRequested",
    "HangUpConfirmed",
    "HangUpRequested",
    "KeysPressed",
    "LineAnswered",
    "LineBridged",
    "LineEnded",
    "LineFailed",
    "LineRang",
    "MachineAnswered",
    "PartFailed",
    "PartHeard",
    "PartStarted",
    "ReplyFailed",
    "ReplyFinished",
    "ReplySentence",
    "SpeakRequested",
    "StreamClosed",
    "StreamStarted",
    "TimerFired",
    "TransferRequested",
    "TurnTimed",
    "VoiceBegan",
    "VoiceEnded",
    "WaiterWithdrawn",
    "WordsHeard",
)


@attrs.frozen
class SpeakRequested:
    """Somebody wants us to say *text*."""

    speech_id: SpeechId
    text: str


@attrs.frozen
class ContinueRequested:
    """Somebody wants us to say *text* and waits for the counterpart's next utterance."""

    speech_id: SpeechId
    text: str
    waiter_id: WaiterId


@attrs.frozen
class WaiterWithdrawn:
    """Whoever waited for an utterance has gone."""

    waiter_id: WaiterId


@attrs.frozen
class HangUpRequested:
    """Somebody wants the call to end now."""

    reason: EndReason = EndReason.HANGUP_BOT
    error: str = ""


@attrs.frozen
class GoodbyeRequested:
    """Somebody wants the call to end after *text* was said; it ends at once if it is not up."""

    speech_id: SpeechId
    text: str


@attrs.frozen
class DigitsRequested:
    """Somebody wants keys pressed."""

    digits: str


@attrs.frozen
class TransferRequested:
    """Somebody wants the counterpart handed over; the dial policy has agreed already."""

    to: PhoneNumber


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
class LineRang:
    """The carrier says that the callee's phone rings."""

    at_ms: int
    event_id: str = ""
    carrier_call_id: CarrierCallId | None = None


@attrs.frozen
class LineAnswered:
    """The carrier says that the call was answered."""

    at_ms: int
    event_id: str = ""
    carrier_call_id: CarrierCallId | None = None


@attrs.frozen
class LineBridged:
    """The carrier says that audio can flow."""

    at_ms: int
    event_id: str = ""
    carrier_call_id: CarrierCallId | None = None


@attrs.frozen
class MachineAnswered:
    """The carrier says that a machine answered."""

    at_ms: int
    event_id: str = ""
    carrier_call_id: CarrierCallId | None = None


@attrs.frozen
class LineEnded:
    """The carrier says that the call is over."""

    at_ms: int
    reason: EndReason
    cause: str = ""
    event_id: str = ""
    carrier_call_id: CarrierCallId | None = None


@attrs.frozen
class LineFailed:
    """The carrier reports an error; a retryable one changes nothing."""

    at_ms: int
    error: str
    retryable: bool = False
    event_id: str = ""
    carrier_call_id: CarrierCallId | None = None


@attrs.frozen
class VoiceBegan:
    """The counterpart's voice is on the line."""

    at_ms: int
    event_id: str = ""
    carrier_call_id: CarrierCallId | None = None


@attrs.frozen
class VoiceEnded:
    """The counterpart's voice stopped."""

    at_ms: int
    event_id: str = ""
    carrier_call_id: CarrierCallId | None = None


@attrs.frozen
class WordsHeard:
    """A transcription, partial or final, whatever carried it."""

    at_ms: int
    text: str
    final: bool = True
    confidence: float | None = None
    event_id: str = ""
    carrier_call_id: CarrierCallId | None = None


@attrs.frozen
class KeysPressed:
    """The counterpart pressed keys."""

    at_ms: int
    digits: str
    event_id: str = ""
    carrier_call_id: CarrierCallId | None = None


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
class StreamStarted:
    """The media stream is up."""

    at_ms: int
    event_id: str = ""
    carrier_call_id: CarrierCallId | None = None


@attrs.frozen
class StreamClosed:
    """The media stream broke or was closed."""

    at_ms: int
    event_id: str = ""
    carrier_call_id: CarrierCallId | None = None


@attrs.frozen
class TimerFired:
    """A timer of the call is due."""

    timer: Timer


CarrierNews: TypeAlias = (
    LineRang
    | LineAnswered
    | LineBridged
    | MachineAnswered
    | LineEnded
    | LineFailed
    | VoiceBegan
    | VoiceEnded
    | WordsHeard
    | KeysPressed
    | StreamStarted
    | StreamClosed
)
"""What a carrier tells, over webhooks or a media stream."""

CallInput: TypeAlias = (
    SpeakRequested
    | ContinueRequested
    | WaiterWithdrawn
    | HangUpRequested
    | GoodbyeRequested
    | DigitsRequested
    | TransferRequested
    | DialAccepted
    | DialRefused
    | HangUpConfirmed
    | CarrierNews
    | PartStarted
    | PartHeard
    | PartFailed
    | ReplySentence
    | ReplyFinished
    | ReplyFailed
    | TurnTimed
    | TimerFired
)

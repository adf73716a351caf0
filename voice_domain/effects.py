"""What is to be done about a call: wishes, which may fail. The runtime performs them through the ports."""

from typing import TypeAlias

import attrs

from voice_domain.e164 import PhoneNumber
from voice_domain.events import WaiterOutcome
from voice_domain.identity import CarrierCallId, SpeechId, WaiterId
from voice_domain.terms import Timer
from voice_domain.vocabulary import EndReason

__all__ = (
    "Answer",
    "AskResponder",
    "AskStatus",
    "CancelReply",
    "CancelTimer",
    "ClearPlayback",
    "CostlyEffect",
    "Dial",
    "Effect",
    "HangUp",
    "Listen",
    "PausePlayback",
    "Play",
    "Reject",
    "ReleaseWaiter",
    "ResumePlayback",
    "SendDigits",
    "StartTimer",
    "StopListening",
    "Transfer",
)


@attrs.frozen
class Dial:
    """Call *callee*; the carrier is told the ring timeout and the longest duration too."""

    caller: PhoneNumber
    callee: PhoneNumber
    ring_ms: int
    cap_ms: int


@attrs.frozen
class Answer:
    """Take an inbound call."""

    carrier_call_id: CarrierCallId


@attrs.frozen
class Reject:
    """Refuse an inbound call without answering it."""

    carrier_call_id: CarrierCallId
    busy: bool
    """True to sound engaged, False to sound refused."""


@attrs.frozen
class HangUp:
    """End the leg at the carrier; repeated until the carrier confirms."""

    carrier_call_id: CarrierCallId
    reason: EndReason


@attrs.frozen
class SendDigits:
    """Press keys."""

    carrier_call_id: CarrierCallId
    digits: str


@attrs.frozen
class Transfer:
    """Hand the counterpart over to another number."""

    carrier_call_id: CarrierCallId
    to: PhoneNumber


@attrs.frozen
class Play:
    """Say *text*, after everything that was ordered before it."""

    speech_id: SpeechId
    part: int
    text: str
    locale: str
    interruptible: bool


@attrs.frozen
class ClearPlayback:
    """Stop what plays and drop what waits; each dropped part is reported with what was heard of it.

    What is said afterwards is not held, even if this was.
    """


@attrs.frozen
class PausePlayback:
    """Hold what plays: a voice was heard that may be a barge-in or a cough."""


@attrs.frozen
class ResumePlayback:
    """Go on from where it was held."""


@attrs.frozen
class Listen:
    """Transcribe the counterpart from now on."""

    locale: str


@attrs.frozen
class StopListening:
    """Transcribe no more."""


@attrs.frozen
class AskResponder:
    """Put the counterpart's latest utterance to the responder."""

    turn: int


@attrs.frozen
class AskStatus:
    """Ask the carrier what became of the leg; `StatusTold` follows, whatever it says."""

    carrier_call_id: CarrierCallId


@attrs.frozen
class CancelReply:
    """The answer to *turn* is not wanted any more."""

    turn: int


@attrs.frozen
class ReleaseWaiter:
    """Tell whoever waits for an utterance."""

    waiter_id: WaiterId
    outcome: WaiterOutcome
    detail: str


@attrs.frozen
class StartTimer:
    """Send `TimerFired` at *due_ms* (epoch milliseconds); replaces a running timer of the same name."""

    timer: Timer
    due_ms: int


@attrs.frozen
class CancelTimer:
    """The timer of this name must not fire any more."""

    timer: Timer


CostlyEffect: TypeAlias = Dial | Answer | Reject | HangUp | SendDigits | Transfer
"""Effects that the carrier acts on, and may bill: they go through the durable outbox."""

Effect: TypeAlias = (
    CostlyEffect
    | Play
    | ClearPlayback
    | PausePlayback
    | ResumePlayback
    | Listen
    | StopListening
    | AskResponder
    | AskStatus
    | CancelReply
    | ReleaseWaiter
    | StartTimer
    | CancelTimer
)

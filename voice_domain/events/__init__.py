"""What happened in a call: facts that cannot be refused. A call is the fold of its events.

Every event says when it happened (`at_ms`, epoch milliseconds) and, where a carrier told us, by which of the
carrier's own events (`source`, empty when it was ours), so that a repeated telling is recognised for ever.
"""

from typing import TypeAlias

from voice_domain.events.line import (
    Answered,
    Bridged,
    ClosingBegan,
    Dialled,
    DigitsSent,
    Ended,
    HearingFailed,
    NewsIgnored,
    Opened,
    Rang,
    StatusAsked,
    StreamLost,
    StreamOpened,
    TransferDenied,
    TransferFailed,
    Transferred,
)
from voice_domain.events.speech import (
    CounterpartSpoke,
    DigitsPressed,
    PartialHeard,
    SpeechHeard,
    SpeechOver,
    SpeechQueued,
    SpeechResumed,
    SpeechStarted,
    UtteranceHeard,
    VoiceStarted,
    VoiceStopped,
)
from voice_domain.events.turns import (
    LatencyParts,
    TurnAsked,
    TurnDropped,
    TurnFinished,
    TurnMeasured,
    WaiterOutcome,
    WaiterReleased,
    WaiterSet,
)

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
    "HearingFailed",
    "LatencyParts",
    "NewsIgnored",
    "Opened",
    "PartialHeard",
    "Rang",
    "SpeechHeard",
    "SpeechOver",
    "SpeechQueued",
    "SpeechResumed",
    "SpeechStarted",
    "StatusAsked",
    "StreamLost",
    "StreamOpened",
    "TransferDenied",
    "TransferFailed",
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

CallEvent: TypeAlias = (
    Opened
    | Dialled
    | Rang
    | Answered
    | Bridged
    | ClosingBegan
    | Ended
    | DigitsSent
    | Transferred
    | TransferDenied
    | TransferFailed
    | StreamOpened
    | StreamLost
    | HearingFailed
    | StatusAsked
    | NewsIgnored
    | SpeechQueued
    | SpeechStarted
    | SpeechHeard
    | SpeechOver
    | SpeechResumed
    | CounterpartSpoke
    | VoiceStarted
    | VoiceStopped
    | PartialHeard
    | UtteranceHeard
    | DigitsPressed
    | TurnAsked
    | TurnDropped
    | TurnFinished
    | TurnMeasured
    | WaiterSet
    | WaiterReleased
)

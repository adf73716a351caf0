"""Everything that can move a call: commands, carrier news, reports of our own work, timers.

An input says what somebody wants or claims; `decide` says what follows from it. Carrier news carry the carrier's
own time and event id; an event id that a call has taken before changes nothing.
"""

from typing import TypeAlias

from voice_domain.inputs.commands import (
    ContinueRequested,
    DigitsRequested,
    GoodbyeRequested,
    HangUpRequested,
    SpeakRequested,
    TransferForbidden,
    TransferRequested,
    WaiterWithdrawn,
)
from voice_domain.inputs.news import (
    CarrierNews,
    KeysPressed,
    LineAnswered,
    LineBridged,
    LineEnded,
    LineFailed,
    LineRang,
    MachineAnswered,
    StreamClosed,
    StreamStarted,
    VoiceBegan,
    VoiceEnded,
    WordsHeard,
)
from voice_domain.inputs.reports import (
    DialAccepted,
    DialRefused,
    HangUpConfirmed,
    HearingLost,
    PartFailed,
    PartHeard,
    PartStarted,
    ReplyFailed,
    ReplyFinished,
    ReplySentence,
    StatusTold,
    TimerFired,
    TransferRefused,
    TurnTimed,
)

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
    "HearingLost",
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
    "StatusTold",
    "StreamClosed",
    "StreamStarted",
    "TimerFired",
    "TransferForbidden",
    "TransferRefused",
    "TransferRequested",
    "TurnTimed",
    "VoiceBegan",
    "VoiceEnded",
    "WaiterWithdrawn",
    "WordsHeard",
)

CallInput: TypeAlias = (
    SpeakRequested
    | ContinueRequested
    | WaiterWithdrawn
    | HangUpRequested
    | GoodbyeRequested
    | DigitsRequested
    | TransferRequested
    | TransferForbidden
    | CarrierNews
    | DialAccepted
    | DialRefused
    | HangUpConfirmed
    | HearingLost
    | StatusTold
    | TransferRefused
    | PartStarted
    | PartHeard
    | PartFailed
    | ReplySentence
    | ReplyFinished
    | ReplyFailed
    | TurnTimed
    | TimerFired
)

"""What a carrier tells of a call, over webhooks or a media stream."""

from typing import TypeAlias

import attrs

from voice_domain.identity import CarrierCallId
from voice_domain.vocabulary import EndReason

__all__ = (
    "CarrierNews",
    "KeysPressed",
    "LineAnswered",
    "LineBridged",
    "LineEnded",
    "LineFailed",
    "LineRang",
    "MachineAnswered",
    "StreamClosed",
    "StreamStarted",
    "VoiceBegan",
    "VoiceEnded",
    "WordsHeard",
)


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
    error: str = ""
    """What went wrong, for a person; empty where *reason* says it all."""


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
    voice_until_ms: int | None = None
    """When the voice that said it was last heard, epoch milliseconds; None if that is not known."""
    ended_at_ms: int | None = None
    """When it was decided that the utterance was over, epoch milliseconds; None if that is not known."""


@attrs.frozen
class KeysPressed:
    """The counterpart pressed keys."""

    at_ms: int
    digits: str
    event_id: str = ""
    carrier_call_id: CarrierCallId | None = None


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

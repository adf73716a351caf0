"""What was said in a call, and heard, by both sides."""

import attrs

from voice_domain.identity import SpeechId
from voice_domain.vocabulary import Purpose

__all__ = (
    "CounterpartSpoke",
    "DigitsPressed",
    "PartialHeard",
    "SpeechHeard",
    "SpeechOver",
    "SpeechQueued",
    "SpeechResumed",
    "SpeechStarted",
    "UtteranceHeard",
    "VoiceStarted",
    "VoiceStopped",
)


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
    """The counterpart begins to hear a speech, or hears it go on: the floor is ours."""

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
    """All that we had to say was said, or dropped: the floor is theirs."""

    at_ms: int
    source: str = ""


@attrs.frozen
class SpeechResumed:
    """What we say goes on: the voice over it was no barge-in, or nothing is left to be held."""

    at_ms: int
    source: str = ""


@attrs.frozen
class CounterpartSpoke:
    """The counterpart took the floor; *held* while no words have come, and what we were saying may yet go on."""

    at_ms: int
    held: bool = False
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

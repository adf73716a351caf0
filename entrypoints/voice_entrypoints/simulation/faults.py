"""What can go wrong in a simulation, and where."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ("OF_CALLS", "OF_STREAMS", "OF_THE_GATEWAY", "PLACES", "Fault", "FaultKind", "Place")


class Place(StrEnum):
    """A boundary of the gateway that belongs to one call; what passes there is counted, from 0."""

    WEBHOOK = "webhook"
    """The carrier tells or asks us something."""
    API = "api"
    """We ask the carrier for something."""
    REPLY = "reply"
    """The responder is asked for an answer."""
    STREAM = "stream"
    """The carrier opens a media stream."""
    SYNTHESIZER = "synthesizer"
    """A speech service is asked to say a text."""
    TRANSCRIBER = "transcriber"
    """A speech service is connected to, to hear the counterpart."""
    GATEWAY = "gateway"
    """The process and its disk; of no call."""


class FaultKind(StrEnum):
    """Everything that can go wrong, in the words of the command line."""

    WEBHOOK_LOST = "webhook-lost"
    """It never arrives, and the carrier is not told so before its patience ends."""
    WEBHOOK_REPEATED = "webhook-repeated"
    """It arrives twice, the second time so much later."""
    WEBHOOK_LATE = "webhook-late"
    """It arrives so much later, and others overtake it."""
    WEBHOOK_UNANSWERED = "webhook-unanswered"
    """It arrives, but our answer does not."""
    API_UNREACHABLE = "api-unreachable"
    """No connection comes about."""
    API_BUSY = "api-busy"
    """Refused with 429 and a Retry-After, without effect."""
    API_BROKEN = "api-broken"
    """Refused with 503, without effect."""
    API_SILENT = "api-silent"
    """No answer and no effect, until we give up."""
    API_ANSWER_LOST = "api-answer-lost"
    """It is done, but no answer comes."""
    API_BROKEN_AFTER = "api-broken-after"
    """It is done, but answered with 500."""
    REPLY_SLOW = "reply-slow"
    REPLY_BROKEN = "reply-broken"
    REPLY_CUT = "reply-cut"
    """It breaks after its first sentence."""
    REPLY_EMPTY = "reply-empty"
    REPLY_ENDLESS = "reply-endless"
    """Many more sentences than anybody wants to hear."""
    STREAM_NEVER = "stream-never"
    """No socket comes about."""
    STREAM_LATE = "stream-late"
    """It comes so much later."""
    STREAM_CUT = "stream-cut"
    """It breaks after so long, and both sides notice."""
    STREAM_LEFT = "stream-left"
    """After so long the carrier is gone, and we are not told."""
    STREAM_STALLED = "stream-stalled"
    """After so long nothing arrives on either side, and neither is told."""
    SYNTHESIZER_UNREACHABLE = "synthesizer-unreachable"
    SYNTHESIZER_SLOW = "synthesizer-slow"
    SYNTHESIZER_SILENT = "synthesizer-silent"
    """It never answers."""
    SYNTHESIZER_BROKEN = "synthesizer-broken"
    """Refused with 500."""
    SYNTHESIZER_CUT = "synthesizer-cut"
    """Its answer breaks off after three pieces of sound."""
    SYNTHESIZER_SHORT = "synthesizer-short"
    """Its answer ends after three pieces, as if that were all."""
    SYNTHESIZER_EMPTY = "synthesizer-empty"
    """No sound at all, and no error."""
    SYNTHESIZER_GARBAGE = "synthesizer-garbage"
    """Noise instead of speech."""
    TRANSCRIBER_UNREACHABLE = "transcriber-unreachable"
    """Refused with 503."""
    TRANSCRIBER_CUT = "transcriber-cut"
    """The socket breaks after so long."""
    TRANSCRIBER_SILENT = "transcriber-silent"
    """After so long it says nothing any more."""
    TRANSCRIBER_SLOW = "transcriber-slow"
    """Final texts come so much later."""
    TRANSCRIBER_WRONG = "transcriber-wrong"
    """A final text is not what was said, nor what the partial one was."""
    TRANSCRIBER_REPEATED = "transcriber-repeated"
    """A final text comes twice."""
    TRANSCRIBER_ENDLESS = "transcriber-endless"
    """No text is ever final."""
    TRANSCRIBER_GARBAGE = "transcriber-garbage"
    """Between its messages are some that make no sense."""
    DISK_FULL = "disk-full"
    """The file of calls cannot grow for so long."""
    DISK_SLOW = "disk-slow"
    """Every commit takes half a second for so long."""
    DEATH = "death"
    """The process is gone at once, and started again so much later."""
    RESTART = "restart"
    """The process is told to stop, hangs up in order, and is started again so much later."""


_PREFIXES: Final = {
    "webhook": Place.WEBHOOK,
    "api": Place.API,
    "reply": Place.REPLY,
    "stream": Place.STREAM,
    "synthesizer": Place.SYNTHESIZER,
    "transcriber": Place.TRANSCRIBER,
}

PLACES: Final[Mapping[FaultKind, Place]] = MappingProxyType(
    {kind: _PREFIXES.get(kind.partition("-")[0], Place.GATEWAY) for kind in FaultKind}
)
"""Where each kind strikes."""

_SPOKEN: Final = (Place.STREAM, Place.SYNTHESIZER, Place.TRANSCRIBER)

OF_STREAMS: Final = tuple(kind for kind, place in PLACES.items() if place in _SPOKEN)
"""What strikes one call that has a media stream."""

OF_CALLS: Final = tuple(
    kind for kind, place in PLACES.items() if place is not Place.GATEWAY and place not in _SPOKEN
)
"""What strikes any one call."""

OF_THE_GATEWAY: Final = tuple(kind for kind, place in PLACES.items() if place is Place.GATEWAY)


@attrs.frozen
class Fault:
    """One thing that is to go wrong."""

    number: int
    """Its place in the plan, kept when the plan is made smaller."""
    kind: FaultKind
    call: int | None
    """The call that it strikes; None for all."""
    at: float
    """Of a call: which of the things that pass there, counted from 0. Of the gateway: seconds from the start."""
    seconds: float
    """How late, or how long; what it means depends on the kind."""

    @property
    def place(self) -> Place:
        """Where it strikes."""
        return PLACES[self.kind]

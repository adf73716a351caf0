"""What became of utterances: who was asked for an answer, who waited, how long it took."""

from enum import StrEnum

import attrs

from voice_domain.identity import SpeechId, WaiterId

__all__ = (
    "LatencyParts",
    "TurnAsked",
    "TurnDropped",
    "TurnFinished",
    "TurnMeasured",
    "WaiterOutcome",
    "WaiterReleased",
    "WaiterSet",
)


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

"""When each step of a turn happened, and what of the time between was not the services'."""

import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ("PARTS", "Delays", "Step", "Stopwatch", "TurnParts")


@attrs.frozen
class Delays:
    """What the services take, exactly, in milliseconds."""

    silence_ms: int = 200
    """Silence after which the transcriber takes a turn for over; whole frames of 20 ms."""
    final_ms: int = 100
    """From there to its final words."""
    tokens_ms: int = 200
    """From the request to all of the answer."""
    speech_ms: int = 150
    """From the request to the first audio."""

    @property
    def total_ms(self) -> int:
        """What a turn takes with a gateway that takes no time at all."""
        return self.silence_ms + self.final_ms + self.tokens_ms + self.speech_ms


class Step(StrEnum):
    """The moments of a turn, in their order."""

    SPOKE = "spoke"
    """The last frame of speech went out on the wire."""
    FELL_SILENT = "fell-silent"
    """The frame of silence went out that ends the turn."""
    UNDERSTOOD = "understood"
    """The transcriber has got that frame."""
    ASKED = "asked"
    """The model was asked."""
    VOICED = "voiced"
    """The synthesizer was asked."""
    HEARD = "heard"
    """The first frame of the answer came on the wire."""


@attrs.frozen
class TurnParts:
    """What one turn took beyond the services' delays, in milliseconds; the parts are the whole."""

    carrier_ms: float
    """How unevenly the carrier sent the silence that ended the turn: the load's own fault."""
    ear_ms: float
    """From the frame that ended the turn, on the wire, to the transcriber that has it."""
    model_ms: float
    """From the final words to the request to the model."""
    voice_ms: float
    """From the answer to the request to the synthesizer."""
    wire_ms: float
    """From the first audio to the first frame on the wire."""

    @property
    def added_ms(self) -> float:
        """All of it."""
        return self.carrier_ms + self.ear_ms + self.model_ms + self.voice_ms + self.wire_ms


PARTS: Final[Mapping[str, Callable[[TurnParts], float]]] = MappingProxyType(
    {
        "the carrier's own clock": lambda parts: parts.carrier_ms,
        "frame to transcriber": lambda parts: parts.ear_ms,
        "words to model": lambda parts: parts.model_ms,
        "answer to synthesizer": lambda parts: parts.voice_ms,
        "audio to wire": lambda parts: parts.wire_ms,
    }
)


@attrs.define
class Stopwatch:
    """Keeps the moments of all turns; a turn is known by its call and its number, both from 0."""

    delays: Delays = attrs.field(factory=Delays)
    now: Callable[[], float] = time.monotonic
    """In seconds; the clock of the whole machine, so that processes can compare."""
    moments: dict[tuple[int, int], dict[Step, float]] = attrs.field(factory=dict, init=False)

    def note(self, step: Step, call: int, turn: int) -> None:
        """Something happens now; when it happens again, the first time counts."""
        self.moments.setdefault((call, turn), {}).setdefault(step, self.now())

    def exported(self) -> list[tuple[int, int, str, float]]:
        """Return all moments in a shape that fits into JSON, for `take`."""
        return [(*turn, step.value, at) for turn, steps in self.moments.items() for step, at in steps.items()]

    def take(self, exported: list[tuple[int, int, str, float]]) -> None:
        """Add the moments that another process noted."""
        for call, turn, step, at in exported:
            self.moments.setdefault((call, turn), {})[Step(step)] = at

    def parts(self) -> list[TurnParts]:
        """Return what every turn took that went all the way."""
        return [self._parts(steps) for steps in self.moments.values() if len(steps) == len(Step)]

    def _parts(self, at: Mapping[Step, float]) -> TurnParts:
        delays = self.delays
        return TurnParts(
            carrier_ms=_beyond(at[Step.SPOKE], at[Step.FELL_SILENT], delays.silence_ms),
            ear_ms=_beyond(at[Step.FELL_SILENT], at[Step.UNDERSTOOD], 0),
            model_ms=_beyond(at[Step.UNDERSTOOD], at[Step.ASKED], delays.final_ms),
            voice_ms=_beyond(at[Step.ASKED], at[Step.VOICED], delays.tokens_ms),
            wire_ms=_beyond(at[Step.VOICED], at[Step.HEARD], delays.speech_ms),
        )


def _beyond(began: float, ended: float, milliseconds: float) -> float:
    return (ended - began) * 1_000 - milliseconds

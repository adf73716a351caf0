"""How long counterparts waited for us, over many turns."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Any

import attrs

from voice_domain.events import CallEvent, SpeechOver, TurnMeasured, WaiterOutcome, WaiterReleased, WaiterSet

__all__ = ("Latency", "Spread", "latency_of")

PARTS = ("endpointing", "transcription", "responder", "synthesis", "playback")
"""Where the time of a turn goes, in the order in which it passes."""


@attrs.frozen
class Spread:
    """How some durations are spread, milliseconds. None of them: count is 0 and the rest is None."""

    count: int
    min_ms: int | None = None
    max_ms: int | None = None
    avg_ms: int | None = None
    p50_ms: int | None = None
    p95_ms: int | None = None

    @classmethod
    def of(cls, values: Sequence[int]) -> "Spread":
        """Measure *values*; a percentile is the smallest value that is not below so many of them (nearest rank)."""
        if not values:
            return cls(0)
        ranked = sorted(values)
        return cls(
            count=len(ranked),
            min_ms=ranked[0],
            max_ms=ranked[-1],
            avg_ms=round(sum(ranked) / len(ranked)),
            p50_ms=ranked[ceil(0.50 * len(ranked)) - 1],
            p95_ms=ranked[ceil(0.95 * len(ranked)) - 1],
        )

    def to_json(self) -> dict[str, Any]:
        """Return it for programs; what is not known is absent."""
        named = {
            "count": self.count,
            "minMs": self.min_ms,
            "maxMs": self.max_ms,
            "avgMs": self.avg_ms,
            "p50Ms": self.p50_ms,
            "p95Ms": self.p95_ms,
        }
        return {name: value for name, value in named.items() if value is not None}


@attrs.frozen
class Latency:
    """What was measured in some calls."""

    calls: int
    turns: Spread
    """From the counterpart's last word to our first."""
    parts: Mapping[str, Spread]
    listening: Spread
    """From the end of our question to the answer that a `continue` returned."""

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "recordsScanned": self.calls,
            "turnLatency": self.turns.to_json(),
            "parts": {name: spread.to_json() for name, spread in self.parts.items()},
            "listenWait": self.listening.to_json(),
        }


def latency_of(calls: Iterable[Sequence[CallEvent]]) -> Latency:
    """Measure *calls*, each given by its events."""
    totals: list[int] = []
    waits: list[int] = []
    parts: dict[str, list[int]] = {name: [] for name in PARTS}
    scanned = 0
    for events in calls:
        scanned += 1
        waits.extend(_waits(events))
        for event in events:
            if isinstance(event, TurnMeasured):
                totals.append(event.parts.total_ms)
                for name, values in parts.items():
                    part = getattr(event.parts, f"{name}_ms")
                    values.extend(() if part is None else (part,))
    spreads = {name: Spread.of(values) for name, values in parts.items()}
    return Latency(scanned, Spread.of(totals), spreads, Spread.of(waits))


def _waits(events: Sequence[CallEvent]) -> Iterable[int]:
    began: int | None = None
    for event in events:
        match event:
            case WaiterSet():
                began = event.at_ms
            case SpeechOver() if began is not None:
                began = event.at_ms
            case WaiterReleased():
                if began is not None and event.outcome is WaiterOutcome.HEARD:
                    yield max(0, event.at_ms - began)
                began = None
            case _:
                pass

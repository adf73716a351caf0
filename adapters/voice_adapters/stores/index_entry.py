"""What a store's index knows of a call without folding its history: enough to list, count and filter calls."""

from collections.abc import Callable, Iterable
from typing import Any, Final

import attrs

from voice_domain.events import (
    Answered,
    Bridged,
    CallEvent,
    ClosingBegan,
    CounterpartSpoke,
    Dialled,
    Ended,
    Opened,
    Rang,
    SpeechOver,
    SpeechStarted,
    StreamOpened,
)
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.event_store import StoreError
from voice_domain.states import (
    Floor,
    FloorFact,
    Line,
    LineFact,
    floor_after,
    is_live,
    line_after,
    outside_word,
)
from voice_domain.vocabulary import Direction, EndReason

__all__ = ("IndexEntry", "carrier_ids_in", "indexed", "touches_index")


@attrs.frozen
class IndexEntry:
    """One call in the index. Its word is always the one that the folded call would have."""

    started_at_ms: int
    direction: Direction
    line: Line
    reached: Line
    """How far the line came while it lived."""
    floor: Floor = Floor.NOBODY
    bridged: bool = False
    end_reason: EndReason | None = None

    @property
    def live(self) -> bool:
        """Whether the call has not ended."""
        return self.end_reason is None

    @property
    def word(self) -> str:
        """The state as clients see it."""
        return outside_word(
            self.reached,
            self.floor,
            answered=self.reached is Line.UP,
            bridged=self.bridged,
            end_reason=self.end_reason,
        )


def indexed(entry: IndexEntry | None, call_id: CallId, events: Iterable[CallEvent]) -> IndexEntry | None:
    """Return the entry after *events*; None stands for a call that the store does not have.

    Raises:
        StoreError: if the events cannot be the next ones of this call.
    """
    for event in events:
        if isinstance(event, Opened):
            entry = _begun(entry, call_id, event)
        elif entry is None:
            raise StoreError(f"call {call_id} must begin with the event Opened, not {type(event).__name__}")
        else:
            change = _CHANGES.get(type(event))
            entry = change(entry, event) if change else entry
    return entry


def touches_index(events: Iterable[CallEvent]) -> bool:
    """Whether one of *events* may change an entry."""
    return any(type(event) in _TOUCHING for event in events)


def carrier_ids_in(events: Iterable[CallEvent]) -> tuple[CarrierCallId, ...]:
    """Return the names that the carrier gave the call in *events*."""
    named = (event.carrier_call_id for event in events if isinstance(event, Opened | Dialled))
    return tuple(carrier_call_id for carrier_call_id in named if carrier_call_id is not None)


def _begun(entry: IndexEntry | None, call_id: CallId, opened: Opened) -> IndexEntry:
    if entry is not None:
        raise StoreError(f"call {call_id} has begun already; Opened can only be its first event")
    if opened.call_id != call_id:
        raise StoreError(f"the event Opened of call {opened.call_id} was to be kept under call {call_id}")
    line = Line.RINGING if opened.direction is Direction.INBOUND else Line.DIALLING
    return IndexEntry(opened.at_ms, opened.direction, line, line)


def _on_line(fact: LineFact) -> Callable[[IndexEntry, Any], IndexEntry]:
    def change(entry: IndexEntry, _event: Any) -> IndexEntry:
        after = line_after(entry.line, fact)
        if not isinstance(after, Line) or after is entry.line:
            return entry
        reached = after if is_live(after) else entry.reached
        return attrs.evolve(entry, line=after, reached=reached)

    return change


def _on_floor(fact: FloorFact) -> Callable[[IndexEntry, Any], IndexEntry]:
    def change(entry: IndexEntry, _event: Any) -> IndexEntry:
        after = floor_after(entry.floor, fact)
        return attrs.evolve(entry, floor=after) if isinstance(after, Floor) else entry

    return change


def _answered(entry: IndexEntry, event: Answered) -> IndexEntry:
    # An answer that is told while we hang up already moves no line, but the word tells of it.
    return attrs.evolve(_on_line(LineFact.ANSWERED)(entry, event), reached=Line.UP)


def _bridged(entry: IndexEntry, _event: Bridged | StreamOpened) -> IndexEntry:
    return entry if entry.bridged else attrs.evolve(entry, bridged=True)


def _ended(entry: IndexEntry, event: Ended) -> IndexEntry:
    return attrs.evolve(entry, line=Line.ENDED, end_reason=event.reason)


_CHANGES: Final[dict[type[Any], Callable[[IndexEntry, Any], IndexEntry]]] = {
    Dialled: _on_line(LineFact.DIALLED),
    Rang: _on_line(LineFact.RANG),
    Answered: _answered,
    Bridged: _bridged,
    StreamOpened: _bridged,
    ClosingBegan: _on_line(LineFact.CLOSING_BEGAN),
    Ended: _ended,
    SpeechStarted: _on_floor(FloorFact.SPEECH_STARTED),
    SpeechOver: _on_floor(FloorFact.SPEECH_OVER),
    CounterpartSpoke: _on_floor(FloorFact.COUNTERPART_SPOKE),
}
"""What each event that the index cares about does to an entry; all others leave it as it is."""
_TOUCHING: Final = frozenset({Opened, *_CHANGES})

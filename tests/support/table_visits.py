"""Records which cells of the tables are looked up while something runs."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from voice_domain import states

__all__ = ("TableVisits", "recorded_visits")

Cell = tuple[Any, Any]


class TableVisits:
    """The cells that were looked up, by table."""

    def __init__(self) -> None:
        self.line: set[Cell] = set()
        self.floor: set[Cell] = set()
        self.gate: set[Cell] = set()


@contextmanager
def recorded_visits() -> Iterator[TableVisits]:
    """Record every look-up that the domain makes until the context is left; the answers stay what they are."""
    visits = TableVisits()
    watched = (
        (states.line_after, visits.line),
        (states.floor_after, visits.floor),
        (states.gate_of, visits.gate),
    )
    places = [
        (module, name, look_up, cells)
        for look_up, cells in watched
        for module_name, module in tuple(sys.modules.items())
        if module_name.startswith("voice_domain.")
        for name, value in tuple(vars(module).items())
        if value is look_up
    ]
    for module, name, look_up, cells in places:
        setattr(module, name, _recording(look_up, cells))
    try:
        yield visits
    finally:
        for module, name, look_up, _ in places:
            setattr(module, name, look_up)


def _recording(look_up: Callable[[Any, Any], Any], cells: set[Cell]) -> Callable[[Any, Any], Any]:
    def recording(state: Any, fact: Any) -> Any:
        cells.add((state, fact))
        return look_up(state, fact)

    return recording

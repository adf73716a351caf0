"""Moves of the line and of the floor, as the tables have them."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeAlias

from voice_domain.call import Call
from voice_domain.errors import VoiceError
from voice_domain.states import ILLEGAL, Floor, FloorFact, Line, LineFact, floor_after, is_live, line_after
from voice_domain.terms import Timer

__all__ = ("BrokenHistoryError", "Changes", "floor_moved", "line_moved", "parting", "without")

Changes: TypeAlias = dict[str, Any]
"""New values for some of a call's attributes."""


class BrokenHistoryError(VoiceError):
    """A list of events is not the history of a call."""

    kind: ClassVar[str] = "broken_history"

    def __init__(self, problem: str) -> None:
        super().__init__(f"These events are not a call's history: {problem}; restore the store from a backup")


def line_moved(call: Call, fact: LineFact) -> Changes:
    """Return where *fact* moves the line; a late fact leaves it where it is.

    Raises:
        BrokenHistoryError: if the table calls the move illegal.
    """
    after = line_after(call.line, fact)
    if after is ILLEGAL:
        raise BrokenHistoryError(f"`{fact}` cannot follow while the line is {call.line}")
    if not isinstance(after, Line):
        return {}
    return {"line": after, "reached": after} if is_live(after) else {"line": after}


def floor_moved(call: Call, fact: FloorFact) -> Changes:
    """Return who has the floor after *fact*; a late fact leaves it where it is.

    Raises:
        BrokenHistoryError: if the table calls the move illegal.
    """
    after = floor_after(call.floor, fact)
    if after is ILLEGAL:
        raise BrokenHistoryError(f"`{fact}` cannot follow while the floor is {call.floor}")
    return {"floor": after} if isinstance(after, Floor) else {}


def parting(call: Call, at_ms: int) -> Mapping[Timer, int]:
    """Return the timer that ends a notify call with nothing left to say; none for others, or where we are out."""
    parts = call.rules.hangs_up_after_speech and call.closing_reason is None and call.transferred is None
    return {Timer.NOTIFY_HANGUP: at_ms + call.terms.notify_hangup_ms} if parts else {}


def without(due: Mapping[Timer, int], *timers: Timer) -> Mapping[Timer, int]:
    """Return the due times of all timers but these."""
    if not any(timer in due for timer in timers):
        return due
    return {timer: at for timer, at in due.items() if timer not in timers}

"""Brings turns that are transcribed out of order into the order in which they were said."""

from collections import OrderedDict

import attrs

__all__ = ("SaidTurn", "TurnOrder")

_REMEMBERED = 256  # turns that are over; a later one names the one before it


@attrs.frozen
class SaidTurn:
    """What was said in one turn."""

    text: str
    committed_at: float | None
    """When the service took the turn for over, in the loop's time; None if it never said so."""


@attrs.define(eq=False)
class _Turn:
    previous: str | None = None
    partial: str = ""
    final: str | None = None
    committed_at: float | None = None
    ended_at: float | None = None
    """When it was committed or, if nobody said so, transcribed; in the loop's time."""


class TurnOrder:
    """Knows the turns of one session by their item ids. A turn that failed is over and has no words.

    A turn waits for the one before it, named by `previous_item_id`, until that is over or `overdue` says otherwise.
    """

    def __init__(self) -> None:
        self._turns: OrderedDict[str, _Turn] = OrderedDict()
        self._over: OrderedDict[str, None] = OrderedDict()

    @property
    def outstanding(self) -> bool:
        """Whether any turn has ended or begun to be transcribed, and is not over."""
        return bool(self._turns)

    def committed(self, item_id: str, previous: str | None, *, now: float) -> None:
        """A turn has ended; its words are on their way."""
        turn = self._turn(item_id)
        if turn is not None:
            turn.previous, turn.committed_at, turn.ended_at = previous, now, now

    def grown(self, item_id: str, delta: str) -> str | None:
        """Return the words of a turn so far; None while those of the one before it are outstanding."""
        turn = self._turn(item_id)
        if turn is None:
            return None
        turn.partial += delta
        return turn.partial if self._is_next(turn) else None

    def finished(self, item_id: str, text: str, *, now: float) -> list[SaidTurn]:
        """Return the final texts that can be told now, in order; *text* is empty for a turn that failed."""
        turn = self._turn(item_id)
        if turn is None:
            return []
        turn.final = text
        turn.ended_at = now if turn.ended_at is None else turn.ended_at
        return self._release()

    def oldest_ended_at(self) -> float | None:
        """Return since when the turn that has waited longest has waited; None if none has."""
        return min(
            (turn.ended_at for turn in self._turns.values() if turn.ended_at is not None), default=None
        )

    def overdue(self, *, since: float) -> list[SaidTurn]:
        """Return the texts of turns that have waited since before *since* for one that never came to an end."""
        texts: list[SaidTurn] = []
        for turn in tuple(self._turns.values()):
            if turn.final is not None and turn.ended_at is not None and turn.ended_at <= since:
                turn.previous = None
                texts += self._release()
        return texts

    def _turn(self, item_id: str) -> _Turn | None:
        if item_id in self._over:
            return None
        return self._turns.setdefault(item_id, _Turn())

    def _is_next(self, turn: _Turn) -> bool:
        return turn.previous is None or turn.previous in self._over

    def _release(self) -> list[SaidTurn]:
        texts: list[SaidTurn] = []
        while True:
            ready = [
                item_id
                for item_id, turn in self._turns.items()
                if turn.final is not None and self._is_next(turn)
            ]
            if not ready:
                return texts
            item_id = ready[0]
            turn = self._turns.pop(item_id)
            self._over[item_id] = None
            if len(self._over) > _REMEMBERED:
                self._over.popitem(last=False)
            if turn.final:
                texts.append(SaidTurn(turn.final, turn.committed_at))

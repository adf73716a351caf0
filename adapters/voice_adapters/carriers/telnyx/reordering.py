"""Puts the frames of a media stream in order again: Telnyx does not promise it."""

from typing import Final

__all__ = ("Reordering",)

_WINDOW: Final = 3
"""How many frames wait for one that is missing: 60 ms."""
_RESTART: Final = 250
"""A frame that is so many behind is none that is late: the numbers have begun anew."""


class Reordering:
    """Takes numbered frames of one track. What comes after its turn is dropped."""

    __slots__ = ("_next", "_waiting")

    def __init__(self) -> None:
        self._next = 1
        self._waiting: dict[int, bytes] = {}

    def push(self, number: int, payload: bytes) -> bytes:
        """Take frame *number* and return the audio whose turn has come; empty if there is none."""
        if number == self._next and not self._waiting:
            self._next = number + 1
            return payload
        if self._next - number > _RESTART:
            self._next = number
            self._waiting.clear()
        if number < self._next:
            return b""
        self._waiting[number] = payload
        if len(self._waiting) > _WINDOW:
            self._next = min(self._waiting)
        return self._ready()

    def _ready(self) -> bytes:
        audio = b""
        while (payload := self._waiting.pop(self._next, None)) is not None:
            audio += payload
            self._next += 1
        return audio

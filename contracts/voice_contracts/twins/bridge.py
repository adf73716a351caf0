"""Joins the lines of two legs, so that their callees hear each other."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from voice_contracts.twins.line import BothWays, Line, Listener, Sound
from voice_contracts.twins.person import News

__all__ = ("bridged",)


class _Way(Sound, Listener):
    """One direction: what one callee says is what the other one hears, 20 ms later at most."""

    kind = "bridge"
    over = False
    wants_frames = True

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque()

    def frame(self, sounds: BothWays) -> None:
        """Take 20 ms of one side."""
        self._frames.append(sounds.spoken)

    def learn(self, news: News) -> None:
        """Keys and the end travel with the legs, not here."""

    def next_frame(self) -> bytes | None:
        """Give 20 ms to the other side."""
        return self._frames.popleft() if self._frames else None


@contextmanager
def bridged(one: Line, other: Line) -> Iterator[None]:
    """Let the two sides hear each other for as long as the block lasts."""
    there, back = _Way(), _Way()
    one.add(there)
    other.add(back)
    one.play(back)
    other.play(there)
    try:
        yield
    finally:
        one.remove(there)
        other.remove(back)
        one.play(None)
        other.play(None)

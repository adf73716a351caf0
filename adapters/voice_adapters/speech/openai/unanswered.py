"""The audio whose words have not come back yet: it is sent again when the session breaks."""

from collections import deque

import attrs

__all__ = ("Stretch", "Unanswered")

_LISTENING_FRAMES = 50  # 1 s: the service tells late that a turn has begun
_MOST_FRAMES = 250  # 5 s


@attrs.frozen
class Stretch:
    """Frames in the order in which they were sent, and whether a turn ends with them."""

    frames: tuple[bytes, ...]
    ended: bool


class Unanswered:
    """Frames that were sent, by the turn they belong to: of each turn the last five seconds."""

    def __init__(self) -> None:
        self._current: deque[bytes] = deque(maxlen=_MOST_FRAMES)
        self._turns: dict[str, tuple[bytes, ...]] = {}
        self._speaking = False

    @property
    def speaking(self) -> bool:
        """Whether a turn is being said, as far as is known."""
        return self._speaking

    def sent(self, frame: bytes) -> None:
        """Note a frame."""
        self._current.append(frame)
        if not self._speaking and len(self._current) > _LISTENING_FRAMES:
            self._current.popleft()

    def turn_began(self) -> None:
        """The counterpart has begun a turn."""
        self._speaking = True

    def no_turn(self) -> None:
        """What was taken for the beginning of a turn was none."""
        self._speaking = False
        while len(self._current) > _LISTENING_FRAMES:
            self._current.popleft()

    def turn_ended(self, item_id: str) -> None:
        """What was sent until now is the turn *item_id*."""
        self._turns[item_id] = tuple(self._current)
        self._current.clear()
        self._speaking = False

    def answered(self, item_id: str) -> None:
        """The words of a turn came, or never will."""
        self._turns.pop(item_id, None)

    def take(self) -> list[Stretch]:
        """Return everything unanswered, oldest first, and forget it."""
        stretches = [Stretch(frames, ended=True) for frames in self._turns.values()]
        if self._current:
            stretches.append(Stretch(tuple(self._current), ended=False))
        self._turns.clear()
        self._current.clear()
        self._speaking = False
        return stretches

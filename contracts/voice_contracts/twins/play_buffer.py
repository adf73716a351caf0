"""What a two-way stream has sent us to play, and the marks between."""

from collections import deque

from voice_contracts.twins.sound import FRAME_BYTES

__all__ = ("PlayBuffer",)


class PlayBuffer:
    """Audio in order, taken in frames. A mark is due when the last byte before it has sounded."""

    def __init__(self) -> None:
        self._audio = bytearray()
        self._marks: deque[tuple[int, str]] = deque()
        self._pushed = 0
        self._taken = 0
        self._sounded = 0

    @property
    def waiting_bytes(self) -> int:
        """How much has not begun to sound."""
        return self._pushed - self._taken

    def push(self, payload: bytes) -> None:
        """Add audio of any length."""
        self._audio += payload
        self._pushed += len(payload)

    def mark(self, name: str) -> list[str]:
        """Add a mark, and return those that are due already."""
        self._marks.append((self._pushed, name))
        return self._due()

    def clear(self) -> list[str]:
        """Drop what has not begun to sound, and return every pending mark."""
        self._pushed = self._taken
        self._audio.clear()
        pending = [name for _, name in self._marks]
        self._marks.clear()
        return pending

    def take(self) -> tuple[bytes, list[str]]:
        """Return the next 20 ms, shorter at the end, and the marks that the last 20 ms have made due."""
        self._sounded = self._taken
        due = self._due()
        frame = bytes(self._audio[:FRAME_BYTES])
        del self._audio[: len(frame)]
        self._taken += len(frame)
        return frame, due

    def _due(self) -> list[str]:
        due = []
        while self._marks and self._marks[0][0] <= self._sounded:
            due.append(self._marks.popleft()[1])
        return due

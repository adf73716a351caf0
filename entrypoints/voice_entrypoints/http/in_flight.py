"""How many requests of one address are being served."""

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ("InFlight",)


class InFlight:
    """Counts requests by address; an unknown address is one address too."""

    def __init__(self, limit: int = 8) -> None:
        self._limit = limit
        self._counts: dict[str, int] = {}

    @contextmanager
    def enter(self, address: str) -> Iterator[bool]:
        """Tell whether one more request of *address* may be served, and count it while the context is open."""
        count = self._counts.get(address, 0)
        if count >= self._limit:
            yield False
            return
        self._counts[address] = count + 1
        try:
            yield True
        finally:
            left = self._counts[address] - 1
            if left:
                self._counts[address] = left
            else:
                del self._counts[address]

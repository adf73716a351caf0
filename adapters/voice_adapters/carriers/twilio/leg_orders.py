"""Orders to one leg go one after the other: of two at once, nobody could say which Twilio carries out in the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from voice_domain.identity import CarrierCallId

__all__ = ("LegOrders",)


class LegOrders:
    """Holds a lock for each leg that is being given an order."""

    def __init__(self) -> None:
        self._locks: dict[CarrierCallId, anyio.Lock] = {}

    def __len__(self) -> int:
        return len(self._locks)

    @asynccontextmanager
    async def alone(self, leg: CarrierCallId) -> AsyncIterator[None]:
        """Give the only order that *leg* is given meanwhile; whoever comes later waits, in order."""
        lock = self._locks.setdefault(leg, anyio.Lock())
        try:
            async with lock:
                yield
        finally:
            # Whoever waited holds the lock by now; it is still theirs, and everybody's who comes meanwhile.
            if not lock.locked():
                self._locks.pop(leg, None)

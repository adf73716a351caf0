"""The mailbox of one call: everything that can move the call waits here, and is taken in order."""

from collections import deque

import anyio
import anyio.lowlevel

from voice_adapters.runtime.errands import Errand
from voice_domain.call import Call
from voice_domain.errors import VoiceError
from voice_domain.inputs import CallInput

__all__ = ("Item", "Mailbox")


class Item:
    """One input, and whoever waits for what follows from it."""

    __slots__ = ("call", "done", "errands", "error", "given", "patient")

    def __init__(self, given: CallInput, *, patient: bool, awaited: bool) -> None:
        self.given = given
        self.patient = patient
        """Whether it stays in the mailbox until the store works; else its sender is told that it does not."""
        self.done: anyio.Event | None = anyio.Event() if awaited else None
        self.call: Call | None = None
        self.error: VoiceError | None = None
        self.errands: tuple[Errand, ...] = ()

    def succeed(self, call: Call, errands: tuple[Errand, ...]) -> None:
        """What follows is durable and under way."""
        self.call, self.errands = call, errands
        if self.done is not None:
            self.done.set()

    def fail(self, error: VoiceError) -> None:
        """Nothing followed; what was told already stays as it was told."""
        if self.done is not None and not self.done.is_set():
            self.error = error
            self.done.set()


class Mailbox:
    """An unbounded queue with one reader; frames never go through it, so its length is that of a talk."""

    def __init__(self) -> None:
        self._items: deque[Item] = deque()
        self._taken: list[Item] = []
        self._arrived = anyio.Event()
        self.closed = False

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item) -> None:
        """Add an item behind all others."""
        self._items.append(item)
        self._arrived.set()

    def put_back(self, items: list[Item]) -> None:
        """Put items back in front, in their order."""
        self._items.extendleft(reversed(items))

    def wake(self) -> None:
        """Let `wait` return although nothing arrived."""
        self._arrived.set()

    async def wait(self, seconds: float | None) -> None:
        """Wait for an item, for *seconds* at the most; None is without end. Others may always run meanwhile."""
        if self._items:
            await anyio.lowlevel.checkpoint()
            return
        self._arrived = anyio.Event()
        if seconds is None:
            await self._arrived.wait()
            return
        with anyio.move_on_after(max(0.0, seconds)):
            await self._arrived.wait()

    def take(self, limit: int | None) -> list[Item]:
        """Return up to *limit* items, all for None, oldest first; those taken before are done with."""
        count = len(self._items) if limit is None else min(limit, len(self._items))
        self._taken = [self._items.popleft() for _ in range(count)]
        return list(self._taken)

    def close(self, error: VoiceError) -> None:
        """Take nothing more and tell everybody who still waits."""
        self.closed = True
        for item in (*self._taken, *self._items):
            item.fail(error)
        self._items.clear()

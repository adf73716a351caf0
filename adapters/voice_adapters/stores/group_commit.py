"""One writer for all calls: whatever waits when it is free goes to the disk in one transaction."""

import itertools
from collections import deque
from functools import partial
from typing import Final

import anyio
import anyio.to_thread

from voice_adapters.stores.sqlite_ledger import Entry, Ledger, Ticket
from voice_domain.ports.event_store import StoreError

__all__ = ("GroupCommit",)

_GROUP_LIMIT: Final = 500


class GroupCommit:
    """Takes entries from any number of tasks; a task owned by the store writes them, group by group."""

    def __init__(self, ledger: Ledger, *, deadline_seconds: float) -> None:
        self._ledger = ledger
        self._deadline_seconds = deadline_seconds
        self._waiting: deque[Ticket] = deque()
        self._wake = anyio.Event()
        self._closing = False
        # One thread of its own: other work of the host never keeps a commit waiting.
        self._thread = anyio.CapacityLimiter(1)

    async def submit(self, entry: Entry) -> int:
        """Return when *entry* is durable, with the sequence of its last event (0 if it has none); see `write`."""
        return (await self.write(entry)).sequence

    async def write(self, entry: Entry) -> Ticket:
        """Return when *entry* is durable, with what became of it.

        When cancelled, it is kept whole or not at all.

        Raises:
            VersionConflictError: if the call has another number of events.
            StoreError: if it was not kept. After a disk that did not answer at all, it may be found kept later.
        """
        if self._closing:
            raise StoreError("it is being closed; place no more calls")
        ticket = Ticket(entry)
        self._waiting.append(ticket)
        self._wake.set()
        try:
            await ticket.done.wait()
        finally:
            ticket.withdrawn = not ticket.done.is_set()
        if ticket.error is not None:
            raise ticket.error
        return ticket

    async def run(self) -> None:
        """Write until `close`. Shielded: what ends a call must still be kept while the host is cancelled."""
        try:
            with anyio.CancelScope(shield=True):
                await self._write_until_closed()
        finally:
            # Only after a fault of ours is anything left; nobody may wait for it for ever.
            self._closing = True
            self._finish(len(self._waiting), problem="its writer broke down; start the program again")

    async def _write_until_closed(self) -> None:
        while True:
            if self._waiting:
                await self._commit_group()
            elif self._closing:
                return
            else:
                self._wake = anyio.Event()
                await self._wake.wait()

    def close(self) -> None:
        """Take nothing more; `run` returns once everything that waits is written."""
        self._closing = True
        self._wake.set()

    async def _commit_group(self) -> None:
        tickets = tuple(itertools.islice(self._waiting, _GROUP_LIMIT))
        with anyio.move_on_after(self._deadline_seconds) as scope:
            write = partial(self._ledger.write, tickets)
            await anyio.to_thread.run_sync(write, abandon_on_cancel=True, limiter=self._thread)
        problem = f"the disk did not answer for {self._deadline_seconds:g} s; check its health"
        self._finish(len(tickets), problem=problem if scope.cancelled_caught else None)

    def _finish(self, count: int, *, problem: str | None) -> None:
        """Let the first *count* go that wait: written, or not because of *problem*."""
        for _ in range(count):
            ticket = self._waiting.popleft()
            if problem is not None:
                ticket.withdrawn = True
                ticket.error = StoreError(problem)
            ticket.done.set()

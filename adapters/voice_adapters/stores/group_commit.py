"""One writer for all calls: whatever waits when it is free goes to the disk in one transaction.

The writer is a thread that lives as long as the store: to hand each group to a pool of threads took as long as to
write it.
"""

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

import anyio
import anyio.lowlevel

from voice_adapters.stores.sqlite_ledger import Entry, Ledger, Ticket
from voice_domain.ports.event_store import StoreError

__all__ = ("GroupCommit",)

_GROUP_LIMIT: Final = 500


class GroupCommit:
    """Takes entries from any number of tasks; a thread of the store's own writes them, group by group."""

    def __init__(self, ledger: Ledger, *, deadline_seconds: float) -> None:
        self._ledger = ledger
        self._deadline_seconds = deadline_seconds
        # Shared with the thread, under the condition.
        self._waiting: deque[Ticket] = deque()
        self._closing = False
        self._something = threading.Condition()
        # Of the event loop alone.
        self._open: dict[Ticket, None] = {}
        self._groups = 0
        self._stuck = False
        self._used = anyio.Event()
        self._ended = anyio.Event()
        self._fault: Exception | None = None

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
        if self._stuck:
            await anyio.lowlevel.checkpoint()  # who asks again and again must not keep us from hearing of it
            raise StoreError(self._no_answer())
        ticket = Ticket(entry)
        self._open[ticket] = None
        with self._something:
            self._waiting.append(ticket)
            self._something.notify()
        self._used.set()
        try:
            await ticket.done.wait()
        finally:
            ticket.withdrawn = not ticket.done.is_set()
        if ticket.error is not None:
            raise ticket.error
        return ticket

    async def run(self) -> None:
        """Write until `close`. Shielded: what ends a call must still be kept while the host is cancelled."""
        tell = _teller()
        thread = threading.Thread(target=self._write, args=(tell,), name="call store writer", daemon=True)
        thread.start()
        try:
            with anyio.CancelScope(shield=True):
                await self._watch()
        finally:
            # Only after a fault is anything left; nobody may wait for it for ever.
            self.close()
            self._refuse(self._open, "its writer broke down; start the program again")
        if self._fault is not None:
            raise self._fault

    def close(self) -> None:
        """Take nothing more; `run` returns once everything that waits is written."""
        with self._something:
            self._closing = True
            self._something.notify()
        self._used.set()

    async def _watch(self) -> None:
        """Look once in a while whether the disk answers; return when the writer has ended, or cannot any more."""
        while not self._ended.is_set():
            if not (self._open or self._closing):
                self._used = anyio.Event()
                await self._used.wait()
            seen = self._groups
            with anyio.move_on_after(self._deadline_seconds):
                await self._ended.wait()
            if self._open and self._groups == seen and not self._ended.is_set():
                self._stuck = True
                self._refuse(self._open, self._no_answer())
            if self._stuck and self._closing:
                return

    def _no_answer(self) -> str:
        return f"the disk did not answer for {self._deadline_seconds:g} s; check its health"

    def _refuse(self, tickets: Iterable[Ticket], problem: str) -> None:
        for ticket in tuple(tickets):
            ticket.withdrawn = True
            ticket.error = StoreError(problem)
            ticket.done.set()
            self._open.pop(ticket, None)

    def _write(self, tell: Callable[[Callable[[], Any]], None]) -> None:
        """In the thread: write group after group until closed, and tell the event loop of each."""
        try:
            while tickets := self._next_group():
                self._ledger.write(tickets)
                tell(partial(self._finish, tickets))
        except Exception as error:  # noqa: BLE001 - whoever runs the store has to hear of it, not a thread's last words
            self._fault = error
        tell(self._ended.set)

    def _next_group(self) -> tuple[Ticket, ...]:
        """In the thread: return what waits, at most a group, once there is something; nothing after `close`."""
        with self._something:
            while not self._waiting and not self._closing:
                self._something.wait()
            count = min(len(self._waiting), _GROUP_LIMIT)
            return tuple(self._waiting.popleft() for _ in range(count))

    def _finish(self, tickets: tuple[Ticket, ...]) -> None:
        """Let those go whose entries are written; some may have given up."""
        self._groups += 1
        self._stuck = False
        for ticket in tickets:
            self._open.pop(ticket, None)
            ticket.done.set()


def _teller() -> Callable[[Callable[[], Any]], None]:
    """Return what has the running event loop call a function, from any thread; after its end, nothing."""
    token: Any = anyio.lowlevel.current_token()
    loop = getattr(token, "native_token", token)  # anyio wraps it since 4.12
    # asyncio's name for it, and trio's; both promise the order of the calls.
    call_soon = getattr(loop, "call_soon_threadsafe", None) or loop.run_sync_soon

    def tell(function: Callable[[], Any]) -> None:
        with contextlib.suppress(RuntimeError):  # the event loop is gone, and with it all who waited
            call_soon(function)

    return tell

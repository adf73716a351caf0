"""The gateway's file of calls without its threads: every write and read holds up the event loop.

For simulations, in which nothing may happen beside the event loop. The file, its tables and its failures are those
of `SqliteStore`; two things can be arranged: that a commit need not reach the disk, and that the disk is full.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import anyio.lowlevel

from voice_adapters.stores import sqlite_queries as queries
from voice_adapters.stores.sqlite_file import connect, translated
from voice_adapters.stores.sqlite_ledger import Appending, Entry, Ledger, Settling, Ticket, Trial
from voice_domain.call import Call
from voice_domain.events import CallEvent
from voice_domain.identity import CallId
from voice_domain.ports.event_store import CallHistory, EventStore, JournalRow, OutboxItem, Ruling, StoreError

__all__ = ("BlockingSqliteStore",)

_T = TypeVar("_T")
_NO_LIMIT = 0xFFFFFFFE
"""The most pages that a file of SQLite can have."""


class _FillableLedger(Ledger):
    """A ledger whose disk can be full."""

    def open_softly(self) -> None:
        """Open, and leave it to the operating system when a commit reaches the disk: it outlives us, if not itself.

        Raises:
            StoreError: if the file cannot be used.
        """
        self.open()
        self._ask("PRAGMA synchronous = OFF")

    def limit(self, *, full: bool) -> None:
        """Let the file grow no further, or as far as it likes."""
        pages = self._ask("PRAGMA page_count") if full else _NO_LIMIT
        self._ask(f"PRAGMA max_page_count = {pages}")

    def _ask(self, pragma: str) -> int:
        assert self._connection is not None  # it was opened
        row: tuple[int] | None = self._connection.execute(pragma).fetchone()
        return row[0] if row else 0


class BlockingSqliteStore(EventStore, CallHistory):
    """Keeps calls in the file at *path*; `async with` opens it. Needs one event loop, and no other thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ledger = _FillableLedger(path)
        self._reading: sqlite3.Connection | None = None

    async def __aenter__(self) -> Self:
        """Open the file.

        Raises:
            StoreError: if it cannot be created, read or written, is damaged, or is from a newer version.
        """
        await anyio.lowlevel.checkpoint()
        self._ledger.open_softly()
        self._reading = connect(self._path)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the file go; everything written is in it."""
        self.close()

    def close(self) -> None:
        """Let the file go, as the end of the process does."""
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.close()
        self._ledger.close()

    def fill(self, *, full: bool) -> None:
        """Let there be no room left on the disk, or enough of it."""
        self._ledger.limit(full=full)

    async def append(
        self,
        call_id: CallId,
        events: tuple[CallEvent, ...],
        *,
        expected_version: int,
        outbox: tuple[OutboxItem, ...] = (),
        rulings: tuple[Ruling, ...] = (),
    ) -> int:
        """Keep *events* and what goes with them; see the port."""
        return await self._write(Appending(call_id, expected_version, events, outbox, rulings))

    async def settle(self, effect_id: str) -> None:
        """Forget an outbox item; see the port."""
        await self._write(Settling(effect_id))

    async def check(self) -> None:
        """Write without keeping anything.

        Raises:
            StoreError: if that did not work.
        """
        await self._write(Trial())

    async def load(self, call_id: CallId) -> tuple[CallEvent, ...]:
        """Return all events of a call in order; see the port."""
        return await self._read(partial(queries.load, call_id=call_id))

    async def unfinished(self) -> tuple[CallId, ...]:
        """Return the calls that have not ended, oldest first."""
        return await self._read(queries.unfinished)

    async def outstanding(self) -> tuple[OutboxItem, ...]:
        """Return the outbox items that were not settled, oldest first."""
        return await self._read(queries.outstanding)

    async def find(self, key: str) -> Call | None:
        """Return the call with this id, ours or the carrier's; see the port."""
        return await self._read(partial(queries.find, key=key))

    async def page(
        self, *, limit: int, before_ms: int | None = None, word: str | None = None
    ) -> tuple[Call, ...]:
        """Return at most *limit* calls, newest first; see the port."""
        return await self._read(partial(queries.page, limit=limit, before_ms=before_ms, word=word))

    async def journal(
        self, *, after: int, limit: int, call_id: CallId | None = None
    ) -> tuple[JournalRow, ...]:
        """Return at most *limit* events with a sequence above *after*; see the port."""
        return await self._read(partial(queries.journal, after=after, limit=limit, call_id=call_id))

    async def dialled_since(self, at_ms: int) -> int:
        """Return how many outbound calls began at or after *at_ms*."""
        return await self._read(partial(queries.dialled_since, at_ms=at_ms))

    async def rulings(self, call_id: CallId) -> tuple[Ruling, ...]:
        """Return why the call's events were kept, in order; see the port."""
        return await self._read(partial(queries.rulings, call_id=call_id))

    async def _write(self, entry: Entry) -> int:
        await anyio.lowlevel.checkpoint()
        ticket = Ticket(entry)
        self._ledger.write((ticket,))
        if ticket.error is not None:
            raise ticket.error
        return ticket.sequence

    async def _read(self, query: Callable[[sqlite3.Connection], _T]) -> _T:
        await anyio.lowlevel.checkpoint()
        if self._reading is None:
            raise StoreError(f"{self._path} is not open; enter the store with `async with`")
        with translated(self._path):
            return query(self._reading)

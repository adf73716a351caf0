"""The store of a gateway: one SQLite file in the state folder, which survives `kill -9` and needs no set-up."""

from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import anyio
import anyio.to_thread
import attrs
from anyio.abc import TaskGroup

from voice_adapters.stores import sqlite_queries as queries
from voice_adapters.stores.group_commit import GroupCommit
from voice_adapters.stores.sqlite_ledger import Appending, Erasing, Ledger, Reporting, Settling, Trial
from voice_adapters.stores.sqlite_readers import Readers
from voice_adapters.stores.sqlite_schema import MIGRATIONS, Migration
from voice_domain.call import Call
from voice_domain.events import CallEvent
from voice_domain.identity import CallId
from voice_domain.ports.event_store import (
    CallEraser,
    CallHistory,
    EventStore,
    JournalRow,
    OutboxItem,
    Ruling,
    StoreError,
)
from voice_domain.ports.report_book import DueReport, ReportBook

__all__ = ("SqliteStore",)

_DEADLINE_SECONDS: Final = 30.0
_CLOSE_SECONDS: Final = 60.0


@attrs.frozen
class _Opened:
    ledger: Ledger
    writer: GroupCommit
    readers: Readers
    tasks: TaskGroup


class SqliteStore(EventStore, CallHistory, CallEraser, ReportBook):
    """Keeps calls in the file at *path*, created with mode 0600 if there is none.

    `async with` opens it, brings an older file up to date and, at the end, writes everything that waits.
    Writers of all calls share one connection and one commit; readers never wait for them, nor they for readers.
    It works in real time: its deadlines are for disks, which know no other.
    """

    def __init__(self, path: Path, *, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
        self._path = path
        self._migrations = migrations
        self._opened: _Opened | None = None

    async def __aenter__(self) -> Self:
        """Open the file.

        Raises:
            StoreError: if it cannot be created, read or written, is damaged, or is from a newer version.
        """
        if self._opened is not None:
            raise StoreError(f"{self._path} is open already; open it once")
        ledger = Ledger(self._path, self._migrations)
        await anyio.to_thread.run_sync(ledger.open)
        writer = GroupCommit(ledger, deadline_seconds=_DEADLINE_SECONDS)
        readers = Readers(self._path, deadline_seconds=_DEADLINE_SECONDS)
        tasks = await anyio.create_task_group().__aenter__()
        tasks.start_soon(writer.run, name="call store writer")
        self._opened = _Opened(ledger, writer, readers, tasks)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what waits, and let the file go; also when cancelled, for at most a minute."""
        opened = self._open
        self._opened = None
        opened.writer.close()
        try:
            # Never with the error: a task group would wrap it, and cancel the writer before it is through.
            await opened.tasks.__aexit__(None, None, None)
        finally:
            with anyio.move_on_after(_CLOSE_SECONDS, shield=True):
                await anyio.to_thread.run_sync(opened.readers.close, abandon_on_cancel=True)
                await anyio.to_thread.run_sync(opened.ledger.close, abandon_on_cancel=True)

    async def append(
        self,
        call_id: CallId,
        events: tuple[CallEvent, ...],
        *,
        expected_version: int,
        outbox: tuple[OutboxItem, ...] = (),
        rulings: tuple[Ruling, ...] = (),
    ) -> int:
        """Keep *events* and what goes with them; see the port. When cancelled, it is kept whole or not at all."""
        return await self._open.writer.submit(Appending(call_id, expected_version, events, outbox, rulings))

    async def settle(self, effect_id: str) -> None:
        """Forget an outbox item; see the port."""
        await self._open.writer.submit(Settling(effect_id))

    async def check(self) -> None:
        """Write to the disk without keeping anything, to learn whether calls can be kept now.

        Raises:
            StoreError: if that did not work.
        """
        await self._open.writer.submit(Trial())

    async def load(self, call_id: CallId) -> tuple[CallEvent, ...]:
        """Return all events of a call in order; see the port."""
        return await self._open.readers.read(partial(queries.load, call_id=call_id))

    async def unfinished(self) -> tuple[CallId, ...]:
        """Return the calls that have not ended, oldest first."""
        return await self._open.readers.read(queries.unfinished)

    async def outstanding(self) -> tuple[OutboxItem, ...]:
        """Return the outbox items that were not settled, oldest first."""
        return await self._open.readers.read(queries.outstanding)

    async def find(self, key: str) -> Call | None:
        """Return the call with this id, ours or the carrier's; see the port."""
        return await self._open.readers.read(partial(queries.find, key=key))

    async def page(
        self, *, limit: int, before_ms: int | None = None, word: str | None = None
    ) -> tuple[Call, ...]:
        """Return at most *limit* calls, newest first; see the port."""
        query = partial(queries.page, limit=limit, before_ms=before_ms, word=word)
        return await self._open.readers.read(query)

    async def journal(
        self, *, after: int, limit: int, call_id: CallId | None = None
    ) -> tuple[JournalRow, ...]:
        """Return at most *limit* events with a sequence above *after*; see the port."""
        query = partial(queries.journal, after=after, limit=limit, call_id=call_id)
        return await self._open.readers.read(query)

    async def dialled_since(self, at_ms: int) -> int:
        """Return how many outbound calls began at or after *at_ms*."""
        return await self._open.readers.read(partial(queries.dialled_since, at_ms=at_ms))

    async def rulings(self, call_id: CallId) -> tuple[Ruling, ...]:
        """Return why the call's events were kept, in order; see the port."""
        return await self._open.readers.read(partial(queries.rulings, call_id=call_id))

    async def erase(self, *, before_ms: int, limit: int) -> tuple[CallId, ...]:
        """Erase the oldest calls that are over; see the port."""
        return (await self._open.writer.write(Erasing(before_ms, limit))).erased

    async def reports_due(self, *, now_ms: int, limit: int) -> tuple[DueReport, ...]:
        """Return the reports that are due; see the port."""
        return await self._open.readers.read(partial(queries.reports_due, now_ms=now_ms, limit=limit))

    async def keep_report(self, call_id: CallId, body: str | None, *, next_at_ms: int | None) -> None:
        """Keep the report of a call; see the port."""
        await self._open.writer.submit(Reporting(call_id, body, next_at_ms))

    async def report(self, call_id: CallId) -> str | None:
        """Return the report of a call; see the port."""
        return await self._open.readers.read(partial(queries.report, call_id=call_id))

    @property
    def _open(self) -> _Opened:
        if self._opened is None:
            raise StoreError(f"{self._path} is not open; enter the store with `async with`")
        return self._opened

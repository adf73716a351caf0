"""Reads from the file: on connections and threads of their own, so that they never keep a writer waiting."""

import sqlite3
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import anyio
import anyio.to_thread

from voice_adapters.stores.sqlite_file import connect, translated
from voice_domain.ports.event_store import StoreError

__all__ = ("Readers",)

_T = TypeVar("_T")
_AT_ONCE: Final = 4
_CLOSE_SECONDS: Final = 10.0


class Readers:
    """A few connections that only read; each is opened when all others are busy, and used again."""

    def __init__(self, path: Path, *, deadline_seconds: float) -> None:
        self._path = path
        self._deadline_seconds = deadline_seconds
        self._threads = anyio.CapacityLimiter(_AT_ONCE)
        self._changed = threading.Condition()
        self._idle: list[sqlite3.Connection] = []
        self._busy = 0
        self._closed = False

    async def read(self, query: Callable[[sqlite3.Connection], _T]) -> _T:
        """Return what *query* reads, all of it as it stood at its first look; it runs in a worker thread.

        Raises:
            StoreError: if it cannot be read, or not in time.
        """
        try:
            with anyio.fail_after(self._deadline_seconds):
                run = partial(self._run, query)
                return await anyio.to_thread.run_sync(run, abandon_on_cancel=True, limiter=self._threads)
        except TimeoutError as error:
            raise StoreError(
                f"reading {self._path} took over {self._deadline_seconds:g} s; check the disk's health"
            ) from error

    def close(self) -> None:
        """Let the file go, after the reads that are under way; blocks, so it belongs in a worker thread."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: self._busy == 0, timeout=_CLOSE_SECONDS)
            while self._idle:
                self._idle.pop().close()

    def _run(self, query: Callable[[sqlite3.Connection], _T]) -> _T:
        connection = self._take()
        try:
            with translated(self._path):
                # All that a query reads is of one moment: a call that is erased meanwhile is not seen by half.
                connection.execute("BEGIN")
                try:
                    return query(connection)
                finally:
                    connection.rollback()
        finally:
            self._give_back(connection)

    def _take(self) -> sqlite3.Connection:
        with self._changed:
            if self._closed:
                raise StoreError("it is closed; open it again")
            self._busy += 1
            if self._idle:
                return self._idle.pop()
        try:
            connection = connect(self._path)
            connection.execute("PRAGMA query_only = ON")
        except BaseException:
            self._count_down()
            raise
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._changed:
            if self._closed:
                connection.close()
            else:
                self._idle.append(connection)
        self._count_down()

    def _count_down(self) -> None:
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()

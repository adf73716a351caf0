"""The file in which calls are kept: how it is opened, and what its failures mean for a person."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from voice_domain.ports.event_store import StoreError

__all__ = ("connect", "create_private", "translated")

_BUSY_SECONDS: Final = 5.0

_REMEDIES: Final = {
    sqlite3.SQLITE_FULL: "the disk that holds {path} is full; free some space",
    sqlite3.SQLITE_READONLY: "{path} is read-only; make it and its folder writable for this user",
    sqlite3.SQLITE_CANTOPEN: "{path} cannot be opened; let this user read and write it and its folder",
    sqlite3.SQLITE_PERM: "{path} cannot be opened; let this user read and write it and its folder",
    sqlite3.SQLITE_BUSY: "another program keeps {path} locked; stop that program",
    sqlite3.SQLITE_IOERR: "the disk that holds {path} reports an error; check its space and its health",
    sqlite3.SQLITE_CORRUPT: "{path} is damaged; restore a backup, or move it away to begin a new one",
    sqlite3.SQLITE_NOTADB: "{path} is no call store; move it away, or name another state folder",
}


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection in autocommit mode, for use by one thread at a time.

    Raises:
        StoreError: if the file cannot be opened, or holds something else.
    """
    with translated(path):
        connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            # FULL, because NORMAL may lose the last commits when the power fails.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA journal_size_limit = 16777216")
        except BaseException:
            connection.close()
            raise
    return connection


def create_private(path: Path) -> None:
    """Make sure that the file exists and that only its owner may read it; SQLite's own files beside it follow.

    Raises:
        StoreError: if that is not possible.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        problem = f"{path} cannot be created or written ({error.strerror}); make its folder writable"
        raise StoreError(problem) from error


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors within into ours.

    Raises:
        StoreError: for whatever SQLite raised.
    """
    try:
        yield
    except (sqlite3.Error, OverflowError) as error:
        raise _store_error(error, path) from error


def _store_error(error: Exception, path: Path) -> StoreError:
    # The low byte is the kind, the others the exact place (https://sqlite.org/rescode.html).
    kind = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    remedy = _REMEDIES.get(kind)
    if remedy is None:
        return StoreError(f"{path} did not take or give what was asked: {error}")
    return StoreError(remedy.format(path=path))

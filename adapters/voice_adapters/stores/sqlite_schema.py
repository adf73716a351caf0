"""The tables of the file in which calls are kept, version by version."""

import sqlite3
from typing import Final

import attrs

from voice_domain.ports.event_store import StoreError

__all__ = ("MIGRATIONS", "Migration", "migrate")

# "vcal" in ASCII: tells our files from those of other programs (https://sqlite.org/pragma.html#pragma_application_id).
_APPLICATION_ID: Final = 0x7663616C


@attrs.frozen
class Migration:
    """The step from the schema version before to *version*. A released one never changes: add another."""

    version: int
    statements: tuple[str, ...]


MIGRATIONS: Final = (
    Migration(
        1,
        (
            # What history and recovery look up; the events remain the truth.
            """CREATE TABLE calls (
                number INTEGER PRIMARY KEY,
                call_id TEXT NOT NULL UNIQUE,
                version INTEGER NOT NULL,
                started_at_ms INTEGER NOT NULL,
                direction TEXT NOT NULL,
                line TEXT NOT NULL,
                reached TEXT NOT NULL,
                floor TEXT NOT NULL,
                bridged INTEGER NOT NULL,
                end_reason TEXT,
                word TEXT NOT NULL
            )""",
            "CREATE INDEX calls_by_start ON calls (started_at_ms, number)",
            "CREATE INDEX calls_by_word ON calls (word, started_at_ms, number)",
            # Partial, so that a start costs nothing for the calls of the past.
            "CREATE INDEX live_calls ON calls (started_at_ms, number) WHERE end_reason IS NULL",
            "CREATE INDEX outbound_calls ON calls (started_at_ms) WHERE direction = 'outbound'",
            """CREATE TABLE carrier_ids (
                carrier_call_id TEXT NOT NULL,
                call INTEGER NOT NULL REFERENCES calls (number),
                PRIMARY KEY (carrier_call_id, call)
            ) WITHOUT ROWID""",
            # AUTOINCREMENT, so that a sequence is never used again, whatever is deleted.
            """CREATE TABLE events (
                sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                call INTEGER NOT NULL REFERENCES calls (number),
                body BLOB NOT NULL
            )""",
            "CREATE INDEX events_of_calls ON events (call)",
            """CREATE TABLE outbox (
                position INTEGER PRIMARY KEY AUTOINCREMENT,
                effect_id TEXT NOT NULL UNIQUE,
                call_id TEXT NOT NULL,
                body BLOB NOT NULL
            )""",
        ),
    ),
    Migration(
        2,
        (
            # One row for each append. Events that are older than this table have no rulings.
            """CREATE TABLE rulings (
                position INTEGER PRIMARY KEY,
                call INTEGER NOT NULL REFERENCES calls (number),
                body BLOB NOT NULL
            )""",
            "CREATE INDEX rulings_of_calls ON rulings (call)",
            "CREATE INDEX names_of_calls ON carrier_ids (call)",
        ),
    ),
    Migration(
        3,
        (
            # A call that ended before there were reports has none.
            """CREATE TABLE reports (
                call INTEGER PRIMARY KEY REFERENCES calls (number),
                body TEXT,
                attempts INTEGER NOT NULL DEFAULT 0,
                next_at_ms INTEGER
            )""",
            "CREATE INDEX reports_due ON reports (next_at_ms) WHERE next_at_ms IS NOT NULL",
        ),
    ),
    Migration(
        4,
        (
            # They count as dials of their hour; those before this table do not.
            """CREATE TABLE transfers (
                call INTEGER NOT NULL REFERENCES calls (number),
                at_ms INTEGER NOT NULL
            )""",
            "CREATE INDEX transfers_by_time ON transfers (at_ms)",
            "CREATE INDEX transfers_of_calls ON transfers (call)",
        ),
    ),
)


def migrate(connection: sqlite3.Connection, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
    """Bring the file to the newest of *migrations*: by all steps that it lacks, or it stays as it was.

    Raises:
        StoreError: if the file belongs to another program or to a newer version of this one.
        sqlite3.Error: if SQLite fails.
    """
    found, newest = _version(connection), migrations[-1].version
    if found > newest:
        raise StoreError(
            f"its file has the schema of a newer voicecall ({found}, this one knows {newest}); upgrade voicecall"
        )
    _use_wal(connection)
    if found == newest:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        _climb(connection, migrations)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    """Return the version of the schema; 0 for a new file."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return 0
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    if application_id != _APPLICATION_ID or "schema_version" not in tables:
        raise StoreError("its file is another program's database; move it away, or name another state folder")
    (version,) = connection.execute("SELECT version FROM schema_version").fetchone()
    return int(version)


def _use_wal(connection: sqlite3.Connection) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StoreError(
            f"its folder's file system cannot share memory (journal mode {mode}); use a folder on a local disk"
        )


def _climb(connection: sqlite3.Connection, migrations: tuple[Migration, ...]) -> None:
    # Read again under the lock: another process may have done it meanwhile.
    found = _version(connection)
    if found == 0:
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
        connection.execute("INSERT INTO schema_version VALUES (0)")
    for migration in migrations:
        if migration.version > found:
            for statement in migration.statements:
                connection.execute(statement)
            connection.execute("UPDATE schema_version SET version = ?", (migration.version,))

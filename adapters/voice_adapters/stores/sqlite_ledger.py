"""Writes to the file: many entries in one transaction, each of them whole or not at all."""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeAlias

import anyio
import attrs

from voice_adapters.stores.codec import encode_effect, encode_event, encode_rulings
from voice_adapters.stores.index_entry import IndexEntry, carrier_ids_in, indexed, touches_index
from voice_adapters.stores.sqlite_file import connect, create_private, translated
from voice_adapters.stores.sqlite_schema import MIGRATIONS, Migration, migrate
from voice_domain.events import CallEvent, Ended, Transferred
from voice_domain.identity import CallId
from voice_domain.ports.event_store import OutboxItem, Ruling, StoreError, VersionConflictError
from voice_domain.states import Floor, Line
from voice_domain.vocabulary import Direction, EndReason

__all__ = ("Appending", "Entry", "Erasing", "Ledger", "Reporting", "Settling", "Ticket", "Trial")

_FIND: Final = (
    "SELECT version, started_at_ms, direction, line, reached, floor, bridged, end_reason"
    " FROM calls WHERE call_id = ?"
)
_KEEP_CALL: Final = (
    "INSERT INTO calls (version, line, reached, floor, bridged, end_reason, word,"
    " started_at_ms, direction, call_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (call_id) DO UPDATE SET version = excluded.version, line = excluded.line,"
    " reached = excluded.reached, floor = excluded.floor, bridged = excluded.bridged,"
    " end_reason = excluded.end_reason, word = excluded.word"
)
_COUNT_ON: Final = "UPDATE calls SET version = ? WHERE call_id = ? AND version = ?"
_ADD_EVENT: Final = "INSERT INTO events (call, body) SELECT number, ?2 FROM calls WHERE call_id = ?1"
_NAME_CALL: Final = (
    "INSERT OR IGNORE INTO carrier_ids (carrier_call_id, call)"
    " SELECT ?1, number FROM calls WHERE call_id = ?2"
)
_ADD_EFFECT: Final = "INSERT INTO outbox (effect_id, call_id, body) VALUES (?, ?, ?)"
_ADD_RULINGS: Final = "INSERT INTO rulings (call, body) SELECT number, ?2 FROM calls WHERE call_id = ?1"
_OWE_REPORT: Final = (
    "INSERT OR IGNORE INTO reports (call, next_at_ms) SELECT number, ?2 FROM calls WHERE call_id = ?1"
)
_KEEP_REPORT: Final = (
    "UPDATE reports SET body = ?2, next_at_ms = ?3, attempts = attempts + 1"
    " WHERE call = (SELECT number FROM calls WHERE call_id = ?1)"
)
_COUNT_TRANSFER: Final = "INSERT INTO transfers (call, at_ms) SELECT number, ?2 FROM calls WHERE call_id = ?1"
_SETTLE: Final = "DELETE FROM outbox WHERE effect_id = ?"
_ERASABLE: Final = (
    "SELECT number, call_id FROM calls WHERE started_at_ms < ? AND end_reason IS NOT NULL"
    " ORDER BY started_at_ms, number LIMIT ?"
)
_ERASE: Final = (
    "DELETE FROM events WHERE call = ?",
    "DELETE FROM rulings WHERE call = ?",
    "DELETE FROM carrier_ids WHERE call = ?",
    "DELETE FROM reports WHERE call = ?",
    "DELETE FROM transfers WHERE call = ?",
    "DELETE FROM calls WHERE number = ?",
)
_TRIAL: Final = "trial"


@attrs.frozen
class Appending:
    """What one append keeps; written down when it is made, so that nothing unwritable enters a group."""

    call_id: CallId
    expected_version: int
    events: tuple[CallEvent, ...]
    outbox: tuple[OutboxItem, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    bodies: tuple[bytes, ...] = attrs.field(init=False)
    effects: tuple[tuple[str, CallId, bytes], ...] = attrs.field(init=False)
    transfers: tuple[tuple[CallId, int], ...] = attrs.field(init=False)
    reasons: bytes = attrs.field(init=False)

    @property
    def version_after(self) -> int:
        """How many events the call then has."""
        return self.expected_version + len(self.events)

    @bodies.default
    def _write_events(self) -> tuple[bytes, ...]:
        return tuple(map(encode_event, self.events))

    @effects.default
    def _write_effects(self) -> tuple[tuple[str, CallId, bytes], ...]:
        return tuple((item.effect_id, item.call_id, encode_effect(item.effect)) for item in self.outbox)

    @transfers.default
    def _find_transfers(self) -> tuple[tuple[CallId, int], ...]:
        return tuple((self.call_id, event.at_ms) for event in self.events if isinstance(event, Transferred))

    @reasons.default
    def _write_rulings(self) -> bytes:
        return encode_rulings(self.rulings) if self.rulings else b""


@attrs.frozen
class Settling:
    """Forgets one outbox item."""

    effect_id: str


@attrs.frozen
class Erasing:
    """Erases calls that are over and began before a time, oldest first."""

    before_ms: int
    limit: int


@attrs.frozen
class Reporting:
    """Keeps the report of a call, due again at a time or never."""

    call_id: CallId
    body: str | None
    next_at_ms: int | None


@attrs.frozen
class Trial:
    """Keeps nothing; shows whether the file takes anything at the moment."""


Entry: TypeAlias = Appending | Settling | Erasing | Reporting | Trial
"""Whatever can be written."""


class Ticket:
    """One entry on its way to the file, and what became of it."""

    __slots__ = ("done", "entry", "erased", "error", "sequence", "withdrawn")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.error: StoreError | VersionConflictError | None = None
        self.sequence = 0
        """The place of its last event among all events, once it is written; 0 if it has none."""
        self.erased: tuple[CallId, ...] = ()
        """Which calls it has erased."""
        self.withdrawn = False
        """Whether nobody waits for it any more; it is then left out, unless it is being written already."""
        self.done = anyio.Event()


class Ledger:
    """The one connection that writes. Its methods block: they belong in a worker thread, one at a time."""

    def __init__(self, path: Path, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
        self._path = path
        self._migrations = migrations
        self._connection: sqlite3.Connection | None = None
        self._in_use = threading.Lock()

    def open(self) -> None:
        """Create the file or bring its tables up to date.

        Raises:
            StoreError: if the file cannot be used.
        """
        create_private(self._path)
        connection = connect(self._path)
        try:
            with translated(self._path):
                migrate(connection, self._migrations)
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def close(self) -> None:
        """Let the file go; everything written is in it."""
        with self._in_use, translated(self._path):
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def write(self, tickets: Sequence[Ticket]) -> None:
        """Make all *tickets* durable in one transaction; those that cannot be kept get their `error`."""
        if not self._in_use.acquire(blocking=False):
            self._refuse(tickets, f"the disk that holds {self._path} does not answer; check its health")
            return
        try:
            self._write_group(tickets)
        finally:
            self._in_use.release()

    def _write_group(self, tickets: Sequence[Ticket]) -> None:
        try:
            with translated(self._path):
                self._transact(tickets)
        except StoreError as error:
            if len(tickets) == 1:
                tickets[0].error = error
                return
            # Something in the group was too much (for the disk, for a constraint): each stands for itself now.
            for ticket in tickets:
                self._write_group((ticket,))

    def _transact(self, tickets: Sequence[Ticket]) -> None:
        connection = self._connection
        if connection is None:
            self._refuse(tickets, f"{self._path} is closed; open it again")
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            for ticket in tickets:
                ticket.error = None if ticket.withdrawn else _write(connection, ticket)
            if all(ticket.withdrawn for ticket in tickets):
                connection.execute("ROLLBACK")
            else:
                connection.execute("COMMIT")
        except BaseException:
            # A full disk may have rolled it back already.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _refuse(self, tickets: Sequence[Ticket], problem: str) -> None:
        for ticket in tickets:
            ticket.error = StoreError(problem)


def _write(connection: sqlite3.Connection, ticket: Ticket) -> StoreError | VersionConflictError | None:
    """Write one entry; what is wrong with it itself is returned, before anything was written."""
    entry = ticket.entry
    if isinstance(entry, Trial):
        # A row that is taken back in the same transaction still sends its page to the disk.
        connection.execute(_ADD_EFFECT, (_TRIAL, _TRIAL, b""))
        connection.execute(_SETTLE, (_TRIAL,))
        return None
    if isinstance(entry, Settling):
        connection.execute(_SETTLE, (entry.effect_id,))
        return None
    if isinstance(entry, Erasing):
        ticket.erased = _erase(connection, entry)
        return None
    if isinstance(entry, Reporting):
        connection.execute(_KEEP_REPORT, (entry.call_id, entry.body, entry.next_at_ms))
        return None
    if touches_index(entry.events) or not _count_on(connection, entry):
        wrong = _write_indexed(connection, entry)
        if wrong is not None:
            return wrong
    for body in entry.bodies:
        ticket.sequence = connection.execute(_ADD_EVENT, (entry.call_id, body)).lastrowid or 0
    connection.executemany(_COUNT_TRANSFER, entry.transfers)
    if entry.effects:
        connection.executemany(_ADD_EFFECT, entry.effects)
    if entry.reasons:
        connection.execute(_ADD_RULINGS, (entry.call_id, entry.reasons))
    return None


def _erase(connection: sqlite3.Connection, entry: Erasing) -> tuple[CallId, ...]:
    rows = connection.execute(_ERASABLE, (entry.before_ms, entry.limit)).fetchall()
    numbers = [(number,) for number, _ in rows]
    # What was said in a call must not be found in the file's free pages: https://sqlite.org/pragma.html#pragma_secure_delete
    connection.execute("PRAGMA secure_delete = ON")
    for statement in _ERASE:
        connection.executemany(statement, numbers)
    connection.execute("PRAGMA secure_delete = OFF")
    return tuple(CallId(call_id) for _, call_id in rows)


def _count_on(connection: sqlite3.Connection, entry: Appending) -> bool:
    """Whether the call has the expected version, and now the next one: all that most events change of it."""
    values = (entry.version_after, entry.call_id, entry.expected_version)
    return connection.execute(_COUNT_ON, values).rowcount == 1


def _write_indexed(
    connection: sqlite3.Connection, entry: Appending
) -> StoreError | VersionConflictError | None:
    """Bring the call's place in the index up to date, unless the entry cannot be the call's next one."""
    row = connection.execute(_FIND, (entry.call_id,)).fetchone()
    version = row[0] if row else 0
    if version != entry.expected_version:
        return VersionConflictError(entry.call_id, entry.expected_version, version)
    try:
        after = indexed(_entry_of(row) if row else None, entry.call_id, entry.events)
    except StoreError as error:
        return error
    if after is not None:
        state = (entry.version_after, after.line, after.reached, after.floor, after.bridged)
        values = (*state, after.end_reason, after.word, after.started_at_ms, after.direction, entry.call_id)
        connection.execute(_KEEP_CALL, values)
    for event in entry.events:
        if isinstance(event, Ended):
            connection.execute(_OWE_REPORT, (entry.call_id, event.at_ms))
    names = [(name, entry.call_id) for name in carrier_ids_in(entry.events)]
    if names:
        connection.executemany(_NAME_CALL, names)
    return None


def _entry_of(row: tuple[int, int, str, str, str, str, int, str | None]) -> IndexEntry:
    _version, started_at_ms, direction, line, reached, floor, bridged, end_reason = row
    return IndexEntry(
        started_at_ms=started_at_ms,
        direction=Direction(direction),
        line=Line(line),
        reached=Line(reached),
        floor=Floor(floor),
        bridged=bool(bridged),
        end_reason=EndReason(end_reason) if end_reason else None,
    )

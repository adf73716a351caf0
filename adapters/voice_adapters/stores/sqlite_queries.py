"""What is asked of the file: plain functions over a connection, each by an index.

Events are taken row by row, never all at once: between two rows SQLite lets other threads run, so that a long
history that is read and folded in a worker thread does not hold up the sound of calls.
"""

import sqlite3
from typing import Final

from voice_adapters.stores.codec import decode_effect, decode_event, decode_rulings
from voice_domain.call import Call
from voice_domain.events import CallEvent
from voice_domain.evolve import BrokenHistoryError, fold
from voice_domain.identity import CallId
from voice_domain.ports.event_store import JournalRow, OutboxItem, Ruling, StoreError
from voice_domain.ports.report_book import DueReport

__all__ = (
    "dialled_since",
    "find",
    "journal",
    "load",
    "outstanding",
    "page",
    "report",
    "reports_due",
    "rulings",
    "unfinished",
)

_END_OF_TIME_MS: Final = 2**63 - 1
_LAST: Final = "SELECT sequence FROM events ORDER BY sequence DESC LIMIT 1 OFFSET ?"
_LAST_OF_CALL: Final = "SELECT sequence FROM events WHERE call = ? ORDER BY sequence DESC LIMIT 1 OFFSET ?"
_FOLLOWING: Final = (
    "SELECT sequence, call_id, body FROM events JOIN calls ON number = call"
    " WHERE sequence > ? ORDER BY sequence LIMIT ?"
)
_FOLLOWING_OF_CALL: Final = (
    "SELECT sequence, call_id, body FROM events JOIN calls ON number = call"
    " WHERE call = ? AND sequence > ? ORDER BY sequence LIMIT ?"
)


def load(connection: sqlite3.Connection, call_id: CallId) -> tuple[CallEvent, ...]:
    """Return all events of a call in order; empty for an unknown call."""
    rows = connection.execute(
        "SELECT body FROM events WHERE call = (SELECT number FROM calls WHERE call_id = ?) ORDER BY sequence",
        (call_id,),
    )
    return tuple(decode_event(body) for (body,) in rows)


def unfinished(connection: sqlite3.Connection) -> tuple[CallId, ...]:
    """Return the calls that have not ended, oldest first."""
    rows = connection.execute(
        "SELECT call_id FROM calls WHERE end_reason IS NULL ORDER BY started_at_ms, number"
    )
    return tuple(CallId(call_id) for (call_id,) in rows)


def outstanding(connection: sqlite3.Connection) -> tuple[OutboxItem, ...]:
    """Return the outbox items that were not settled, oldest first."""
    rows = connection.execute("SELECT effect_id, call_id, body FROM outbox ORDER BY position")
    return tuple(
        OutboxItem(effect_id, CallId(call_id), decode_effect(body)) for effect_id, call_id, body in rows
    )


def find(connection: sqlite3.Connection, key: str) -> Call | None:
    """Return the call with this id, ours or any of the carrier's; ours wins, then the newest call."""
    row = connection.execute(
        "SELECT number FROM calls WHERE call_id = :key"
        " UNION ALL SELECT * FROM"
        " (SELECT call FROM carrier_ids WHERE carrier_call_id = :key ORDER BY call DESC) LIMIT 1",
        {"key": key},
    ).fetchone()
    return _folded(connection, row[0]) if row else None


def page(
    connection: sqlite3.Connection, *, limit: int, before_ms: int | None, word: str | None
) -> tuple[Call, ...]:
    """Return at most *limit* calls, newest first."""
    before = _END_OF_TIME_MS if before_ms is None else before_ms
    if word is None:
        rows = connection.execute(
            "SELECT number FROM calls WHERE started_at_ms < ?"
            " ORDER BY started_at_ms DESC, number DESC LIMIT ?",
            (before, max(0, limit)),
        )
    else:
        rows = connection.execute(
            "SELECT number FROM calls WHERE word = ? AND started_at_ms < ?"
            " ORDER BY started_at_ms DESC, number DESC LIMIT ?",
            (word, before, max(0, limit)),
        )
    return tuple(_folded(connection, number) for (number,) in rows.fetchall())


def journal(
    connection: sqlite3.Connection, *, after: int, limit: int, call_id: CallId | None
) -> tuple[JournalRow, ...]:
    """Return at most *limit* events with a sequence above *after*, oldest first; of one call if given."""
    if call_id is None:
        last, following = _LAST, _FOLLOWING
        of_call: tuple[int, ...] = ()
    else:
        last, following = _LAST_OF_CALL, _FOLLOWING_OF_CALL
        of_call = connection.execute("SELECT number FROM calls WHERE call_id = ?", (call_id,)).fetchone() or (
            0,
        )
    if after < 0:
        first = connection.execute(last, (*of_call, -after - 1)).fetchone()
        after = first[0] - 1 if first else 0
    rows = connection.execute(following, (*of_call, after, max(0, limit)))
    return tuple(JournalRow(sequence, CallId(of), decode_event(body)) for sequence, of, body in rows)


def dialled_since(connection: sqlite3.Connection, at_ms: int) -> int:
    """Return how many outbound calls began, and how many transfers, at or after *at_ms*."""
    calls, transfers = connection.execute(
        "SELECT (SELECT count(*) FROM calls WHERE direction = 'outbound' AND started_at_ms >= ?1),"
        " (SELECT count(*) FROM transfers WHERE at_ms >= ?1)",
        (at_ms,),
    ).fetchone()
    return int(calls) + int(transfers)


def rulings(connection: sqlite3.Connection, call_id: CallId) -> tuple[Ruling, ...]:
    """Return why the call's events were kept, in order; empty for an unknown call."""
    rows = connection.execute(
        "SELECT body FROM rulings WHERE call = (SELECT number FROM calls WHERE call_id = ?) ORDER BY position",
        (call_id,),
    )
    return tuple(ruling for (body,) in rows for ruling in decode_rulings(body))


def reports_due(connection: sqlite3.Connection, *, now_ms: int, limit: int) -> tuple[DueReport, ...]:
    """Return at most *limit* reports that are due, the longest due first."""
    rows = connection.execute(
        "SELECT call_id, attempts, body FROM reports JOIN calls ON number = call"
        " WHERE next_at_ms IS NOT NULL AND next_at_ms <= ? ORDER BY next_at_ms LIMIT ?",
        (now_ms, limit),
    )
    return tuple(DueReport(CallId(call_id), attempts, body) for call_id, attempts, body in rows)


def report(connection: sqlite3.Connection, call_id: CallId) -> str | None:
    """Return the report of a call as it was written; None if it was not."""
    row = connection.execute(
        "SELECT body FROM reports WHERE call = (SELECT number FROM calls WHERE call_id = ?)", (call_id,)
    ).fetchone()
    return row[0] if row else None


def _folded(connection: sqlite3.Connection, number: int) -> Call:
    rows = connection.execute("SELECT body FROM events WHERE call = ? ORDER BY sequence", (number,))
    try:
        return fold(decode_event(body) for (body,) in rows)
    except BrokenHistoryError as error:
        raise StoreError(f"call number {number} cannot be read: {error}") from error

"""How fast events become durable: fifty calls that write at once, each event waiting for the disk."""

import os
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import anyio
import anyio.to_thread
import attrs

from voice_adapters.stores.codec import encode_event
from voice_adapters.stores.sqlite import SqliteStore
from voice_domain.e164 import PhoneNumber
from voice_domain.events import Opened, UtteranceHeard
from voice_domain.identity import CallId
from voice_domain.mode_rules import Mode
from voice_domain.ports.event_store import EventStore
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction

__all__ = ("measure",)

_PRODUCERS: Final = 50
_APPENDS: Final = 300
_ROUNDS: Final = 3
_COMMITS: Final = 300
_HEARD: Final = UtteranceHeard(
    1_800_000_000_000, "We are open from nine to five, and on Saturdays until noon.", 0.93
)


@attrs.frozen
class _Round:
    events_per_second: float
    waits_ms: list[float]
    """How long each append took, sorted."""


async def measure() -> dict[str, Any]:
    """Return the best of several rounds, beside what the disk and SQLite do without us.

    The file is made in the folder for temporary files; `TMPDIR` names another disk.
    """
    with tempfile.TemporaryDirectory() as folder:
        sync_ms = await anyio.to_thread.run_sync(_sync_ms, Path(folder) / "sync")
        alone = await anyio.to_thread.run_sync(_commits_per_second, Path(folder) / "alone.sqlite3")
        async with SqliteStore(Path(folder) / "calls.sqlite3") as store:
            rounds = [await _round(store, number) for number in range(_ROUNDS)]
    best = max(rounds, key=lambda each: each.events_per_second)
    p99_ms = best.waits_ms[int(len(best.waits_ms) * 0.99)]
    rate = _row(f"durable events, {_PRODUCERS} producers", best.events_per_second, "/s")
    return {
        "rows": [
            rate | {"aim": 30_000.0, "better": "more"},
            _row("append, p50", statistics.median(best.waits_ms), "ms"),
            _row("append, p99", p99_ms, "ms"),
            _row("SQLite alone, one commit an event", alone, "/s"),
            _row("times as many as SQLite alone", best.events_per_second / alone, "×"),
            _row("the disk's own sync (fdatasync of 4 KiB)", sync_ms, "ms"),
        ],
        "rounds": [round(each.events_per_second) for each in rounds],
    }


def _row(what: str, value: float, unit: str) -> dict[str, Any]:
    return {"what": what, "value": round(value, 2), "unit": unit}


async def _round(store: EventStore, number: int) -> _Round:
    waits_ms: list[float] = []
    calls = [CallId(f"bench-{number}-{producer}") for producer in range(_PRODUCERS)]
    for call_id in calls:
        await store.append(call_id, (_opened(call_id),), expected_version=0)
    began = time.perf_counter()
    async with anyio.create_task_group() as tasks:
        for call_id in calls:
            tasks.start_soon(_produce, store, call_id, waits_ms)
    return _Round(len(waits_ms) / (time.perf_counter() - began), sorted(waits_ms))


async def _produce(store: EventStore, call_id: CallId, waits_ms: list[float]) -> None:
    for version in range(1, _APPENDS + 1):
        began = time.perf_counter()
        await store.append(call_id, (_HEARD,), expected_version=version)
        waits_ms.append((time.perf_counter() - began) * 1_000)


def _opened(call_id: CallId) -> Opened:
    return Opened(
        at_ms=1_800_000_000_000,
        call_id=call_id,
        carrier="mock",
        direction=Direction.OUTBOUND,
        caller=PhoneNumber("+15550001234"),
        callee=PhoneNumber("+15550005678"),
        mode=Mode.CONVERSATION,
        locale="en-US",
        terms=CallTerms(),
    )


def _commits_per_second(path: Path) -> float:
    """Return how many events SQLite makes durable by one commit each, as a store without groups would."""
    body = encode_event(_HEARD)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE events (sequence INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB)")
        began = time.perf_counter()
        for _ in range(_COMMITS):
            connection.execute("INSERT INTO events (body) VALUES (?)", (body,))
        return _COMMITS / (time.perf_counter() - began)


def _sync_ms(path: Path) -> float:
    """Return how long the disk takes to make one block durable: the floor of every commit."""
    # Not everywhere is there a sync of the data alone.
    sync = getattr(os, "fdatasync", os.fsync)
    took = []
    with path.open("wb", buffering=0) as file:
        for _ in range(_COMMITS):
            file.write(b"\0" * 4_096)
            began = time.perf_counter()
            sync(file.fileno())
            took.append((time.perf_counter() - began) * 1_000)
    return statistics.median(took)

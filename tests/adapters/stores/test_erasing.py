"""Calls that are older than anybody wants to keep them."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from voice_adapters.clock import SystemClock
from voice_adapters.runtime.retention import Retention
from voice_adapters.stores.sqlite import SqliteStore
from voice_adapters.stores.sqlite_file import connect
from voice_adapters.stores.sqlite_readers import Readers
from voice_contracts.conformance.sample_values import opened
from voice_domain.e164 import PhoneNumber
from voice_domain.events import Dialled, Ended, Transferred, UtteranceHeard
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.event_store import Ruling
from voice_domain.vocabulary import EndReason
from voice_entrypoints.embed import open_voicecall

pytestmark = [pytest.mark.anyio, pytest.mark.real_time]

DAY_MS = 86_400_000


async def _keep(store: SqliteStore, name: str, at_ms: int, *, over: bool = True) -> None:
    events = (
        opened(CallId(name), at_ms=at_ms),
        Dialled(at_ms, CarrierCallId(f"leg-{name}")),
        UtteranceHeard(at_ms, "a secret that was told"),
        Transferred(at_ms, PhoneNumber("+12025550199")),
        *((Ended(at_ms, EndReason.HANGUP_USER),) if over else ()),
    )
    await store.append(CallId(name), events, expected_version=0, rulings=(Ruling(0, at_ms, None, 1, ()),))


async def test_only_calls_that_are_over_and_old_are_erased_the_oldest_first(tmp_path: Path) -> None:
    async with SqliteStore(tmp_path / "calls.sqlite3") as store:
        await _keep(store, "third", 3_000)
        await _keep(store, "first", 1_000)
        await _keep(store, "second", 2_000)
        await _keep(store, "live", 500, over=False)
        erased = [await store.erase(before_ms=3_000, limit=1) for _ in range(3)]

        assert erased == [("first",), ("second",), ()]
        assert [call.call_id for call in await store.page(limit=9)] == ["third", "live"]
        assert await store.find("leg-first") is None
        assert await store.load(CallId("first")) == ()
        assert await store.rulings(CallId("first")) == ()
        assert await store.dialled_since(0) == 4  # the two calls that are left, and their transfers


async def test_a_call_that_is_erased_while_it_is_read_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite3"

    def looks(connection: sqlite3.Connection) -> tuple[int, int]:
        before = connection.execute("SELECT count(*) FROM calls").fetchone()
        with closing(connect(path)) as another:
            another.executescript("PRAGMA foreign_keys = OFF; DELETE FROM events; DELETE FROM calls;")
        return before[0], connection.execute("SELECT count(*) FROM events").fetchone()[0]

    async with SqliteStore(path) as store:
        await _keep(store, "old", 1_000)
        readers = Readers(path, deadline_seconds=20)
        calls, events = await readers.read(looks)
        after = await readers.read(lambda connection: connection.execute("SELECT * FROM events").fetchall())
        await anyio.to_thread.run_sync(readers.close)

    assert (calls, events, after) == (1, 5, [])


async def test_what_was_said_is_not_left_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite3"
    async with SqliteStore(path) as store:
        await _keep(store, "first", 1_000)
    async with SqliteStore(path) as store:
        assert b"a secret that was told" in path.read_bytes()
        await store.erase(before_ms=2_000, limit=9)

    assert b"a secret that was told" not in path.read_bytes()


async def test_recordings_are_removed_by_their_age(tmp_path: Path) -> None:
    clock, recordings = SystemClock(), tmp_path / "recordings"
    recordings.mkdir()
    for name, days in (("old", 8), ("new", 6)):
        (recordings / f"{name}.wav").write_bytes(b"RIFF")
        seconds = (clock.now_ms() - days * DAY_MS) / 1000
        os.utime(recordings / f"{name}.wav", (seconds, seconds))
    async with SqliteStore(tmp_path / "calls.sqlite3") as store:
        for number in range(3):
            await _keep(store, f"call-{number}", clock.now_ms() - 8 * DAY_MS)
        retention = Retention(store=store, clock=clock, days=7, recordings=recordings)

        assert await retention.once() == 3
        assert await retention.once() == 0
    assert [each.name for each in recordings.iterdir()] == ["new.wav"]


async def test_a_telephone_erases_what_its_settings_say(tmp_path: Path) -> None:
    path = tmp_path / "voice-calls" / "calls.sqlite3"
    async with SqliteStore(path) as store:
        await _keep(store, "old", SystemClock().now_ms() - 2 * DAY_MS)
    async with open_voicecall({"retention": {"days": 1}}, home=tmp_path) as phone:
        with anyio.fail_after(60):
            while await phone.status("old") is not None:
                await anyio.lowlevel.checkpoint()

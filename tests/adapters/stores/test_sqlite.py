import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from voice_adapters.stores import sqlite_queries as queries
from voice_adapters.stores.sqlite import SqliteStore
from voice_contracts.conformance.sample_values import opened
from voice_domain.events import CallEvent, Ended, PartialHeard, Rang, UtteranceHeard
from voice_domain.identity import CallId
from voice_domain.ports.event_store import StoreError
from voice_domain.vocabulary import EndReason

pytestmark = [pytest.mark.anyio, pytest.mark.real_time]

CALL = CallId("call-1")
OTHER = CallId("call-2")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "calls.sqlite3"


@pytest.fixture
def readable_file(tmp_path: Path) -> Path:
    file = tmp_path / "readable.sqlite3"
    file.touch(0o644)
    return file


def long_history(call_id: CallId, length: int) -> tuple[CallEvent, ...]:
    return (opened(call_id), *(PartialHeard(n, f"word {n}") for n in range(length)))


def modes_in(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


async def test_the_file_and_its_companions_are_for_their_owner_only(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store.append(CALL, (opened(CALL),), expected_version=0)
        modes = modes_in(path.parent)

    assert modes == {"calls.sqlite3": 0o600, "calls.sqlite3-wal": 0o600, "calls.sqlite3-shm": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


async def test_a_file_that_others_may_read_is_closed_to_them(readable_file: Path) -> None:
    async with SqliteStore(readable_file):
        assert modes_in(readable_file.parent)[readable_file.name] == 0o600


async def test_after_closing_everything_is_in_one_file(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store.append(CALL, (opened(CALL),), expected_version=0)
        assert await store.load(CALL) == (opened(CALL),)

    assert [file.name for file in path.parent.iterdir()] == ["calls.sqlite3"]


async def test_closing_writes_what_still_waits(path: Path) -> None:
    calls = [CallId(f"call-{number}") for number in range(30)]

    async with anyio.create_task_group() as tasks, SqliteStore(path) as store:
        for call_id in calls:
            tasks.start_soon(partial(store.append, call_id, (opened(call_id),), expected_version=0))
        await anyio.lowlevel.checkpoint()
        await anyio.lowlevel.checkpoint()

    async with SqliteStore(path) as store:
        assert set(await store.unfinished()) == set(calls)


async def test_what_ends_a_call_is_kept_even_while_everything_is_cancelled(path: Path) -> None:
    async def work(store: SqliteStore) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await store.append(CALL, (Ended(2_000, EndReason.HANGUP_BOT),), expected_version=1)

    with anyio.CancelScope() as scope:
        async with SqliteStore(path) as store, anyio.create_task_group() as tasks:
            await store.append(CALL, (opened(CALL),), expected_version=0)
            tasks.start_soon(work, store)
            await anyio.lowlevel.checkpoint()
            scope.cancel()

    async with SqliteStore(path) as store:
        assert await store.load(CALL) == (opened(CALL), Ended(2_000, EndReason.HANGUP_BOT))


async def test_an_error_of_the_host_passes_as_it_is(path: Path) -> None:
    async def fail() -> None:
        async with SqliteStore(path) as store:
            await store.append(CALL, (opened(CALL),), expected_version=0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    async with SqliteStore(path) as store:
        assert await store.unfinished() == (CALL,)


async def test_a_store_that_is_not_open_says_so(path: Path) -> None:
    store = SqliteStore(path)
    with pytest.raises(StoreError, match="is not open; enter the store"):
        await store.append(CALL, (opened(CALL),), expected_version=0)
    async with store:
        pass

    with pytest.raises(StoreError, match="is not open; enter the store"):
        await store.find(CALL)


async def test_a_store_is_opened_once_at_a_time_and_again_later(path: Path) -> None:
    store = SqliteStore(path)
    async with store:
        with pytest.raises(StoreError, match="is open already"):
            await store.__aenter__()

    async with store:
        assert await store.unfinished() == ()


async def test_commits_wait_for_the_disk_and_readers_cannot_write(path: Path) -> None:
    def pragmas(connection: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "query_only")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    async with SqliteStore(path) as store:
        assert store._opened is not None
        writer = store._opened.ledger._connection
        assert writer is not None

        # 2 is FULL: https://sqlite.org/pragma.html#pragma_synchronous
        assert pragmas(writer) == ["wal", 2, 0]
        assert await store._opened.readers.read(pragmas) == ["wal", 2, 1]


async def test_an_append_that_is_cancelled_while_it_waits_is_left_out(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store.append(CALL, (opened(CALL),), expected_version=0)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(partial(store.append, CALL, (Rang(1),), expected_version=1))
                await written_at(store)
                async with anyio.create_task_group() as cancelled:
                    cancelled.start_soon(partial(store.append, CALL, (Rang(2),), expected_version=2))
                    await anyio.lowlevel.checkpoint()
                    await anyio.lowlevel.checkpoint()
                    cancelled.cancel_scope.cancel()
                tasks.start_soon(partial(store.append, OTHER, (opened(OTHER),), expected_version=0))
                await anyio.lowlevel.checkpoint()
                await anyio.lowlevel.checkpoint()
                other.execute("ROLLBACK")
        await store.append(CALL, (Rang(3),), expected_version=2)

        assert await store.load(CALL) == (opened(CALL), Rang(1), Rang(3))


async def written_at(store: SqliteStore) -> None:
    """Return once the writer's thread is at work."""
    assert store._opened is not None
    with anyio.fail_after(60):
        while not store._opened.ledger._in_use.locked():
            await anyio.lowlevel.checkpoint()


async def test_one_bad_append_does_not_fail_those_that_are_written_with_it(path: Path) -> None:
    async def append(store: SqliteStore, call_id: CallId) -> None:
        first = opened(CALL if call_id == "call-7" else call_id)
        try:
            await store.append(call_id, (first,), expected_version=0)
        except StoreError:
            failed.append(call_id)

    failed: list[CallId] = []
    calls = [CallId(f"call-{number}") for number in range(20)]
    async with SqliteStore(path) as store:
        async with anyio.create_task_group() as tasks:
            for call_id in calls:
                tasks.start_soon(append, store, call_id)
        kept = await store.unfinished()

    assert failed == ["call-7"]
    assert set(kept) == set(calls) - {"call-7"}


async def test_a_reader_of_another_process_keeps_nobody_waiting(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store.append(CALL, (opened(CALL),), expected_version=0)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            before = reader.execute("SELECT count(*) FROM events").fetchone()
            for version in range(1, 50):
                await store.append(CALL, (Rang(version),), expected_version=version)
            seen_meanwhile = reader.execute("SELECT count(*) FROM events").fetchone()

        assert before == seen_meanwhile == (1,)
        assert len(await store.load(CALL)) == 50


async def test_a_writer_of_another_process_is_waited_for_while_readers_go_on(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store.append(CALL, (opened(CALL),), expected_version=0)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(partial(store.append, CALL, (Rang(1),), expected_version=1))
                for _ in range(20):
                    assert len(await store.load(CALL)) == 1
                other.execute("ROLLBACK")

        assert len(await store.load(CALL)) == 2


async def test_the_event_loop_turns_while_history_is_read(path: Path) -> None:
    turns = 0

    async def others(read_all: Callable[[], Awaitable[object]]) -> None:
        await read_all()
        tasks.cancel_scope.cancel()

    async with SqliteStore(path) as store:
        for number in range(20):
            call_id = CallId(f"call-{number}")
            await store.append(call_id, long_history(call_id, 300), expected_version=0)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(others, partial(store.page, limit=100))
            while True:
                turns += 1
                await anyio.lowlevel.checkpoint()
        calls = await store.page(limit=100)

    assert [call.version for call in calls] == [301] * 20
    assert turns > 10


async def test_a_cancelled_read_leaves_the_store_usable(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store.append(CALL, long_history(CALL, 2_000), expected_version=0)
        for patience in range(10):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(store.load, CALL)
                for _ in range(patience):
                    await anyio.lowlevel.checkpoint()
                tasks.cancel_scope.cancel()

        assert len(await store.load(CALL)) == 2_001
    assert [file.name for file in path.parent.iterdir()] == ["calls.sqlite3"]


async def test_every_question_is_answered_by_an_index(path: Path) -> None:
    questions: tuple[tuple[str, Callable[[sqlite3.Connection], object]], ...] = (
        ("live_calls", queries.unfinished),
        ("events_of_calls", partial(queries.load, call_id=CALL)),
        ("events_of_calls", partial(queries.find, key=CALL)),
        ("calls_by_start", partial(queries.page, limit=9, before_ms=None, word=None)),
        ("calls_by_word", partial(queries.page, limit=9, before_ms=9, word="busy")),
        ("INTEGER PRIMARY KEY (rowid>?)", partial(queries.journal, after=1, limit=9, call_id=None)),
        ("events_of_calls", partial(queries.journal, after=-9, limit=9, call_id=CALL)),
        ("outbound_calls", partial(queries.dialled_since, at_ms=9)),
        ("transfers_by_time", partial(queries.dialled_since, at_ms=9)),
    )
    async with SqliteStore(path) as store:
        await store.append(CALL, (opened(CALL), UtteranceHeard(1, "Yes?")), expected_version=0)

    with closing(sqlite3.connect(path)) as connection:
        for index, question in questions:
            plan = plan_of(connection, question)
            assert index in plan, plan
            assert "SCAN calls\n" not in plan
            assert "TEMP B-TREE" not in plan


def plan_of(connection: sqlite3.Connection, question: Callable[[sqlite3.Connection], object]) -> str:
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    question(connection)
    connection.set_trace_callback(None)
    steps = [step for each in statements for step in connection.execute(f"EXPLAIN QUERY PLAN {each}")]
    return "".join(f"{step[3]}\n" for step in steps)

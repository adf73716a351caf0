import os
import sqlite3
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from voice_adapters.stores.group_commit import GroupCommit
from voice_adapters.stores.sqlite import SqliteStore
from voice_adapters.stores.sqlite_ledger import Ledger, Settling, Ticket
from voice_contracts.conformance.sample_values import opened
from voice_domain.effects import Answer
from voice_domain.events import Rang, UtteranceHeard
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.event_store import OutboxItem, StoreError

pytestmark = [pytest.mark.anyio, pytest.mark.real_time]

CALL = CallId("call-1")
FULL_DISK = Path(__file__).parent / "full_disk.py"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "calls.sqlite3"


def overwrite(path: Path, offset: int, data: bytes) -> None:
    path.touch()
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def writer_of(store: SqliteStore) -> sqlite3.Connection:
    assert store._opened is not None
    connection = store._opened.ledger._connection
    assert connection is not None
    return connection


async def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    overwrite(path, 0, b"Dear diary, " * 1_000)

    with pytest.raises(StoreError, match="is no call store; move it away"):
        await SqliteStore(path).__aenter__()


async def test_a_file_with_a_damaged_head_is_refused(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store.append(CALL, (opened(CALL),), expected_version=0)
    overwrite(path, 100, b"\xff" * 3_000)

    with pytest.raises(StoreError, match="is damaged; restore a backup"):
        await SqliteStore(path).__aenter__()


async def test_a_file_with_a_damaged_page_is_reported_by_whoever_reads_it(path: Path) -> None:
    async with SqliteStore(path) as store:
        for number in range(50):
            call_id = CallId(f"call-{number}")
            await store.append(call_id, (opened(call_id),), expected_version=0)
    overwrite(path, 4_096, b"\xff" * 60_000)

    with pytest.raises(StoreError, match="is damaged; restore a backup"):
        async with SqliteStore(path) as store:
            await store.page(limit=50)


async def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="make its folder writable"):
        await SqliteStore(tmp_path).__aenter__()


async def test_an_entry_that_cannot_be_understood_is_told_apart_from_the_others(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store.append(CALL, (opened(CALL), Rang(2)), expected_version=0)
        await store.append(CallId("call-2"), (opened(CallId("call-2")),), expected_version=0)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("""UPDATE events SET body = '{"event":"yawned"}' WHERE sequence = 2""")

    async with SqliteStore(path) as store:
        with pytest.raises(StoreError, match="unknown event 'yawned'; a newer voicecall can read it"):
            await store.find(CALL)

        assert await store.find("call-2") is not None
        assert await store.unfinished() == (CALL, "call-2")


async def test_a_history_that_does_not_begin_is_a_store_error(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store.append(CALL, (opened(CALL), Rang(2)), expected_version=0)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM events WHERE sequence = 1")

    async with SqliteStore(path) as store:
        with pytest.raises(StoreError, match="call number 1 cannot be read"):
            await store.find(CALL)


async def test_a_full_disk_refuses_what_is_too_much_and_keeps_what_fits(path: Path) -> None:
    huge = UtteranceHeard(2, "x" * 1_000_000)
    refused: list[StoreError] = []

    async def append(store: SqliteStore, call_id: CallId, *more: UtteranceHeard) -> None:
        try:
            await store.append(call_id, (opened(call_id), *more), expected_version=0)
        except StoreError as error:
            refused.append(error)

    async with SqliteStore(path) as store:
        (pages,) = writer_of(store).execute("PRAGMA page_count").fetchone()
        writer_of(store).execute(f"PRAGMA max_page_count = {pages + 20}")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(append, store, CallId("call-0"))
            tasks.start_soon(append, store, CALL, huge)
            tasks.start_soon(append, store, CallId("call-2"))
        kept = await store.unfinished()
        writer_of(store).execute("PRAGMA max_page_count = 1000000")
        await store.append(CALL, (opened(CALL), huge), expected_version=0)
        later = await store.load(CALL)

    assert [str(error) for error in refused] == [
        f"The call store does not work: the disk that holds {path} is full; free some space"
    ]
    assert set(kept) == {"call-0", "call-2"}
    assert later == (opened(CALL), huge)


async def test_a_disk_that_takes_nothing_more_is_survived(path: Path) -> None:
    with anyio.fail_after(60):
        done = await anyio.run_process(
            [sys.executable, str(FULL_DISK), str(path)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    assert done.stderr == b""
    before, problem, still_there, after = done.stdout.decode().splitlines()
    assert (before, still_there) == ("1", "1")
    assert "check its space" in problem or "is full" in problem
    assert after == "2"


async def test_a_read_only_file_is_reported_until_it_can_be_written(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store.append(CALL, (opened(CALL),), expected_version=0)
        writer_of(store).execute("PRAGMA query_only = ON")
        with pytest.raises(StoreError, match="is read-only; make it and its folder writable"):
            await store.append(CALL, (Rang(2),), expected_version=1)
        with pytest.raises(StoreError, match="is read-only"):
            await store.settle("call-1:1:0")
        assert await store.load(CALL) == (opened(CALL),)
        with pytest.raises(StoreError, match="is read-only"):
            await store.check()
        writer_of(store).execute("PRAGMA query_only = OFF")

        await store.check()
        await store.append(CALL, (Rang(2),), expected_version=1)
        assert await store.load(CALL) == (opened(CALL), Rang(2))


async def test_a_check_reaches_the_disk_and_keeps_nothing(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store.append(CALL, (opened(CALL),), expected_version=0)
        log = path.with_name(path.name + "-wal")
        writer_of(store).execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = log.stat().st_size
        await store.check()
        after = log.stat().st_size
        outbox, calls = await store.outstanding(), await store.unfinished()

    assert before == 0
    assert after > 0
    assert (outbox, calls) == ((), (CALL,))


async def test_an_effect_that_is_in_the_outbox_already_is_refused_with_its_events(path: Path) -> None:
    item = OutboxItem("call-1:1:0", CALL, Answer(CarrierCallId("C1")))
    async with SqliteStore(path) as store:
        await store.append(CALL, (opened(CALL),), expected_version=0, outbox=(item,))
        with pytest.raises(StoreError, match="effect_id"):
            await store.append(CALL, (Rang(2),), expected_version=1, outbox=(item,))

        assert await store.load(CALL) == (opened(CALL),)
        assert await store.outstanding() == (item,)


async def test_a_time_that_no_file_can_hold_is_refused(path: Path) -> None:
    async with SqliteStore(path) as store:
        with pytest.raises(StoreError, match="too large"):
            await store.append(CALL, (opened(CALL, at_ms=2**70),), expected_version=0)

        assert await store.unfinished() == ()


class StuckLedger(Ledger):
    """A disk that answers only when the test lets it."""

    def __init__(self) -> None:
        super().__init__(Path("nowhere"))
        self.answers = threading.Event()
        self.withdrawn: list[bool] = []

    def _write_group(self, tickets: Sequence[Ticket]) -> None:
        self.answers.wait(20)
        self.withdrawn = [ticket.withdrawn for ticket in tickets]


async def test_a_disk_that_does_not_answer_is_given_up_and_tried_again() -> None:
    ledger = StuckLedger()
    writer = GroupCommit(ledger, deadline_seconds=0.05)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(writer.run)
        try:
            with pytest.raises(StoreError, match=r"did not answer for 0\.05 s"):
                await writer.submit(Settling("first"))
            with pytest.raises(StoreError, match=r"not answer.*; check its health"):
                await writer.submit(Settling("second"))
            ledger.answers.set()
            with anyio.fail_after(60):
                await answered(writer)
        finally:
            writer.close()

    assert ledger.withdrawn == [False]
    with pytest.raises(StoreError, match="is being closed"):
        await writer.submit(Settling("last"))


class FaultyLedger(Ledger):
    """A writer with a fault of its own."""

    def _write_group(self, tickets: Sequence[Ticket]) -> None:
        raise ZeroDivisionError


async def test_a_fault_of_the_writer_is_seen_and_leaves_nobody_waiting() -> None:
    writer = GroupCommit(FaultyLedger(Path("nowhere")), deadline_seconds=20)
    refused: list[StoreError] = []

    async def submit() -> None:
        with anyio.CancelScope(shield=True):
            try:
                await writer.submit(Settling("first"))
            except StoreError as error:
                refused.append(error)

    async def run() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(submit)
            tasks.start_soon(submit)
            tasks.start_soon(writer.run)

    with pytest.raises(ExceptionGroup) as faults:
        await run()

    assert [type(fault) for fault in faults.value.exceptions] == [ZeroDivisionError]
    assert [error.problem for error in refused] == ["its writer broke down; start the program again"] * 2


async def answered(writer: GroupCommit) -> None:
    while True:
        try:
            await writer.submit(Settling("third"))
        except StoreError:
            continue
        return

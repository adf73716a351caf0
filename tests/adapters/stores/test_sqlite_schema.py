import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from voice_adapters.stores.sqlite import SqliteStore
from voice_adapters.stores.sqlite_schema import MIGRATIONS, Migration
from voice_domain.effects import Answer, HangUp
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.event_store import OutboxItem, StoreError
from voice_domain.vocabulary import EndReason

pytestmark = [pytest.mark.anyio, pytest.mark.real_time]

NEWEST = MIGRATIONS[-1].version
NEXT = (
    *MIGRATIONS,
    Migration(
        NEWEST + 1, ("ALTER TABLE calls ADD COLUMN note TEXT", "UPDATE calls SET note = 'from version 1'")
    ),
)


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    path = tmp_path / "calls.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((Path(__file__).parent / "version_1.sql").read_text())
    return path


def asked(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


async def test_a_file_of_version_1_is_read_as_it_was_written(old_file: Path) -> None:
    async with SqliteStore(old_file) as store:
        ended, live = await store.find("CA1"), await store.find("CA2")

        assert ended is not None
        assert live is not None
        assert (ended.word, ended.transcript[0].text, ended.opened.notes) == (
            "completed",
            "Hello.",
            (("why", "test"),),
        )
        assert (live.word, live.opened.caller, live.terms.ring_ms) == ("answered", None, 30_000)
        assert await store.unfinished() == ("call-2",)
        assert [call.call_id for call in await store.page(limit=9)] == ["call-2", "call-1"]
        assert [row.sequence for row in await store.journal(after=-2, limit=9)] == [10, 11]
        assert await store.outstanding() == (
            OutboxItem("call-1:7:0", CallId("call-1"), HangUp(CarrierCallId("CA1"), EndReason.COMPLETED)),
            OutboxItem("call-2:1:0", CallId("call-2"), Answer(CarrierCallId("CA2"))),
        )


async def test_a_file_of_version_1_climbs_to_the_next(old_file: Path) -> None:
    async with SqliteStore(old_file, migrations=NEXT) as store:
        assert await store.unfinished() == ("call-2",)
        assert await store.rulings(CallId("call-1")) == ()
    async with SqliteStore(old_file, migrations=NEXT):
        pass

    assert asked(old_file, "SELECT note FROM calls") == [("from version 1",)] * 2
    assert asked(old_file, "SELECT version FROM schema_version") == [(NEWEST + 1,)]


async def test_a_new_file_is_made_by_all_steps(tmp_path: Path) -> None:
    async with SqliteStore(tmp_path / "calls.sqlite3", migrations=NEXT):
        pass

    assert asked(tmp_path / "calls.sqlite3", "SELECT version FROM schema_version") == [(NEWEST + 1,)]


async def test_the_tables_of_version_1_are_the_ones_in_the_script(old_file: Path, tmp_path: Path) -> None:
    async with SqliteStore(tmp_path / "new.sqlite3", migrations=MIGRATIONS[:1]):
        pass
    query = "SELECT name, type, replace(replace(sql, ' ', ''), char(10), '') FROM sqlite_master ORDER BY name"

    assert asked(tmp_path / "new.sqlite3", query) == asked(old_file, query)


async def test_steps_that_fail_leave_the_file_as_it_was(old_file: Path) -> None:
    broken = (*NEXT, Migration(NEWEST + 2, ("UPDATE calls SET version = 0", "CREATE TABLE calls (a)")))

    with pytest.raises(StoreError, match="table calls already exists"):
        await SqliteStore(old_file, migrations=broken).__aenter__()

    assert asked(old_file, "SELECT version FROM schema_version") == [(1,)]
    async with SqliteStore(old_file) as store:
        assert len(await store.load(CallId("call-1"))) == 9


async def test_a_file_of_a_newer_version_is_refused(old_file: Path) -> None:
    async with SqliteStore(old_file, migrations=NEXT):
        pass

    with pytest.raises(
        StoreError, match=rf"newer voicecall \({NEWEST + 1}, this one knows {NEWEST}\); upgrade voicecall"
    ):
        await SqliteStore(old_file).__aenter__()


async def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('a');")
    before = path.read_bytes()

    with pytest.raises(StoreError, match="another program's database; move it away"):
        await SqliteStore(path).__aenter__()

    assert path.read_bytes() == before

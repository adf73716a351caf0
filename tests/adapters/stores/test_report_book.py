"""The book of reports, in both stores."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from voice_adapters.stores.memory import MemoryStore
from voice_adapters.stores.sqlite import SqliteStore
from voice_contracts.conformance.sample_values import opened
from voice_domain.events import Ended
from voice_domain.identity import CallId
from voice_domain.ports.report_book import DueReport
from voice_domain.vocabulary import EndReason

pytestmark = [pytest.mark.anyio, pytest.mark.real_time]


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MemoryStore | SqliteStore]:
    if request.param == "memory":
        yield MemoryStore()
    else:
        async with SqliteStore(tmp_path / "calls.sqlite3") as sqlite:
            yield sqlite


async def _keep(store: MemoryStore | SqliteStore, name: str, *ended_at_ms: int) -> None:
    call_id = CallId(name)
    ends = tuple(Ended(at_ms, EndReason.HANGUP_USER) for at_ms in ended_at_ms)
    await store.append(call_id, (opened(call_id), *ends), expected_version=0)


async def test_a_call_is_due_from_its_end_on_the_longest_due_first(store: MemoryStore | SqliteStore) -> None:
    await _keep(store, "second", 3_000)
    await _keep(store, "first", 2_000)
    await _keep(store, "live")

    assert await store.reports_due(now_ms=1_999, limit=9) == ()
    assert await store.reports_due(now_ms=2_000, limit=9) == (DueReport(CallId("first"), 0, None),)
    assert [each.call_id for each in await store.reports_due(now_ms=9_000, limit=9)] == ["first", "second"]
    assert [each.call_id for each in await store.reports_due(now_ms=9_000, limit=1)] == ["first"]
    assert await store.report(CallId("first")) is None


async def test_a_report_is_kept_and_due_again_when_it_is_said(store: MemoryStore | SqliteStore) -> None:
    await _keep(store, "first", 2_000)
    await store.keep_report(CallId("first"), '{"a":"您好"}', next_at_ms=5_000)
    early = await store.reports_due(now_ms=4_999, limit=9)
    due = await store.reports_due(now_ms=5_000, limit=9)
    await store.keep_report(CallId("first"), '{"a":"您好"}', next_at_ms=None)

    assert early == ()
    assert due == (DueReport(CallId("first"), 1, '{"a":"您好"}'),)
    assert await store.reports_due(now_ms=2**60, limit=9) == ()
    assert await store.report(CallId("first")) == '{"a":"您好"}'


async def test_there_is_no_report_of_a_call_that_is_not_over_or_not_known(
    store: MemoryStore | SqliteStore,
) -> None:
    await _keep(store, "live")
    for name in ("live", "nobody"):
        await store.keep_report(CallId(name), "{}", next_at_ms=None)

        assert await store.report(CallId(name)) is None


async def test_a_report_is_erased_with_its_call(tmp_path: Path) -> None:
    async with SqliteStore(tmp_path / "calls.sqlite3") as store:
        await _keep(store, "first", 2_000)
        await store.keep_report(CallId("first"), '{"summary":"a secret"}', next_at_ms=None)
        await store.erase(before_ms=9_000, limit=9)

        assert await store.report(CallId("first")) is None

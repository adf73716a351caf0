from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path

import pytest

from voice_adapters.stores.blocking_sqlite import BlockingSqliteStore
from voice_adapters.stores.memory import MemoryStore
from voice_adapters.stores.sqlite import SqliteStore
from voice_contracts.conformance.call_history import CallHistoryConformance
from voice_contracts.conformance.event_store import EventStoreConformance
from voice_contracts.conformance.store_suite import ConformingStore


@pytest.mark.anyio
class TestMemoryStore(EventStoreConformance, CallHistoryConformance):
    @pytest.fixture(autouse=True)
    def _one_process(self) -> None:
        # A new start of a store without a file is a new look at the same one.
        self.kept = MemoryStore()

    def open_store(self) -> AbstractAsyncContextManager[ConformingStore]:
        return nullcontext(self.kept)


@pytest.mark.anyio
@pytest.mark.real_time
class TestSqliteStore(EventStoreConformance, CallHistoryConformance):
    @pytest.fixture(autouse=True)
    def _one_file(self, tmp_path: Path) -> None:
        self.path = tmp_path / "calls.sqlite3"

    def open_store(self) -> AbstractAsyncContextManager[ConformingStore]:
        return SqliteStore(self.path)


@pytest.mark.anyio
class TestBlockingSqliteStore(EventStoreConformance, CallHistoryConformance):
    @pytest.fixture(autouse=True)
    def _one_file(self, tmp_path: Path) -> None:
        self.path = tmp_path / "calls.sqlite3"

    def open_store(self) -> AbstractAsyncContextManager[ConformingStore]:
        return BlockingSqliteStore(self.path)

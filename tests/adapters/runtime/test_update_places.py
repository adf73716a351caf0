"""What subscribers are told has the same place as in the journal, so that nobody misses anything between the two."""

from pathlib import Path
from typing import Any

import anyio
import pytest
from support.telephone import World, answered, call_to, over

from voice_adapters.runtime.hub import CallUpdate
from voice_adapters.stores.memory import MemoryStore
from voice_adapters.stores.sqlite import SqliteStore
from voice_domain.events import CallEvent
from voice_domain.identity import CallId
from voice_domain.inputs import HangUpRequested
from voice_domain.vocabulary import EndReason


async def _played(store: Any) -> tuple[list[CallUpdate], Any]:
    """Let three calls live at once; return what was told, and what was kept."""
    told: list[CallUpdate] = []
    async with World(store=store).running() as world, world.calls.hub.subscribe() as updates:

        async def live() -> None:
            call = await world.calls.open(call_to(opening="Hi."))
            await answered(world, call)
            await world.calls.submit(call.call_id, HangUpRequested(EndReason.HANGUP_BOT))
            await over(world, call.call_id)

        async with anyio.create_task_group() as calls:
            for _ in range(3):
                calls.start_soon(live)
        kept = await store.journal(after=0, limit=1_000)
        while len(told) < len(kept):
            told.append(await anext(updates))
    return told, kept


def _told(updates: list[CallUpdate]) -> list[tuple[int, CallId, CallEvent]]:
    ordered = sorted(updates, key=lambda update: update.sequence)
    return [(each.sequence, each.call.call_id, each.event) for each in ordered]


@pytest.mark.anyio
async def test_updates_of_calls_in_memory_have_the_journals_places() -> None:
    told, kept = await _played(MemoryStore())

    assert _told(told) == [(row.sequence, row.call_id, row.event) for row in kept]


@pytest.mark.anyio
@pytest.mark.real_time
async def test_updates_of_calls_on_the_disk_have_the_journals_places(tmp_path: Path) -> None:
    async with SqliteStore(tmp_path / "calls.sqlite3") as store:
        told, kept = await _played(store)

    assert _told(told) == [(row.sequence, row.call_id, row.event) for row in kept]

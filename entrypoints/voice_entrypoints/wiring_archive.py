"""Calls on their way out of the store and into it; part of the container, so it may name concrete adapters."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, cast

from voice_adapters.stores.exported import ImportedCall, export_line, read_lines
from voice_contracts.settings import Settings
from voice_domain.ports.event_store import CallHistory, EventStore
from voice_entrypoints.container import Container

__all__ = ("Archive", "ImportedCall", "export_line", "open_store", "read_lines", "take_in")


class Archive(EventStore, CallHistory, Protocol):
    """A store that keeps and reads."""


@asynccontextmanager
async def open_store(settings: Settings, home: Path) -> AsyncIterator[Archive]:
    """Give the store of a state folder; it is made if there is none.

    Raises:
        StoreError: if it cannot be used.
    """
    store = Container(settings=settings, home=home).store()
    async with cast("Any", store):
        yield cast("Archive", store)


async def take_in(store: Archive, calls: Sequence[ImportedCall]) -> int:
    """Keep those of *calls* that the store does not have; return how many those were.

    Raises:
        StoreError: if one cannot be kept; those before it were.
    """
    added = 0
    for call in calls:
        if not await store.load(call.call_id):
            await store.append(call.call_id, call.events, expected_version=0, rulings=call.rulings)
            added += 1
    return added

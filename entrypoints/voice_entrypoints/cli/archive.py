"""The calls on the disk, read while no gateway runs, or beside one; nothing is made for reading."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import attrs

from voice_contracts.event_shapes import event_object
from voice_domain.call import Call
from voice_domain.events import CallEvent, Opened
from voice_domain.evolve import evolve, fold
from voice_domain.identity import CallId
from voice_domain.ports.event_store import CallHistory, JournalRow, Ruling
from voice_entrypoints.cli.surroundings import Surroundings

__all__ = ("EventReader", "has_archive", "open_archive")

_ALL = 100_000
"""More events than a call can have."""


@asynccontextmanager
async def open_archive(around: Surroundings) -> AsyncIterator[CallHistory]:
    """Give what was kept; without a store that is nothing.

    Raises:
        StoreError: if there is a store that cannot be read.
    """
    if not has_archive(around):
        yield _NothingKept()
        return
    from voice_entrypoints.container import Container

    store = Container(settings=around.settings, home=around.home).store()
    async with cast("Any", store):
        yield cast("CallHistory", store)


def has_archive(around: Surroundings) -> bool:
    """Whether anything was ever kept."""
    from voice_entrypoints.container import store_path  # all adapters hang on it: not for a page of help

    return store_path(around.settings, around.home).exists()


@attrs.define
class EventReader:
    """Reads events in order and shapes them as on the wire; knows each call as it was right after the event."""

    history: CallHistory
    sequence: int = 0
    """Up to where it has read."""
    _calls: dict[CallId, Call] = attrs.field(factory=dict, init=False)

    async def latest(self, count: int, *, call_id: CallId | None = None) -> list[dict[str, Any]]:
        """Return the last *count* events; of one call if given."""
        newest = await self.history.journal(after=-1, limit=1)
        rows = await self.history.journal(after=-count, limit=count, call_id=call_id) if count else ()
        self.sequence = max((row.sequence for row in (*newest, *rows)), default=0)
        return [await self._shaped(row) for row in rows]

    async def new(self, *, call_id: CallId | None = None) -> list[dict[str, Any]]:
        """Return what was kept since the last reading; at most a thousand events at a time."""
        rows = await self.history.journal(after=self.sequence, limit=1_000, call_id=call_id)
        self.sequence = max((row.sequence for row in rows), default=self.sequence)
        return [await self._shaped(row) for row in rows]

    async def _shaped(self, row: JournalRow) -> dict[str, Any]:
        return event_object(row.sequence, await self._call_after(row), row.event)

    async def _call_after(self, row: JournalRow) -> Call:
        known = self._calls.get(row.call_id)
        if known is not None and not isinstance(row.event, Opened):
            call = evolve(known, row.event)
        else:
            call = fold(await self._events_up_to(row))
        if call.is_over:
            self._calls.pop(row.call_id, None)
        else:
            self._calls[row.call_id] = call
        return call

    async def _events_up_to(self, row: JournalRow) -> Sequence[CallEvent]:
        rows = await self.history.journal(after=0, limit=_ALL, call_id=row.call_id)
        return [each.event for each in rows if each.sequence <= row.sequence]


class _NothingKept(CallHistory):
    """The history of somebody who has never placed a call."""

    async def find(self, key: str) -> Call | None:
        del key
        return None

    async def page(
        self, *, limit: int, before_ms: int | None = None, word: str | None = None
    ) -> tuple[Call, ...]:
        del limit, before_ms, word
        return ()

    async def journal(
        self, *, after: int, limit: int, call_id: CallId | None = None
    ) -> tuple[JournalRow, ...]:
        del after, limit, call_id
        return ()

    async def dialled_since(self, at_ms: int) -> int:
        del at_ms
        return 0

    async def rulings(self, call_id: CallId) -> tuple[Ruling, ...]:
        del call_id
        return ()

"""A store that forgets everything with its process: for tests, and for hosts that keep calls elsewhere."""

import bisect
import itertools
from collections.abc import Iterator

import anyio.lowlevel
import attrs

from voice_adapters.stores.index_entry import IndexEntry, carrier_ids_in, indexed
from voice_domain.call import Call
from voice_domain.events import CallEvent, Ended, Transferred
from voice_domain.evolve import fold
from voice_domain.identity import CallId
from voice_domain.ports.event_store import (
    CallHistory,
    EventStore,
    JournalRow,
    OutboxItem,
    Ruling,
    StoreError,
    VersionConflictError,
)
from voice_domain.ports.report_book import DueReport, ReportBook
from voice_domain.vocabulary import Direction

__all__ = ("MemoryStore",)


@attrs.define
class _Kept:
    """A call's history and its place in the index."""

    number: int
    entry: IndexEntry
    events: list[CallEvent]
    sequences: list[int]
    rulings: list[Ruling] = attrs.field(factory=list)


@attrs.frozen
class _Report:
    body: str | None
    attempts: int
    next_at_ms: int | None


class MemoryStore(EventStore, CallHistory, ReportBook):
    """Keeps calls and the outbox in this process; never forgets a call while it lives."""

    def __init__(self) -> None:
        self._calls: dict[CallId, _Kept] = {}
        self._live: dict[CallId, None] = {}
        self._by_carrier_id: dict[str, CallId] = {}
        self._journal: list[JournalRow] = []
        self._outbox: dict[str, OutboxItem] = {}
        self._reports: dict[CallId, _Report] = {}
        self._transfers: list[int] = []
        """When there were any, epoch milliseconds."""

    async def append(
        self,
        call_id: CallId,
        events: tuple[CallEvent, ...],
        *,
        expected_version: int,
        outbox: tuple[OutboxItem, ...] = (),
        rulings: tuple[Ruling, ...] = (),
    ) -> int:
        """Keep *events* and what goes with them; see the port."""
        await anyio.lowlevel.checkpoint()
        kept = self._calls.get(call_id)
        version = len(kept.events) if kept else 0
        if version != expected_version:
            raise VersionConflictError(call_id, expected_version, version)
        entry = indexed(kept.entry if kept else None, call_id, events)
        taken = [item.effect_id for item in outbox if item.effect_id in self._outbox]
        if taken:
            raise StoreError(
                f"the outbox holds an effect with the id {taken[0]!r} already; give each its own"
            )
        self._outbox.update({item.effect_id: item for item in outbox})
        if entry is not None:
            self._keep(call_id, entry, events)
            self._calls[call_id].rulings.extend(rulings)
        return len(self._journal) if events else 0

    def _keep(self, call_id: CallId, entry: IndexEntry, events: tuple[CallEvent, ...]) -> None:
        kept = self._calls.setdefault(call_id, _Kept(len(self._calls), entry, [], []))
        kept.entry = entry
        for event in events:
            row = JournalRow(len(self._journal) + 1, call_id, event)
            self._journal.append(row)
            kept.events.append(event)
            kept.sequences.append(row.sequence)
        for event in events:
            if isinstance(event, Transferred):
                self._transfers.append(event.at_ms)
            if isinstance(event, Ended):
                self._reports.setdefault(call_id, _Report(None, 0, event.at_ms))
        for carrier_call_id in carrier_ids_in(events):
            self._by_carrier_id[carrier_call_id] = call_id
        if entry.live:
            self._live[call_id] = None
        else:
            self._live.pop(call_id, None)

    async def settle(self, effect_id: str) -> None:
        """Forget an outbox item; see the port."""
        await anyio.lowlevel.checkpoint()
        self._outbox.pop(effect_id, None)

    async def load(self, call_id: CallId) -> tuple[CallEvent, ...]:
        """Return all events of a call in order; see the port."""
        await anyio.lowlevel.checkpoint()
        kept = self._calls.get(call_id)
        return tuple(kept.events) if kept else ()

    async def unfinished(self) -> tuple[CallId, ...]:
        """Return the calls that have not ended, oldest first."""
        await anyio.lowlevel.checkpoint()
        return tuple(sorted(self._live, key=self._age))

    async def outstanding(self) -> tuple[OutboxItem, ...]:
        """Return the outbox items that were not settled, oldest first."""
        await anyio.lowlevel.checkpoint()
        return tuple(self._outbox.values())

    async def find(self, key: str) -> Call | None:
        """Return the call with this id, ours or the carrier's; see the port."""
        await anyio.lowlevel.checkpoint()
        kept = self._calls.get(CallId(key)) or self._calls.get(self._by_carrier_id.get(key, CallId("")))
        return fold(kept.events) if kept else None

    async def page(
        self, *, limit: int, before_ms: int | None = None, word: str | None = None
    ) -> tuple[Call, ...]:
        """Return at most *limit* calls, newest first; see the port."""
        await anyio.lowlevel.checkpoint()
        found = itertools.islice(self._newest_first(before_ms, word), max(0, limit))
        return tuple(fold(kept.events) for kept in found)

    def _newest_first(self, before_ms: int | None, word: str | None) -> Iterator[_Kept]:
        for call_id in sorted(self._calls, key=self._age, reverse=True):
            kept = self._calls[call_id]
            early = before_ms is None or kept.entry.started_at_ms < before_ms
            if early and (word is None or kept.entry.word == word):
                yield kept

    def _age(self, call_id: CallId) -> tuple[int, int]:
        kept = self._calls[call_id]
        return kept.entry.started_at_ms, kept.number

    async def journal(
        self, *, after: int, limit: int, call_id: CallId | None = None
    ) -> tuple[JournalRow, ...]:
        """Return at most *limit* events with a sequence above *after*; see the port."""
        await anyio.lowlevel.checkpoint()
        if call_id is None:
            first = after if after >= 0 else max(0, len(self._journal) + after)
            return tuple(self._journal[first : first + max(0, limit)])
        kept = self._calls.get(call_id)
        sequences = kept.sequences if kept else []
        first = bisect.bisect_right(sequences, after) if after >= 0 else max(0, len(sequences) + after)
        return tuple(self._journal[sequence - 1] for sequence in sequences[first : first + max(0, limit)])

    async def dialled_since(self, at_ms: int) -> int:
        """Return how many outbound calls began, and how many transfers, at or after *at_ms*."""
        await anyio.lowlevel.checkpoint()
        entries = (kept.entry for kept in self._calls.values())
        calls = sum(e.direction is Direction.OUTBOUND and e.started_at_ms >= at_ms for e in entries)
        return calls + sum(transfer_ms >= at_ms for transfer_ms in self._transfers)

    async def rulings(self, call_id: CallId) -> tuple[Ruling, ...]:
        """Return why the call's events were kept, in order; see the port."""
        await anyio.lowlevel.checkpoint()
        kept = self._calls.get(call_id)
        return tuple(kept.rulings) if kept else ()

    async def reports_due(self, *, now_ms: int, limit: int) -> tuple[DueReport, ...]:
        """Return the reports that are due; see the port."""
        await anyio.lowlevel.checkpoint()
        due = [
            (kept.next_at_ms, call_id, kept)
            for call_id, kept in self._reports.items()
            if kept.next_at_ms is not None and kept.next_at_ms <= now_ms
        ]
        due.sort(key=lambda each: each[0])
        return tuple(DueReport(call_id, kept.attempts, kept.body) for _, call_id, kept in due[:limit])

    async def keep_report(self, call_id: CallId, body: str | None, *, next_at_ms: int | None) -> None:
        """Keep the report of a call; see the port."""
        await anyio.lowlevel.checkpoint()
        known = self._reports.get(call_id)
        if known is not None:
            self._reports[call_id] = _Report(body, known.attempts + 1, next_at_ms)

    async def report(self, call_id: CallId) -> str | None:
        """Return the report of a call; see the port."""
        await anyio.lowlevel.checkpoint()
        known = self._reports.get(call_id)
        return None if known is None else known.body

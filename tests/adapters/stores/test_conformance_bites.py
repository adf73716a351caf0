"""The suite against stores that are each broken in one way."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

import anyio
import anyio.lowlevel
import attrs
import pytest

from voice_adapters.stores.index_entry import indexed
from voice_adapters.stores.memory import MemoryStore
from voice_contracts.conformance.call_history import CallHistoryConformance
from voice_contracts.conformance.event_store import EventStoreConformance
from voice_contracts.conformance.promise import BrokenPromiseError
from voice_contracts.conformance.store_suite import ConformingStore
from voice_domain.call import Call
from voice_domain.events import CallEvent
from voice_domain.identity import CallId
from voice_domain.ports.event_store import JournalRow, OutboxItem, VersionConflictError
from voice_domain.vocabulary import Direction


class Suite(EventStoreConformance, CallHistoryConformance):
    deadline_seconds = 5.0

    def __init__(self, store: MemoryStore) -> None:
        self.kept = store

    def open_store(self) -> AbstractAsyncContextManager[ConformingStore]:
        return nullcontext(self.kept)


class ForgetfulSuite(Suite):
    def open_store(self) -> AbstractAsyncContextManager[ConformingStore]:
        return nullcontext(MemoryStore())


class IgnoresVersions(MemoryStore):
    async def append(self, call_id: CallId, events: tuple[CallEvent, ...], **rest: Any) -> int:
        rest["expected_version"] = len(await self.load(call_id))
        return await super().append(call_id, events, **rest)


class ChecksVersionsTooEarly(MemoryStore):
    async def append(self, call_id: CallId, events: tuple[CallEvent, ...], **rest: Any) -> int:
        found = len(await self.load(call_id))
        if found != rest["expected_version"]:
            raise VersionConflictError(call_id, rest["expected_version"], found)
        try:
            return await super().append(call_id, events, **rest)
        except VersionConflictError as error:
            return await self.append(call_id, events, **{**rest, "expected_version": error.found})


class KeepsTheOutboxOfConflicts(MemoryStore):
    async def append(self, call_id: CallId, events: tuple[CallEvent, ...], **rest: Any) -> int:
        items: tuple[OutboxItem, ...] = rest.pop("outbox", ())
        self._outbox.update({item.effect_id: item for item in items})
        return await super().append(call_id, events, **rest)


class ReordersEvents(MemoryStore):
    async def load(self, call_id: CallId) -> tuple[CallEvent, ...]:
        return tuple(sorted(await super().load(call_id), key=lambda event: type(event).__name__))


class MixesCalls(MemoryStore):
    async def load(self, call_id: CallId) -> tuple[CallEvent, ...]:
        return tuple(row.event for row in self._journal) if call_id in self._calls else ()


class LosesSources(MemoryStore):
    async def append(self, call_id: CallId, events: tuple[CallEvent, ...], **rest: Any) -> int:
        bare = tuple(attrs.evolve(event, source="") for event in events)
        return await super().append(call_id, bare, **rest)


class TearsAppends(MemoryStore):
    async def append(self, call_id: CallId, events: tuple[CallEvent, ...], **rest: Any) -> int:
        version = rest.pop("expected_version")
        for number, event in enumerate(events):
            await super().append(call_id, (event,), expected_version=version + number, **rest)
            rest.pop("outbox", None)
        return len(self._journal)


class NeverYields(MemoryStore):
    async def append(self, call_id: CallId, events: tuple[CallEvent, ...], **rest: Any) -> int:
        kept = self._calls.get(call_id)
        entry = indexed(kept.entry if kept else None, call_id, events)
        if entry is not None:
            self._keep(call_id, entry, events)
        return len(self._journal)


class NeverReturns(MemoryStore):
    async def append(self, call_id: CallId, events: tuple[CallEvent, ...], **rest: Any) -> int:
        await anyio.sleep_forever()
        raise AssertionError("nobody wakes it")


class NeverSettles(MemoryStore):
    async def settle(self, effect_id: str) -> None:
        await anyio.lowlevel.checkpoint()


class SettlesEverything(MemoryStore):
    async def settle(self, effect_id: str) -> None:
        self._outbox.clear()


class RefusesUnknownEffects(MemoryStore):
    async def settle(self, effect_id: str) -> None:
        if effect_id not in self._outbox:
            raise VersionConflictError(CallId(effect_id), 1, 0)
        await super().settle(effect_id)


class ForgetsOldEffects(MemoryStore):
    async def outstanding(self) -> tuple[OutboxItem, ...]:
        return (await super().outstanding())[-3:]


class RecoversEndedCalls(MemoryStore):
    async def unfinished(self) -> tuple[CallId, ...]:
        return tuple(self._calls)


class ShowsNothing(MemoryStore):
    async def page(self, **_conditions: Any) -> tuple[Call, ...]:
        return ()


class ShowsTheOldestFirst(MemoryStore):
    async def page(self, *, limit: int, **conditions: Any) -> tuple[Call, ...]:
        return (await super().page(limit=1_000, **conditions))[::-1][:limit]


class IgnoresWords(MemoryStore):
    async def page(self, *, word: str | None = None, **conditions: Any) -> tuple[Call, ...]:
        return await super().page(**conditions)


class IgnoresTheTime(MemoryStore):
    async def page(self, *, before_ms: int | None = None, **conditions: Any) -> tuple[Call, ...]:
        return await super().page(**conditions)


class KnowsTheLatestCarrierIdOnly(MemoryStore):
    async def find(self, key: str) -> Call | None:
        call = await super().find(key)
        return call if call is not None and key in (call.call_id, call.carrier_call_id) else None


class FindsAnything(MemoryStore):
    async def find(self, key: str) -> Call | None:
        return await super().find(key) or next(iter(await super().page(limit=1)), None)


class CountsSequencesByCall(MemoryStore):
    async def journal(
        self, *, after: int, limit: int, call_id: CallId | None = None
    ) -> tuple[JournalRow, ...]:
        rows = await super().journal(after=after, limit=limit, call_id=call_id)
        counts: dict[CallId, int] = {}
        for row in rows:
            counts[row.call_id] = counts.get(row.call_id, 0) + 1
        return tuple(attrs.evolve(row, sequence=counts[row.call_id]) for row in rows)


class TellsNoPlace(MemoryStore):
    async def append(self, call_id: CallId, events: tuple[CallEvent, ...], **rest: Any) -> int:
        await super().append(call_id, events, **rest)
        return 0


class CannotCountBack(MemoryStore):
    async def journal(
        self, *, after: int, limit: int, call_id: CallId | None = None
    ) -> tuple[JournalRow, ...]:
        return await super().journal(after=max(0, after), limit=limit, call_id=call_id)


class TellsEverybodysEvents(MemoryStore):
    async def journal(
        self, *, after: int, limit: int, call_id: CallId | None = None
    ) -> tuple[JournalRow, ...]:
        return await super().journal(after=after, limit=limit)


class CountsLiveDialsOnly(MemoryStore):
    async def dialled_since(self, at_ms: int) -> int:
        return sum(kept.entry.live and kept.entry.started_at_ms >= at_ms for kept in self._calls.values())


class CountsCallsOnly(MemoryStore):
    async def dialled_since(self, at_ms: int) -> int:
        return sum(
            kept.entry.direction is Direction.OUTBOUND and kept.entry.started_at_ms >= at_ms
            for kept in self._calls.values()
        )


async def broken_promises(make_suite: Callable[[], Suite]) -> list[str]:
    checks = sorted(name for name in dir(Suite) if name.startswith("test_"))
    broken = []
    for name in checks:
        try:
            await getattr(make_suite(), name)()
        except BrokenPromiseError as error:
            broken.append(error.sentence)
        except ExceptionGroup as errors:
            broken.extend(repr(error) for error in errors.exceptions)
    return broken


@pytest.mark.anyio
async def test_a_sound_store_breaks_nothing() -> None:
    assert await broken_promises(lambda: Suite(MemoryStore())) == []


@pytest.mark.anyio
async def test_a_store_that_forgets_is_told_that_nothing_survives() -> None:
    broken = await broken_promises(lambda: ForgetfulSuite(MemoryStore()))

    assert "Events that were appended survive a new start." in broken
    assert "Outbox items that were not settled survive a new start." in broken
    assert len([sentence for sentence in broken if "new start" in sentence]) >= 4


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("store", "sentence"),
    [
        (IgnoresVersions, "`append` raises VersionConflictError, with both numbers, unless"),
        (
            ChecksVersionsTooEarly,
            "Of several appends at once for the same version of a call, exactly one is kept.",
        ),
        (KeepsTheOutboxOfConflicts, "An append that is refused keeps nothing, neither events nor outbox."),
        (ReordersEvents, "`load` returns exactly the events of the call, in the order in which they were"),
        (MixesCalls, "Calls that are written at once keep their own events."),
        (LosesSources, "Every kind of event comes back with all its fields as they were."),
        (TearsAppends, "The events of one append are seen together or not at all."),
        (TearsAppends, "A cancelled append is kept whole or not at all."),
        (NeverYields, "Other tasks run while `append` writes."),
        (NeverReturns, "Every operation returns, or fails, within its deadline."),
        (NeverSettles, "`settle` removes this item of the outbox and no other."),
        (SettlesEverything, "`settle` removes this item of the outbox and no other."),
        (RefusesUnknownEffects, "`settle` accepts an id that it does not know."),
        (
            ForgetsOldEffects,
            "`outstanding` returns every item that was not settled, as it was, oldest first.",
        ),
        (
            RecoversEndedCalls,
            "`unfinished` returns the calls that have not ended, and only those, oldest first.",
        ),
        (ShowsNothing, "`page` returns calls newest first."),
        (ShowsTheOldestFirst, "`page` returns calls newest first."),
        (IgnoresWords, "`page` with a word returns exactly the calls whose state has this word."),
        (IgnoresTheTime, "`page` returns only calls that began before the given time."),
        (KnowsTheLatestCarrierIdOnly, "`find` knows a call by every id that the carrier has given it"),
        (FindsAnything, "`find` returns None for an id that nobody has."),
        (CountsSequencesByCall, "Sequences grow, from one on, and none is used twice."),
        (
            TellsNoPlace,
            "`append` returns the sequence of its last event, and those before it follow each other.",
        ),
        (CannotCountBack, "`journal` with a negative start begins that many events before the end."),
        (
            TellsEverybodysEvents,
            "`journal` of one call tells its events and no others, with their sequences.",
        ),
        (CountsLiveDialsOnly, "`dialled_since` counts the outbound calls that began at or after a time"),
        (CountsCallsOnly, "`dialled_since` counts transfers too"),
    ],
)
async def test_a_broken_store_is_told_which_promise_it_broke(store: type[MemoryStore], sentence: str) -> None:
    broken = await broken_promises(lambda: Suite(store()))

    assert [each for each in broken if each.startswith(sentence)], broken

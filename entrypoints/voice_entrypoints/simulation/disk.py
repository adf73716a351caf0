"""The disk that the gateway keeps its calls on: it takes its time, is full at times, and outlives the process."""

from types import TracebackType
from typing import Final, Protocol, Self

import anyio
import attrs

from voice_domain.call import Call
from voice_domain.events import CallEvent, Opened
from voice_domain.identity import CallId
from voice_domain.ports.event_store import CallHistory, EventStore, JournalRow, OutboxItem, Ruling, StoreError
from voice_domain.vocabulary import Direction
from voice_entrypoints.simulation.delays import Delays
from voice_entrypoints.simulation.life import Life
from voice_entrypoints.simulation.trace import Trace

__all__ = ("Disk", "DiskStore", "FillableStore")

_COMMITS_MS: Final = (0, 1, 1, 4, 12)
_SLOW_SECONDS: Final = 0.5


class FillableStore(EventStore, CallHistory, Protocol):
    """A store on a disk that can be full."""

    async def __aenter__(self) -> Self:
        """Open the file."""

    async def check(self) -> None:
        """Write without keeping anything."""

    def fill(self, *, full: bool) -> None:
        """Let there be no room left on the disk, or enough of it."""

    def close(self) -> None:
        """Let the file go, as the end of the process does."""


@attrs.define
class Disk:
    """The state of the disk, whoever writes to it."""

    delays: Delays
    """How long it takes when it is not slow."""
    full: int = 0
    """How many faults fill it."""
    slow: int = 0
    """How many make it slow."""
    _phones: dict[str, str] = attrs.field(factory=dict)

    def seconds(self, call_id: str) -> float:
        """Return how long the next commit of a call takes, one way."""
        if self.slow:
            return _SLOW_SECONDS
        return self.delays.seconds(self._phones.get(call_id, ""), "disk", _COMMITS_MS)

    def learn(self, opened: CallEvent) -> None:
        """Take note of whose call it is that is kept for the first time: names of calls depend on other calls."""
        if isinstance(opened, Opened):
            whose = opened.caller if opened.direction is Direction.INBOUND else opened.callee
            self._phones[opened.call_id] = str(whose)


class DiskStore(EventStore, CallHistory):
    """The store of one life, on the disk."""

    def __init__(self, inner: FillableStore, life: Life, disk: Disk, trace: Trace) -> None:
        self._inner = inner
        self._life = life
        self._disk = disk
        self._trace = trace

    async def __aenter__(self) -> Self:
        """Open the file."""
        await self._inner.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the file go."""
        self.close()

    def fill(self) -> None:
        """Let the disk be as full as it is."""
        self._inner.fill(full=self._disk.full > 0)

    def close(self) -> None:
        """Let the file go."""
        self._inner.close()

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
        if events:
            self._disk.learn(events[0])
        await self._wait(call_id)
        try:
            place = await self._inner.append(
                call_id, events, expected_version=expected_version, outbox=outbox, rulings=rulings
            )
        except StoreError as error:
            self._trace.note("not kept", call_id, error.problem[-30:])
            raise
        self._trace.note("kept", call_id, place, events, outbox)
        await self._wait(call_id)
        return place

    async def settle(self, effect_id: str) -> None:
        """Forget an outbox item; see the port."""
        await self._wait(effect_id.partition(":")[0])
        await self._inner.settle(effect_id)
        self._trace.note("settled", effect_id)

    async def check(self) -> None:
        """Write without keeping anything."""
        await self._wait("")
        await self._inner.check()

    async def load(self, call_id: CallId) -> tuple[CallEvent, ...]:
        """Return all events of a call in order; see the port."""
        await self._life.reach()
        return await self._inner.load(call_id)

    async def unfinished(self) -> tuple[CallId, ...]:
        """Return the calls that have not ended, oldest first."""
        await self._life.reach()
        return await self._inner.unfinished()

    async def outstanding(self) -> tuple[OutboxItem, ...]:
        """Return the outbox items that were not settled, oldest first."""
        await self._life.reach()
        return await self._inner.outstanding()

    async def find(self, key: str) -> Call | None:
        """Return the call with this id, ours or the carrier's; see the port."""
        await self._life.reach()
        return await self._inner.find(key)

    async def page(
        self, *, limit: int, before_ms: int | None = None, word: str | None = None
    ) -> tuple[Call, ...]:
        """Return at most *limit* calls, newest first; see the port."""
        await self._life.reach()
        return await self._inner.page(limit=limit, before_ms=before_ms, word=word)

    async def journal(
        self, *, after: int, limit: int, call_id: CallId | None = None
    ) -> tuple[JournalRow, ...]:
        """Return at most *limit* events with a sequence above *after*; see the port."""
        await self._life.reach()
        return await self._inner.journal(after=after, limit=limit, call_id=call_id)

    async def dialled_since(self, at_ms: int) -> int:
        """Return how many outbound calls began at or after *at_ms*."""
        await self._life.reach()
        return await self._inner.dialled_since(at_ms)

    async def rulings(self, call_id: CallId) -> tuple[Ruling, ...]:
        """Return why the call's events were kept, in order; see the port."""
        await self._life.reach()
        return await self._inner.rulings(call_id)

    async def _wait(self, call_id: str) -> None:
        await self._life.reach()
        seconds = self._disk.seconds(call_id)
        if seconds:
            await anyio.sleep(seconds)
        await self._life.reach()

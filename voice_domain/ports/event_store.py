"""Where calls are kept: an append-only log of events for each call, and an outbox of effects that cost something."""

from typing import ClassVar, Protocol

import attrs

from voice_domain.call import Call
from voice_domain.effects import CostlyEffect, Effect
from voice_domain.errors import VoiceError
from voice_domain.events import CallEvent
from voice_domain.identity import CallId
from voice_domain.inputs import CallInput

__all__ = (
    "CallEraser",
    "CallHistory",
    "EventStore",
    "JournalRow",
    "OutboxItem",
    "Ruling",
    "StoreError",
    "VersionConflictError",
)


class StoreError(VoiceError):
    """Nothing can be kept or read now (disk full, read-only, broken file)."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, problem: str) -> None:
        super().__init__(f"The call store does not work: {problem}")
        self.problem = problem


class VersionConflictError(VoiceError):
    """Somebody else has appended to the call meanwhile."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, call_id: CallId, expected: int, found: int) -> None:
        super().__init__(
            f"Call {call_id} has {found} events in the store, not {expected}; another process writes to it"
        )
        self.call_id = call_id
        self.expected = expected
        self.found = found


@attrs.frozen
class OutboxItem:
    """An effect that costs something, on its way to the carrier."""

    effect_id: str
    """Unique and stable: `<call id>:<version of the call>:<position>`; serves carriers as idempotency key."""
    call_id: CallId
    effect: CostlyEffect


@attrs.frozen
class Ruling:
    """Why events were kept: what was decided, on what and when, and what it ordered.

    Kept beside the events, so that every decision can be taken again and compared.
    """

    version: int
    """How many events the call had had before."""
    at_ms: int
    """When it was decided, epoch milliseconds."""
    given: CallInput | None
    """What it was decided on; None for how the call began."""
    events: int
    """How many events followed from it."""
    effects: tuple[Effect, ...]
    """What it ordered, in this order."""


@attrs.frozen
class JournalRow:
    """One event in the order in which the store took them, whatever call it belongs to."""

    sequence: int
    """Grows by at least one; never reused."""
    call_id: CallId
    event: CallEvent


class EventStore(Protocol):
    """Keeps events and the outbox. What was appended survives `kill -9` from the moment `append` returns."""

    async def append(
        self,
        call_id: CallId,
        events: tuple[CallEvent, ...],
        *,
        expected_version: int,
        outbox: tuple[OutboxItem, ...] = (),
        rulings: tuple[Ruling, ...] = (),
    ) -> int:
        """Keep *events* as the call's next ones, *outbox* and *rulings* with them; all or nothing.

        *expected_version* is the number of events that the call has had so far (0 for a new one).
        Returns the sequence of the last of *events* in the journal, where they follow each other; 0 without events.

        Raises:
            VersionConflictError: if the call has another number of events.
            StoreError: if nothing was kept.
        """
        ...

    async def settle(self, effect_id: str) -> None:
        """Forget an outbox item: it was performed, or never will be. Unknown ids are no error.

        Raises:
            StoreError: if that could not be kept.
        """
        ...

    async def load(self, call_id: CallId) -> tuple[CallEvent, ...]:
        """Return all events of a call in order; empty for an unknown call.

        Raises:
            StoreError: if they cannot be read.
        """
        ...

    async def unfinished(self) -> tuple[CallId, ...]:
        """Return the calls that have not ended, oldest first. Costs nothing for those that have.

        Raises:
            StoreError: if they cannot be read.
        """
        ...

    async def outstanding(self) -> tuple[OutboxItem, ...]:
        """Return the outbox items that were not settled, oldest first.

        Raises:
            StoreError: if they cannot be read.
        """
        ...


class CallHistory(Protocol):
    """Reads what was kept; never blocks those who write."""

    async def find(self, key: str) -> Call | None:
        """Return the call with this id, ours or the carrier's (any that it has had); None if there is none.

        Raises:
            StoreError: if it cannot be read.
        """
        ...

    async def page(
        self, *, limit: int, before_ms: int | None = None, word: str | None = None
    ) -> tuple[Call, ...]:
        """Return at most *limit* calls, newest first, begun before *before_ms* (epoch milliseconds).

        *word* keeps those whose state, as clients see it, is this one. None for no such condition.

        Raises:
            StoreError: if they cannot be read.
        """
        ...

    async def journal(
        self, *, after: int, limit: int, call_id: CallId | None = None
    ) -> tuple[JournalRow, ...]:
        """Return at most *limit* events with a sequence above *after*, oldest first; of one call if given.

        A negative *after* counts from the end: -25 are the last 25.

        Raises:
            StoreError: if they cannot be read.
        """
        ...

    async def dialled_since(self, at_ms: int) -> int:
        """Return how often a carrier was made to dial at or after *at_ms*, whatever became of it.

        Each outbound call counts when it began, and each `Transferred`.

        Raises:
            StoreError: if they cannot be counted.
        """
        ...

    async def rulings(self, call_id: CallId) -> tuple[Ruling, ...]:
        """Return why the call's events were kept, in order; empty for an unknown call.

        Events that no ruling covers were not decided: recovery kept them, or an import.

        Raises:
            StoreError: if they cannot be read.
        """
        ...


class CallEraser(Protocol):
    """Erases calls; a store that keeps them for ever need not be one."""

    async def erase(self, *, before_ms: int, limit: int) -> tuple[CallId, ...]:
        """Erase the oldest calls that are over and began before *before_ms* (epoch milliseconds), at most *limit*.

        Nothing of them can be read afterwards. Returns which they were.

        Raises:
            StoreError: if nothing was erased.
        """
        ...

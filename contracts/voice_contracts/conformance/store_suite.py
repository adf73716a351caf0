"""What the suites for stores share: how the store under test is opened, and how calls get into it."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from voice_contracts.conformance.promise import promise_in_time
from voice_contracts.conformance.sample_values import opened
from voice_domain.events import CallEvent, Ended
from voice_domain.identity import CallId
from voice_domain.ports.event_store import CallHistory, EventStore
from voice_domain.vocabulary import EndReason

__all__ = ("ConformingStore", "StoreSuite")


class ConformingStore(EventStore, CallHistory, Protocol):
    """A store with both of its roles."""


class StoreSuite(ABC):
    """Gives the checks an open store. A subclass says how to open it."""

    deadline_seconds: float = 30.0
    """How long one check may take before the store counts as stuck."""

    @abstractmethod
    def open_store(self) -> AbstractAsyncContextManager[ConformingStore]:
        """Return the context in which the store is open.

        Called several times in one check it must open the same store again, with everything that was kept;
        each check, which has an object of its own, begins with an empty one.
        """

    @asynccontextmanager
    async def store(self) -> AsyncIterator[ConformingStore]:
        """Open the store for a part of a check."""
        in_time = promise_in_time(
            "Every operation returns, or fails, within its deadline.", deadline_seconds=self.deadline_seconds
        )
        with in_time:
            async with self.open_store() as store:
                yield store

    async def keep(
        self,
        store: EventStore,
        call_id: str,
        *more: CallEvent,
        at_ms: int = 1_000,
        reason: EndReason | None = None,
    ) -> tuple[CallEvent, ...]:
        """Append a new outbound call with *more* events, ended if there is a *reason*; return all of them."""
        end = (Ended(at_ms + 100, reason),) if reason else ()
        events = (opened(CallId(call_id), at_ms=at_ms), *more, *end)
        await store.append(CallId(call_id), events, expected_version=0)
        return events

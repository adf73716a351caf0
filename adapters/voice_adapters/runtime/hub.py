"""Tells subscribers what happens in calls, as soon as it is durable."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import anyio
import attrs

from voice_adapters.runtime.subscribers import Subscribers
from voice_domain.call import Call
from voice_domain.events import CallEvent, Ended
from voice_domain.identity import CallId

__all__ = ("CallUpdate", "Hub")

_BACKLOG = 1_000


@attrs.frozen
class CallUpdate:
    """One event, and the call right after it."""

    sequence: int
    """The event's place in the journal: it grows, and gaps mean that a filter left some out."""
    call: Call
    event: CallEvent


class Hub:
    """Passes updates on; a subscriber that is a thousand updates behind is dropped, never waited for."""

    def __init__(self) -> None:
        self._subscribers = Subscribers[CallUpdate](_BACKLOG)
        self._ended = anyio.Event()

    def publish(self, sequence: int, call: Call, event: CallEvent) -> None:
        """Tell everybody who wants to know of this call; *sequence* is the event's place in the journal."""
        if isinstance(event, Ended):
            self._ended.set()
        if self._subscribers:
            self._subscribers.tell(call.call_id, CallUpdate(sequence, call, event))

    async def an_end(self) -> None:
        """Wait until a call is over, since the last time that somebody waited; for one who waits."""
        await self._ended.wait()
        self._ended = anyio.Event()

    def subscribe(
        self, call_id: CallId | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[CallUpdate]]:
        """Give the updates of one call, or of all, from now until the context is left.

        The iteration ends early for a subscriber that falls too far behind.
        """
        return self._subscribers.subscribe(call_id)

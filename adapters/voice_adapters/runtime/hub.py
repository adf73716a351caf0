"""Tells subscribers what happens in calls, as soon as it is durable."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import attrs
from anyio.streams.memory import MemoryObjectSendStream

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
        self._subscribers: dict[MemoryObjectSendStream[CallUpdate], CallId | None] = {}
        self._ended = anyio.Event()

    def publish(self, sequence: int, call: Call, event: CallEvent) -> None:
        """Tell everybody who wants to know of this call; *sequence* is the event's place in the journal."""
        if isinstance(event, Ended):
            self._ended.set()
        if not self._subscribers:
            return
        update = CallUpdate(sequence, call, event)
        for stream, wanted in tuple(self._subscribers.items()):
            if wanted is not None and wanted != call.call_id:
                continue
            try:
                stream.send_nowait(update)
            except (anyio.WouldBlock, anyio.BrokenResourceError):
                self._subscribers.pop(stream, None)
                stream.close()

    async def an_end(self) -> None:
        """Wait until a call is over, since the last time that somebody waited; for one who waits."""
        await self._ended.wait()
        self._ended = anyio.Event()

    @asynccontextmanager
    async def subscribe(self, call_id: CallId | None = None) -> AsyncIterator[AsyncIterator[CallUpdate]]:
        """Give the updates of one call, or of all, from now until the context is left.

        The iteration ends early for a subscriber that falls too far behind.
        """
        send, receive = anyio.create_memory_object_stream[CallUpdate](_BACKLOG)
        self._subscribers[send] = call_id
        try:
            async with receive:
                yield receive
        finally:
            self._subscribers.pop(send, None)
            send.close()

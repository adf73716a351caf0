"""Those who want to be told of one call, or of all: each has a bounded queue, and nobody is waited for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import anyio
from anyio.streams.memory import MemoryObjectSendStream

from voice_domain.identity import CallId

__all__ = ("Subscribers",)

_News = TypeVar("_News")


class Subscribers(Generic[_News]):
    """Passes news on; a subscriber that is *backlog* of them behind is dropped."""

    def __init__(self, backlog: int) -> None:
        self._backlog = backlog
        self._streams: dict[MemoryObjectSendStream[_News], CallId | None] = {}

    def __bool__(self) -> bool:
        """Whether anybody is subscribed."""
        return bool(self._streams)

    def tell(self, call_id: CallId, news: _News) -> None:
        """Tell everybody who wants to know of this call."""
        for stream, wanted in tuple(self._streams.items()):
            if wanted is not None and wanted != call_id:
                continue
            try:
                stream.send_nowait(news)
            except (anyio.WouldBlock, anyio.BrokenResourceError):
                self._streams.pop(stream, None)
                stream.close()

    @asynccontextmanager
    async def subscribe(self, call_id: CallId | None) -> AsyncIterator[AsyncIterator[_News]]:
        """Give the news of one call, or of all with None, from now until the context is left.

        The iteration ends early for a subscriber that falls too far behind.
        """
        send, receive = anyio.create_memory_object_stream[_News](self._backlog)
        self._streams[send] = call_id
        try:
            async with receive:
                yield receive
        finally:
            self._streams.pop(send, None)
            send.close()

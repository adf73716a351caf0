"""The network in front of the media engine of whatever life of the gateway is there, and what fails on it."""

from collections.abc import Mapping

import anyio
from anyio.abc import TaskGroup

from voice_contracts.twins.sockets import Socket, SocketRefusedError
from voice_entrypoints.simulation.faults import Fault, FaultKind, Place
from voice_entrypoints.simulation.http_wires import Ways
from voice_entrypoints.simulation.memory_media import MemoryMedia, TwinEnd
from voice_entrypoints.simulation.whose import WHOSE

__all__ = ("StreamWires",)

_K = FaultKind


class StreamWires:
    """Lets the carrier open media streams."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self.media = MemoryMedia()
        self.tasks: TaskGroup | None = None
        """Breaks streams after a while."""

    async def dial(self, url: str, headers: Mapping[str, str]) -> Socket:
        """Open a stream, and have it go wrong as planned.

        Raises:
            SocketRefusedError: if our side refuses it, or cannot be reached.
        """
        phone = WHOSE.get()
        fault = self._ways.book.next(phone, Place.STREAM)
        await anyio.sleep(self._ways.seconds(phone, Place.STREAM))
        if fault is not None and fault.kind is _K.STREAM_NEVER:
            raise SocketRefusedError(None)
        if fault is not None and fault.kind is _K.STREAM_LATE:
            await anyio.sleep(fault.seconds)
        end = await self.media.dial(url, headers)
        self._ways.trace.note("stream", phone, self.media.dialled)
        if fault is not None and fault.kind is not _K.STREAM_LATE:
            assert self.tasks is not None  # the world runs
            self.tasks.start_soon(self._break, end, fault)
        return end

    async def _break(self, end: TwinEnd, fault: Fault) -> None:
        await anyio.sleep(fault.seconds)
        match fault.kind:
            case _K.STREAM_LEFT:
                end.vanish()
            case _K.STREAM_STALLED:
                end.stall()
            case _:
                await end.abort()

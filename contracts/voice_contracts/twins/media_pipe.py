"""The socket of one media stream: messages go out in order, what we say is handed on, and it breaks when it should."""

import contextlib
import math
from collections.abc import Callable

import anyio

from voice_contracts.twins.faults import MediaFault
from voice_contracts.twins.sockets import Socket, SocketClosedError

__all__ = ("CLOSED_IN_ORDER", "MediaPipe")

CLOSED_IN_ORDER = (1000, 1001, 1005)
"""The close codes of a stream that nobody broke."""

_QUEUE = 1500
"""Messages that may wait for a gateway that reads slowly: thirty seconds of frames."""
_LAST_WORD_SECONDS = 1.0


class MediaPipe:
    """Carries one stream's messages over an open socket.

    Args:
        socket: Open.
        fault: What goes wrong with it.
        hear: Takes each message of ours.
        complain: Called with a sentence when we do not read what is sent.
    """

    def __init__(
        self,
        socket: Socket,
        fault: MediaFault,
        hear: Callable[[str], None],
        complain: Callable[[str], None],
    ) -> None:
        self._socket = socket
        self._fault = fault
        self._hear = hear
        self._complain = complain
        self._outgoing, self._waiting = anyio.create_memory_object_stream[str](_QUEUE)
        self._stalled = False

    def put(self, message: str) -> None:
        """Send a message when those before it are gone; without effect once the stream is over."""
        try:
            self._outgoing.send_nowait(message)
        except anyio.WouldBlock:
            self._complain("the stream is not read; a message is lost")
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass  # the stream is over, and the line has not ticked since

    async def carry(self) -> int:
        """Carry messages both ways until our side closes; return the code that it closed with."""
        code = CLOSED_IN_ORDER[0]
        with self._outgoing, self._waiting:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._send_all)
                if self._fault.cut_after_ms is not None:
                    tasks.start_soon(self._cut, self._fault.cut_after_ms / 1000)
                with anyio.CancelScope(deadline=self._stalls_at()) as readable:
                    code = await self._hear_all()
                if readable.cancelled_caught:
                    # Half closed: nothing is read and nothing sent until somebody ends the stream.
                    self._stalled = True
                    await anyio.sleep_forever()
                tasks.cancel_scope.cancel()
        return code

    async def leave(self, last: str | None = None) -> None:
        """Close, after a *last* message if there is one."""
        with anyio.move_on_after(_LAST_WORD_SECONDS, shield=True):
            if self._stalled:
                await self._socket.abort()
                return
            if last is not None:
                with contextlib.suppress(SocketClosedError):
                    await self._socket.send(last)
            await self._socket.close()

    def _stalls_at(self) -> float:
        after_ms = self._fault.stall_after_ms
        return math.inf if after_ms is None else anyio.current_time() + after_ms / 1000

    async def _cut(self, seconds: float) -> None:
        await anyio.sleep(seconds)
        await self._socket.abort()

    async def _send_all(self) -> None:
        try:
            async for message in self._waiting:
                if not self._stalled:
                    await self._socket.send(message)
        except SocketClosedError:
            return  # the reader sees it too, with its code

    async def _hear_all(self) -> int:
        while True:
            try:
                text = await self._socket.receive()
            except SocketClosedError as closed:
                return closed.code
            self._hear(text)

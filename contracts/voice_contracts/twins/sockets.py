"""A WebSocket as a twin sees it: text both ways, whatever carries it."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar, Protocol, TypeAlias

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from voice_domain.errors import VoiceError

__all__ = (
    "Dial",
    "MemorySocket",
    "Socket",
    "SocketClosedError",
    "SocketRefusedError",
    "memory_pair",
)

_ROOM = 1000
"""Messages that may lie between the two ends of a pair: twenty seconds of frames."""


class SocketClosedError(VoiceError):
    """The other end is gone. `code` is its close code; 1006 when it left without one (RFC 6455, 7.1.5)."""

    kind: ClassVar[str] = "socket_closed"

    def __init__(self, code: int) -> None:
        super().__init__(f"the WebSocket was closed with code {code}; open a new one")
        self.code = code


class SocketRefusedError(VoiceError):
    """The other end did not take the upgrade. `status` is its HTTP status; None when nobody answered."""

    kind: ClassVar[str] = "socket_refused"

    def __init__(self, status: int | None) -> None:
        said = "nobody answered" if status is None else f"status {status}"
        super().__init__(f"the WebSocket upgrade was refused ({said}); check the URL and its token")
        self.status = status


class Socket(Protocol):
    """One end of a WebSocket."""

    async def send(self, text: str) -> None:
        """Send one text message.

        Raises:
            SocketClosedError: if the other end is gone.
        """
        ...

    async def receive(self) -> str:
        """Return the next message.

        Raises:
            SocketClosedError: if the other end is gone.
        """
        ...

    async def close(self, code: int = 1000) -> None:
        """Say goodbye and close; harmless when closed already."""
        ...

    async def abort(self) -> None:
        """Be gone without a word, as a cut line is."""
        ...


Dial: TypeAlias = Callable[[str, Mapping[str, str]], Awaitable[Socket]]
"""Opens a WebSocket to a URL with headers; raises SocketRefusedError."""


class MemorySocket(Socket):
    """One end of a pair within a process."""

    def __init__(
        self, outgoing: MemoryObjectSendStream[str | int], incoming: MemoryObjectReceiveStream[str | int]
    ) -> None:
        self._outgoing = outgoing
        self._incoming = incoming
        self._closed_with: int | None = None

    async def send(self, text: str) -> None:
        """Send one text message."""
        try:
            await self._outgoing.send(text)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise SocketClosedError(self._closed_with or 1006) from error

    async def receive(self) -> str:
        """Return the next message."""
        try:
            message = await self._incoming.receive()
        except (anyio.EndOfStream, anyio.ClosedResourceError) as error:
            raise SocketClosedError(self._closed_with or 1006) from error
        if isinstance(message, str):
            return message
        self._closed_with = message
        await self.abort()
        raise SocketClosedError(message)

    async def close(self, code: int = 1000) -> None:
        """Say goodbye and close."""
        if self._closed_with is None:
            self._closed_with = code
            # The other end may be gone, or so far behind that the end of the stream must do.
            with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.WouldBlock):
                self._outgoing.send_nowait(code)
        await self.abort()

    async def abort(self) -> None:
        """Be gone without a word."""
        self.drop()

    def drop(self) -> None:
        """Be gone without a word and without waiting."""
        self._outgoing.close()
        self._incoming.close()


def memory_pair() -> tuple[MemorySocket, MemorySocket]:
    """Return the two ends of a WebSocket without a network."""
    here_out, there_in = anyio.create_memory_object_stream[str | int](_ROOM)
    there_out, here_in = anyio.create_memory_object_stream[str | int](_ROOM)
    return MemorySocket(here_out, here_in), MemorySocket(there_out, there_in)

"""A WebSocket to a running gateway: text messages both ways, at most 1 MiB each."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from voice_adapters.transports.websocket_client import WebSocketClient as _Socket
from voice_adapters.transports.websocket_client import open_websocket as _open
from voice_adapters.transports.websocket_errors import WebSocketClosedError as SocketClosedError
from voice_adapters.transports.websocket_errors import WebSocketRefusedError as SocketRefusedError

__all__ = ("SocketClosedError", "SocketRefusedError", "WebSocketClient", "open_websocket")

_NORMAL = 1000  # RFC 6455, section 7.4.1


class WebSocketClient:
    """An open socket; iterate it for messages."""

    def __init__(self, socket: _Socket) -> None:
        self._socket = socket

    async def send(self, text: str) -> None:
        """Send one message.

        Raises:
            SocketClosedError: if the socket is closed.
        """
        await self._socket.send(text)

    async def receive(self) -> str:
        """Return the next message.

        Raises:
            SocketClosedError: once the socket is closed and everything before that was received.
        """
        message = await self._socket.receive()
        return message if isinstance(message, str) else message.decode("utf-8", "replace")

    def __aiter__(self) -> "WebSocketClient":
        return self

    async def __anext__(self) -> str:
        try:
            return await self.receive()
        except SocketClosedError as closed:
            if closed.close_code == _NORMAL:
                raise StopAsyncIteration from None
            raise


@asynccontextmanager
async def open_websocket(
    url: str, *, headers: Sequence[tuple[str, str]] = ()
) -> AsyncIterator[WebSocketClient]:
    """Give an open socket to *url* (`ws://`).

    Raises:
        SocketRefusedError: if the server does not open one.
        SocketClosedError: if nobody listens there, or speaks WebSocket within five seconds.
    """
    async with _open(url, headers=headers) as socket:
        yield WebSocketClient(socket)

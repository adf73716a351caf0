"""A small WebSocket client (RFC 6455): text messages, own headers, a real size limit, always reading.

One task reads as long as the socket is open, so pings are answered whatever the program does; messages wait in a
bounded queue, and a program that does not take them loses the socket rather than the machine its memory.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import ClassVar, Final
from urllib.parse import urlsplit

import anyio
from anyio.abc import ByteStream
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

from voice_domain.errors import VoiceError
from voice_entrypoints.rpc.lone_error import lone_errors

__all__ = ("SocketClosedError", "SocketRefusedError", "WebSocketClient", "open_websocket")

_OPEN_SECONDS: Final = 5.0
_CLOSE_SECONDS: Final = 2.0
_QUEUE: Final = 1_000
_REFUSAL_BYTES: Final = 4_096
# RFC 6455, section 7.4.1.
_NORMAL: Final = 1000
_TOO_BIG: Final = 1009
_ABNORMAL: Final = 1006
_OVERLOADED: Final = 1013


class SocketClosedError(VoiceError):
    """The socket was closed, or broke."""

    kind: ClassVar[str] = "socket_error"

    def __init__(self, close_code: int, reason: str = "") -> None:
        super().__init__(f"The WebSocket was closed (code {close_code}{', ' + reason if reason else ''})")
        self.close_code = close_code
        self.reason = reason


class SocketRefusedError(VoiceError):
    """The server answered the handshake with an HTTP status."""

    kind: ClassVar[str] = "socket_error"

    def __init__(self, http_status: int, body: bytes) -> None:
        super().__init__(f"The WebSocket was refused with status {http_status}")
        self.http_status = http_status
        self.body = body
        """What the server said about it, at most 4 KiB."""


class WebSocketClient:
    """An open socket; iterate it for messages."""

    def __init__(self, stream: ByteStream, *, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._sending = anyio.Lock()
        self._incoming: MemoryObjectSendStream[str]
        self._messages: MemoryObjectReceiveStream[str]
        self._incoming, self._messages = anyio.create_memory_object_stream[str](_QUEUE)
        self._parts: list[str] = []
        self._size = 0
        self._closed: SocketClosedError | None = None

    async def send(self, text: str) -> None:
        """Send one message.

        Raises:
            SocketClosedError: if the socket is closed.
        """
        if self._closed is not None:
            raise self._closed
        await self._transmit(TextMessage(text))

    async def receive(self) -> str:
        """Return the next message.

        Raises:
            SocketClosedError: once the socket is closed and everything before that was received.
        """
        try:
            return await self._messages.receive()
        except anyio.EndOfStream:
            raise self._closed or SocketClosedError(_ABNORMAL) from None

    def __aiter__(self) -> "WebSocketClient":
        return self

    async def __anext__(self) -> str:
        try:
            return await self.receive()
        except SocketClosedError as closed:
            if closed.close_code == _NORMAL:
                raise StopAsyncIteration from None
            raise

    async def handshake(self, url: str, headers: Sequence[tuple[str, str]]) -> None:
        """Ask for the socket.

        Raises:
            SocketRefusedError: if the server says no.
            SocketClosedError: if it says nothing that makes sense.
        """
        parts = urlsplit(url)
        extra = [(name.encode(), value.encode()) for name, value in headers]
        target = parts.path or "/"
        await self._transmit(Request(host=parts.netloc, target=target, extra_headers=extra))
        status, body = 0, b""
        while True:
            for event in await self._next_events():
                if isinstance(event, AcceptConnection):
                    return
                if isinstance(event, RejectConnection):
                    status = event.status_code
                if isinstance(event, RejectData):
                    body = (body + bytes(event.data))[:_REFUSAL_BYTES]
                is_last = isinstance(event, RejectData) and event.body_finished
                if is_last or (isinstance(event, RejectConnection) and not event.has_body):
                    raise SocketRefusedError(status, body)

    async def read(self) -> None:
        """Read until the socket is closed; the client's one reader."""
        try:
            while self._closed is None:
                for event in await self._next_events():
                    await self._take(event)
        except SocketClosedError as closed:
            self._closed = self._closed or closed
        finally:
            self._incoming.close()

    async def close(self) -> None:
        """Say goodbye; what was not received yet can be received no more."""
        self._messages.close()
        self._incoming.close()
        if self._closed is None:
            await self._leave(_NORMAL, "")

    async def _next_events(self) -> list[Event]:
        try:
            self._protocol.receive_data(await self._stream.receive())
            return list(self._protocol.events())
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
            raise SocketClosedError(_ABNORMAL, "the connection was cut") from None
        except ProtocolError as error:
            raise SocketClosedError(_ABNORMAL, f"not a WebSocket: {error}") from error

    async def _take(self, event: Event) -> None:
        match event:
            case TextMessage() | BytesMessage():
                data = (
                    event.data
                    if isinstance(event, TextMessage)
                    else bytes(event.data).decode("utf-8", "replace")
                )
                await self._collect(data, finished=event.message_finished)
            case Ping():
                await self._transmit(event.response())
            case CloseConnection():
                if self._closed is None:
                    self._closed = SocketClosedError(event.code, event.reason or "")
                    await self._transmit(event.response())
            case _:
                pass

    async def _collect(self, data: str, *, finished: bool) -> None:
        self._parts.append(data)
        self._size += len(data)
        if self._size > self._limit:
            await self._leave(_TOO_BIG, "message too big")
        elif finished:
            text, self._parts, self._size = "".join(self._parts), [], 0
            try:
                self._incoming.send_nowait(text)
            except anyio.WouldBlock:
                await self._leave(_OVERLOADED, "messages are not taken")
            except anyio.BrokenResourceError:
                pass  # nobody wants messages any more

    async def _leave(self, code: int, reason: str) -> None:
        self._closed = self._closed or SocketClosedError(code, reason)
        await self._transmit(CloseConnection(code, reason))

    async def _transmit(self, event: Event) -> None:
        async with self._sending:
            try:
                await self._stream.send(self._protocol.send(event))
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                self._closed = self._closed or SocketClosedError(_ABNORMAL, "the connection was cut")
            except ProtocolError:
                pass  # it was closed from the other side meanwhile; the reader says so


@asynccontextmanager
async def open_websocket(
    url: str, *, headers: Sequence[tuple[str, str]] = (), limit: int = 1 << 20
) -> AsyncIterator[WebSocketClient]:
    """Give an open socket to *url* (`ws://`), with messages of at most *limit* characters.

    Raises:
        OSError: if nobody listens there.
        SocketRefusedError: if the server does not open one.
        SocketClosedError: if it does not speak WebSocket, or not within five seconds.
    """
    parts = urlsplit(url)
    try:
        with anyio.fail_after(_OPEN_SECONDS):
            stream = await anyio.connect_tcp(parts.hostname or "", parts.port or 80)
    except TimeoutError as error:
        raise SocketClosedError(_ABNORMAL, "no answer") from error
    client = WebSocketClient(stream, limit=limit)
    try:
        await _shake_hands(client, url, headers)
        with lone_errors():
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.read)
                yield client
                tasks.cancel_scope.cancel()
    finally:
        with anyio.move_on_after(_CLOSE_SECONDS, shield=True):
            await client.close()
        await anyio.aclose_forcefully(stream)


async def _shake_hands(client: WebSocketClient, url: str, headers: Sequence[tuple[str, str]]) -> None:
    try:
        with anyio.fail_after(_OPEN_SECONDS):
            await client.handshake(url, headers)
    except TimeoutError as error:
        raise SocketClosedError(_ABNORMAL, "no answer to the handshake") from error

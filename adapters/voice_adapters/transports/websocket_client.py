"""A small WebSocket client (RFC 6455): own headers, TLS, a real size limit, always reading, on any event loop.

One task reads, so pings are answered whatever the program does. Messages wait in a bounded queue; what happens when
it is full is said when the socket is opened.
"""

import ssl
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final
from urllib.parse import SplitResult, urlsplit

import anyio
from anyio.abc import ByteStream
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

from voice_adapters.transports.lone_error import lone_errors
from voice_adapters.transports.outgoing_frames import client_text_frame
from voice_adapters.transports.websocket_errors import (
    WebSocketClosedError,
    WebSocketRefusedError,
    WebSocketUnreachableError,
)
from voice_adapters.transports.websocket_terms import SocketTerms, WhenFull

__all__ = ("WebSocketClient", "open_websocket")

_REFUSAL_BYTES: Final = 4_096
_SECURE: Final = ("wss", "https")
_PORTS: Final = {"ws": 80, "http": 80, "wss": 443, "https": 443}
# RFC 6455, section 7.4.1, and the registry it began.
_NORMAL: Final = 1000
_ABNORMAL: Final = 1006
_TOO_BIG: Final = 1009
_OVERLOADED: Final = 1013


class WebSocketClient:
    """An open socket. One task receives (or iterates) at a time; any number send."""

    def __init__(self, stream: ByteStream, terms: SocketTerms) -> None:
        self._stream = stream
        self._terms = terms
        self._protocol = WSConnection(ConnectionType.CLIENT)
        # Fast: a frame of sound is sent fifty times a second, and nobody starves, because sending lets others run.
        self._sending = anyio.Lock(fast_acquire=True)
        self._events: deque[Event] = deque()
        self._fault = ""
        self._messages: deque[str | bytes] = deque()
        self._arrived = anyio.Event()
        self._ended = anyio.Event()
        self._parts: list[str | bytes] = []
        self._size = 0
        self._heard = 0
        self._closed: WebSocketClosedError | None = None
        self.dropped = 0
        """How many messages were dropped because the queue was full."""

    @property
    def closed(self) -> WebSocketClosedError | None:
        """Why the socket takes no more messages; None while it does."""
        return self._closed

    async def send(self, message: str | bytes) -> None:
        """Send one text or binary message. A send that is cancelled half-way leaves the socket broken.

        Raises:
            WebSocketClosedError: if the socket is closed, or the far end does not read.
        """
        if isinstance(message, bytes):
            await self._transmit(BytesMessage(message))
        else:
            # Sound goes this way. wsproto would make the same frame of it, in twice the time.
            async with self._sending:
                if self._closed is None:
                    await self._push(client_text_frame(message.encode()))
        if self._closed is not None:
            raise self._closed

    async def receive(self) -> str | bytes:
        """Return the next message: `str` if it is text.

        Raises:
            WebSocketClosedError: once the socket is closed and everything before that was received.
        """
        await anyio.lowlevel.checkpoint()
        while not self._messages:
            if self._closed is not None:
                raise self._closed
            self._arrived = anyio.Event()
            await self._arrived.wait()
        return self._messages.popleft()

    def __aiter__(self) -> "WebSocketClient":
        return self

    async def __anext__(self) -> str | bytes:
        try:
            return await self.receive()
        except WebSocketClosedError as closed:
            if closed.close_code == _NORMAL:
                raise StopAsyncIteration from None
            raise

    async def close(self, code: int = _NORMAL, reason: str = "") -> None:
        """Say goodbye and wait until the far end does; repeating it is harmless."""
        if self._closed is None:
            await self._leave(code, reason)
        with anyio.move_on_after(self._terms.close_seconds):
            await self._ended.wait()

    async def handshake(self, request: Request, place: str) -> None:
        """Ask for the socket; `open_websocket` does.

        Raises:
            WebSocketRefusedError: if the server says no.
            WebSocketUnreachableError: if it says nothing that makes sense, or nothing in time.
        """
        refusal = _Refusal()
        try:
            with anyio.move_on_after(self._terms.open_seconds):
                await self._transmit(request)
                while not refusal.whole:
                    event = await self._next_event()
                    if isinstance(event, AcceptConnection):
                        return
                    refusal.add(event)
        except WebSocketClosedError as error:
            if refusal.status == 0:
                raise WebSocketUnreachableError(place, error.reason) from error
        if refusal.status:
            raise WebSocketRefusedError(refusal.status, refusal.body)
        raise WebSocketUnreachableError(place, "no answer to the handshake")

    async def read(self) -> None:
        """Read until the socket is closed; the client's one reader."""
        try:
            while True:
                await self._take(await self._next_event())
        except WebSocketClosedError as closed:
            self._close_with(closed)
        finally:
            self._ended.set()
            self._arrived.set()

    async def keep_alive(self) -> None:
        """Ping a far end that is silent; give it up when it does not answer."""
        while self._closed is None:
            heard = self._heard
            await anyio.sleep(self._terms.ping_seconds)
            if self._heard != heard or self._closed is not None:
                continue
            await self._transmit(Ping())
            await anyio.sleep(self._terms.ping_seconds)
            if self._heard == heard:
                await self._cut("it does not answer pings")

    async def _next_event(self) -> Event:
        while not self._events:
            if self._fault:
                raise WebSocketClosedError(_ABNORMAL, self._fault)
            await self._fetch()
        return self._events.popleft()

    async def _fetch(self) -> None:
        try:
            self._protocol.receive_data(await self._stream.receive())
            self._heard += 1
            # One by one, because what came before a violation still counts.
            for event in self._protocol.events():
                self._events.append(event)
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
            self._fault = "the connection was cut"
        except (ProtocolError, UnicodeError) as error:  # wsproto takes headers for ASCII
            self._fault = f"not a WebSocket: {error}"

    async def _take(self, event: Event) -> None:
        match event:
            case TextMessage():
                await self._collect(event.data, finished=event.message_finished)
            case BytesMessage():
                await self._collect(bytes(event.data), finished=event.message_finished)
            case Ping():
                await self._transmit(event.response())
            case CloseConnection():
                closed = WebSocketClosedError(event.code, event.reason or "")
                if self._closed is None:
                    self._close_with(closed)
                    await self._transmit(event.response())
                raise closed
            case _:
                pass

    async def _collect(self, data: str | bytes, *, finished: bool) -> None:
        if self._closed is not None:
            return
        self._parts.append(data)
        self._size += len(data) if isinstance(data, bytes) or data.isascii() else len(data.encode())
        if self._size > self._terms.message_bytes:
            await self._leave(_TOO_BIG, "message too big")
        elif finished:
            parts, self._parts, self._size = self._parts, [], 0
            await self._queue(parts[0] if len(parts) == 1 else _joined(parts))

    async def _queue(self, message: str | bytes) -> None:
        if len(self._messages) >= self._terms.queue:
            if self._terms.when_full is WhenFull.CLOSE:
                await self._leave(_OVERLOADED, "messages are not taken")
                return
            self._messages.popleft()
            self.dropped += 1
        self._messages.append(message)
        self._arrived.set()

    async def _leave(self, code: int, reason: str) -> None:
        self._close_with(WebSocketClosedError(code, reason))
        await self._transmit(CloseConnection(code, reason))

    async def _transmit(self, event: Event) -> None:
        async with self._sending:
            # When it was closed from the other side meanwhile, the reader says so.
            with suppress(ProtocolError):
                await self._push(self._protocol.send(event))

    async def _push(self, data: bytes) -> None:
        sent = False
        try:
            with anyio.move_on_after(self._terms.send_seconds):
                await self._stream.send(data)
                sent = True
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass
        finally:
            if not sent:
                # Half a frame may be out: nothing can follow it.
                self._close_with(WebSocketClosedError(_ABNORMAL, "the connection was cut while sending"))
                await anyio.aclose_forcefully(self._stream)

    async def _cut(self, reason: str) -> None:
        self._close_with(WebSocketClosedError(_ABNORMAL, reason))
        await anyio.aclose_forcefully(self._stream)

    def _close_with(self, closed: WebSocketClosedError) -> None:
        self._closed = self._closed or closed
        self._arrived.set()


@asynccontextmanager
async def open_websocket(
    url: str,
    *,
    headers: Sequence[tuple[str, str]] = (),
    terms: SocketTerms | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[WebSocketClient]:
    """Give an open socket to *url* (`ws`, `wss`, `http` or `https`), and close it on leaving.

    *headers* go with the handshake: credentials belong there. *tls* checks a server of `wss`; the system's
    authorities do if it is None.

    Raises:
        WebSocketUnreachableError: if nobody answers there in time, or the server is not who it should be.
        WebSocketRefusedError: if the server answers with an HTTP status.
        ValueError: if *url* is none.
    """
    terms = terms or SocketTerms()
    parts = urlsplit(url)
    place = _place(parts)
    stream = await _connected(parts, place, terms, tls)
    client = WebSocketClient(stream, terms)
    try:
        extra = [(name.encode(), value.encode()) for name, value in headers]
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        await client.handshake(Request(host=place, target=target, extra_headers=extra), place)
        with lone_errors():
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.read)
                tasks.start_soon(client.keep_alive)
                try:
                    yield client
                finally:
                    with anyio.move_on_after(terms.close_seconds, shield=True):
                        await client.close()
                    tasks.cancel_scope.cancel()
    finally:
        await anyio.aclose_forcefully(stream)


class _Refusal:
    """What a server says instead of opening a socket."""

    def __init__(self) -> None:
        self.status = 0
        self.body = b""
        self.whole = False

    def add(self, event: Event) -> None:
        match event:
            case RejectConnection():
                self.status = event.status_code
                self.whole = not event.has_body
            case RejectData():
                self.body = (self.body + bytes(event.data))[:_REFUSAL_BYTES]
                self.whole = event.body_finished or len(self.body) == _REFUSAL_BYTES
            case _:
                pass


def _joined(parts: list[str | bytes]) -> str | bytes:
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) if texts else b"".join(part for part in parts if isinstance(part, bytes))


def _place(parts: SplitResult) -> str:
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("a WebSocket needs an address such as wss://host/path")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{host}:{parts.port}" if parts.port else host


async def _connected(
    parts: SplitResult, place: str, terms: SocketTerms, tls: ssl.SSLContext | None
) -> ByteStream:
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    try:
        with anyio.fail_after(terms.open_seconds):
            if parts.scheme not in _SECURE:
                return await anyio.connect_tcp(host, port)
            context = tls or ssl.create_default_context()
            return await anyio.connect_tcp(
                host, port, tls=True, ssl_context=context, tls_standard_compatible=False
            )
    except TimeoutError as error:
        raise WebSocketUnreachableError(place, "no answer") from error
    except (OSError, anyio.BrokenResourceError, anyio.EndOfStream) as error:
        raise WebSocketUnreachableError(place, str(error) or "the connection was cut") from error

"""A WebSocket client for twins on real sockets (RFC 6455, through wsproto)."""

import contextlib
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import anyio
import anyio.abc
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError

from voice_contracts.twins.http_client import Ways
from voice_contracts.twins.sockets import Dial, Socket, SocketClosedError, SocketRefusedError

__all__ = ("NetworkSocket", "dial_over", "dial_socket")

_CONNECT_SECONDS = 10.0
_GOODBYE_SECONDS = 1.0
_ABNORMAL = 1006


def dial_over(ways: Ways) -> Dial:
    """Return what opens WebSockets to public addresses along *ways*."""

    async def dial(url: str, headers: Mapping[str, str]) -> Socket:
        return await dial_socket(url, headers, at=ways.to(url))

    return dial


async def dial_socket(url: str, headers: Mapping[str, str], *, at: str | None = None) -> Socket:
    """Open a WebSocket to *url*, a `ws:` or `wss:` URL.

    Args:
        url: Where to; its host goes into the handshake.
        headers: Sent with the handshake.
        at: The address that *url* is really reached at, as behind a tunnel; None: at its own.

    Raises:
        SocketRefusedError: if nobody answers within 10 s, or the answer is no.
    """
    there = urlsplit(at or url)
    secure = there.scheme in ("wss", "https")
    try:
        with anyio.fail_after(_CONNECT_SECONDS):
            stream = await _connect(
                there.hostname or "", there.port or (443 if secure else 80), secure=secure
            )
            socket = NetworkSocket(stream)
            try:
                await socket.shake_hands(url, headers)
            except BaseException:
                # Nobody else knows the connection yet; also when it was given up in the middle of the handshake.
                await socket.abort()
                raise
    except (OSError, TimeoutError, anyio.BrokenResourceError) as error:
        raise SocketRefusedError(None) from error
    return socket


async def _connect(host: str, port: int, *, secure: bool) -> anyio.abc.ByteStream:
    if secure:
        return await anyio.connect_tcp(
            host, port, tls=True, ssl_context=ssl.create_default_context(), tls_standard_compatible=False
        )
    return await anyio.connect_tcp(host, port)


class NetworkSocket(Socket):
    """One WebSocket over TCP. One task may read while another sends."""

    def __init__(self, stream: anyio.abc.ByteStream) -> None:
        self._stream = stream
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._sending = anyio.Lock()
        self._messages: list[str] = []
        self._pieces: list[str] = []
        self._closed_with: int | None = None

    async def shake_hands(self, url: str, headers: Mapping[str, str]) -> None:
        """Ask for the upgrade.

        Raises:
            SocketRefusedError: if the answer is no.
        """
        parts = urlsplit(url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        extra = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self._write(Request(host=parts.netloc, target=target, extra_headers=extra))
        accepted = False
        while not accepted:
            for event in await self._read():
                if isinstance(event, RejectConnection):
                    await self.abort()
                    raise SocketRefusedError(event.status_code)
                if isinstance(event, AcceptConnection):
                    accepted = True
                elif accepted:
                    # What a quick server says right after its yes comes in the same piece.
                    await self._take(event)
                elif isinstance(event, CloseConnection):
                    raise SocketRefusedError(None)

    async def send(self, text: str) -> None:
        """Send one text message."""
        if self._closed_with is not None:
            raise SocketClosedError(self._closed_with)
        await self._write(TextMessage(text))

    async def receive(self) -> str:
        """Return the next message; bytes are taken as text would be, for nobody should send them."""
        while not self._messages:
            if self._closed_with is not None:
                raise SocketClosedError(self._closed_with)
            for event in await self._read():
                await self._take(event)
        return self._messages.pop(0)

    async def close(self, code: int = 1000) -> None:
        """Say goodbye and close; waits a second at most."""
        if self._closed_with is None:
            self._closed_with = code
            with (
                anyio.move_on_after(_GOODBYE_SECONDS, shield=True),
                # The other end may have been faster.
                contextlib.suppress(SocketClosedError),
            ):
                await self._write(CloseConnection(code))
        await self.abort()

    async def abort(self) -> None:
        """Be gone without a word."""
        await anyio.aclose_forcefully(self._stream)

    async def _take(self, event: Event) -> None:
        match event:
            case TextMessage():
                self._pieces.append(event.data)
                if event.message_finished:
                    self._messages.append("".join(self._pieces))
                    self._pieces.clear()
            case Ping():
                await self._write(event.response())
            case CloseConnection():
                if self._closed_with is None and event.code != _ABNORMAL:
                    await self._write(event.response())
                self._closed_with = event.code
            case _:
                pass

    async def _read(self) -> list[Event]:
        try:
            self._protocol.receive_data(await self._stream.receive())
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, ssl.SSLError):
            self._closed_with = _ABNORMAL if self._closed_with is None else self._closed_with
            return [CloseConnection(_ABNORMAL)]
        return list(self._protocol.events())

    async def _write(self, event: Event) -> None:
        try:
            async with self._sending:
                await self._stream.send(self._protocol.send(event))
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, LocalProtocolError) as error:
            self._closed_with = _ABNORMAL if self._closed_with is None else self._closed_with
            raise SocketClosedError(self._closed_with) from error

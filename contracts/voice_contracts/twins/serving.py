"""A twin on a loopback socket: an ASGI application, and uvicorn with its signals left alone."""

import socket as net
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any

import anyio
import uvicorn

from voice_contracts.twins.http import Handler, Request
from voice_contracts.twins.sockets import Socket, SocketClosedError

__all__ = ("SocketHandler", "application", "serve_on_loopback")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
SocketHandler = Callable[[Request, "AsgiSocket"], Awaitable[None]]
"""Serves one WebSocket: accepts it or refuses it, and returns when it is over."""


class AsgiSocket(Socket):
    """One WebSocket of the server."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._closed_with: int | None = None

    async def accept(self) -> None:
        """Take the upgrade."""
        await self._receive()
        await self._send({"type": "websocket.accept"})

    async def refuse(self, status: int, body: bytes) -> None:
        """Refuse the upgrade with an HTTP answer."""
        await self._receive()
        headers = [(b"content-type", b"application/json")]
        await self._send({"type": "websocket.http.response.start", "status": status, "headers": headers})
        await self._send({"type": "websocket.http.response.body", "body": body})

    async def send(self, text: str) -> None:
        """Send one text message."""
        if self._closed_with is not None:
            raise SocketClosedError(self._closed_with)
        await self._send({"type": "websocket.send", "text": text})

    async def receive(self) -> str:
        """Return the next message."""
        if self._closed_with is None:
            message = await self._receive()
            if message["type"] == "websocket.receive":
                return message.get("text") or (message.get("bytes") or b"").decode()
            self._closed_with = message.get("code") or 1006
        raise SocketClosedError(self._closed_with)

    async def close(self, code: int = 1000) -> None:
        """Say goodbye and close."""
        if self._closed_with is None:
            self._closed_with = code
            await self._send({"type": "websocket.close", "code": code})

    async def abort(self) -> None:
        """Close as a server that breaks down does: ASGI knows no ruder way."""
        await self.close(1011)


def application(handler: Handler, sockets: SocketHandler | None = None) -> Callable[..., Awaitable[None]]:
    """Return the ASGI application that answers with *handler* and serves WebSockets with *sockets*."""

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        method = scope.get("method", "GET")
        request = Request(method, scope["path"], scope["query_string"].decode(), headers)
        if scope["type"] == "websocket":
            peer = AsgiSocket(receive, send)
            await (sockets(request, peer) if sockets else peer.refuse(404, b""))
        else:
            await _answer(handler, request, receive, send)

    return app


async def _answer(handler: Handler, request: Request, receive: Receive, send: Send) -> None:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    answer = await handler(Request(request.method, request.path, request.query, request.headers, body))
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if isinstance(answer.body, bytes):
        await send({"type": "http.response.body", "body": answer.body})
        return
    async with aclosing(answer.body):
        async for piece in answer.body:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


class _Server(uvicorn.Server):
    """Leaves the signals of the process to whoever owns it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def serve_on_loopback(
    handler: Handler, sockets: SocketHandler | None = None, *, port: int = 0
) -> AsyncIterator[str]:
    """Serve on 127.0.0.1 for as long as the block lasts, and give its URL; needs the asyncio event loop.

    Port 0 takes a free one.
    """
    config = uvicorn.Config(
        application(handler, sockets),
        ws="wsproto",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    # With its protocol named, asyncio lets no small answer wait for the acknowledgement of the one before.
    with net.socket(net.AF_INET, net.SOCK_STREAM, net.IPPROTO_TCP) as listener:
        listener.setsockopt(net.SOL_SOCKET, net.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        # Listening from here on, so that whoever connects at once waits in the queue instead of being refused.
        listener.listen(128)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.serve, [listener])
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                server.should_exit = True
                server.force_exit = True

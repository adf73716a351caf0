"""JSON-RPC over a WebSocket at `/rpc`: any number of requests, and notifications after `voicecall.subscribe`."""

import contextlib
from typing import Final

import anyio
import attrs
from anyio.streams.memory import MemoryObjectSendStream
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from voice_entrypoints.rpc.api import PhoneApi
from voice_entrypoints.rpc.jsonrpc import Dispatcher
from voice_entrypoints.rpc.session import RpcSession, TooSlowError

__all__ = ("RpcSocket",)

_WAITING: Final = 256
# RFC 6455, section 7.4, and the IANA registry of close codes.
_GOING_AWAY: Final = 1001
_TRY_AGAIN_LATER: Final = 1013


@attrs.frozen
class RpcSocket:
    """An ASGI application for one WebSocket path."""

    dispatcher: Dispatcher
    api: PhoneApi
    stopping: anyio.Event
    """Set when the listener stops: open sockets are closed then, so that clients know at once."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until either side leaves."""
        socket = WebSocket(scope, receive, send)
        await socket.accept()
        close: tuple[int, str] | None = (_GOING_AWAY, "the gateway stops")
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._leave_when_stopping, tasks.cancel_scope)
                close = await self._serve(socket)
                tasks.cancel_scope.cancel()
        except* TooSlowError:
            close = (_TRY_AGAIN_LATER, str(TooSlowError()))
        if close is not None:
            await _close(socket, *close)

    async def _leave_when_stopping(self, scope: anyio.CancelScope) -> None:
        await self.stopping.wait()
        scope.cancel()

    async def _serve(self, socket: WebSocket) -> tuple[int, str] | None:
        """Serve until the client leaves (None) or must be told to, with a close code and a reason."""

        async def send(text: str) -> None:
            try:
                await socket.send_text(text)
            except (WebSocketDisconnect, RuntimeError) as error:
                raise anyio.BrokenResourceError from error

        session = RpcSession(self.dispatcher, self.api, send)
        incoming, messages = anyio.create_memory_object_stream[str | bytes](_WAITING)
        flooded = anyio.Event()
        with incoming, messages:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_read, socket, incoming, flooded)
                await session.run(messages, linger_seconds=0)
                tasks.cancel_scope.cancel()
        if not flooded.is_set():
            return None
        return _TRY_AGAIN_LATER, f"{_WAITING} requests wait to be taken; send fewer at once"


async def _read(
    socket: WebSocket, incoming: MemoryObjectSendStream[str | bytes], flooded: anyio.Event
) -> None:
    """Read always, so that pings are answered; a client with too many requests waiting is given up."""
    with incoming:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text: str | bytes | None = message.get("text")
            try:
                incoming.send_nowait(message["bytes"] if text is None else text)
            except anyio.WouldBlock:
                flooded.set()
                return
            except anyio.BrokenResourceError:
                return


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    # Either error says that the client has gone already.
    gone = contextlib.suppress(WebSocketDisconnect, RuntimeError)
    with gone, anyio.move_on_after(1, shield=True):
        # A close frame has room for 123 bytes of reason.
        await socket.close(code, reason[:120])

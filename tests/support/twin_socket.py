"""Realtime sockets of a service's twin within the process, with the errors of our own client."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio

from voice_adapters.speech.openai.session_parts import SocketOpener
from voice_adapters.transports.websocket_errors import WebSocketClosedError, WebSocketRefusedError
from voice_contracts.twins.openai.twin import OpenAiTwin
from voice_contracts.twins.sockets import Socket, SocketClosedError, SocketRefusedError

__all__ = ("sockets_of",)


class _TwinSocket:
    def __init__(self, socket: Socket) -> None:
        self._socket = socket

    async def send(self, message: str) -> None:
        try:
            await self._socket.send(message)
        except SocketClosedError as error:
            raise WebSocketClosedError(error.code) from error

    async def receive(self) -> str:
        try:
            return await self._socket.receive()
        except SocketClosedError as error:
            raise WebSocketClosedError(error.code) from error


def sockets_of(twin: OpenAiTwin) -> SocketOpener:
    """Return what opens a socket to *twin*."""

    @asynccontextmanager
    async def open_socket(url: str, headers: Sequence[tuple[str, str]]) -> AsyncIterator[_TwinSocket]:
        try:
            socket = await twin.dial(url, dict(headers))
        except SocketRefusedError as error:
            raise WebSocketRefusedError(error.status or 503, b"") from error
        try:
            yield _TwinSocket(socket)
        finally:
            with anyio.CancelScope(shield=True):
                await socket.close()

    return open_socket

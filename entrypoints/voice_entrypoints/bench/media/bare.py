"""Echo servers with nothing behind them: what the WebSocket itself costs."""

import asyncio
import importlib
import importlib.util
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import uvicorn
from uvicorn.server import ServerState
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Ping, Request, TextMessage

__all__ = ("WsprotoEcho", "has_picows", "picows_echo")


class WsprotoEcho(asyncio.Protocol):
    """Sends every text message back, through wsproto and nothing else."""

    def __init__(self, config: uvicorn.Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        del config, app_state
        self._connections = server_state.connections
        self._protocol = WSConnection(ConnectionType.SERVER)
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket over."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not descend from it
        self._connections.add(self)  # type: ignore[arg-type]  # uvicorn only calls shutdown() on them

    def connection_lost(self, exc: Exception | None) -> None:
        """Let it go."""
        del exc
        self._connections.discard(self)

    def shutdown(self) -> None:
        """Close; uvicorn calls this when the server stops."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Echo."""
        self._protocol.receive_data(data)
        for event in self._protocol.events():
            if isinstance(event, TextMessage):
                self._transport.write(self._protocol.send(TextMessage(event.data)))
            elif isinstance(event, Request):
                self._transport.write(self._protocol.send(AcceptConnection()))
            elif isinstance(event, Ping):
                self._transport.write(self._protocol.send(event.response()))
            elif isinstance(event, CloseConnection):
                self._transport.close()


def has_picows() -> bool:
    """Whether picows, a WebSocket in C, is installed to compare with."""
    return importlib.util.find_spec("picows") is not None


@asynccontextmanager
async def picows_echo(bound: socket.socket) -> AsyncIterator[None]:
    """Echo through picows while the context is open."""
    picows = importlib.import_module("picows")

    def on_ws_frame(_self: Any, transport: Any, frame: Any) -> None:
        transport.send(frame.msg_type, frame.get_payload_as_bytes())

    echo = type("Echo", (picows.WSListener,), {"on_ws_frame": on_ws_frame})
    server = await picows.ws_create_server(lambda _request: echo(), sock=bound)
    try:
        yield
    finally:
        server.close()

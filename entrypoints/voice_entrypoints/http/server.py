"""Runs an ASGI application on a socket, as one task among others and without touching signals."""

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import ClassVar, Final, TypeAlias

import anyio
import attrs
import uvicorn
from starlette.types import ASGIApp

from voice_domain.errors import VoiceError
from voice_entrypoints.http.port_holder import gateway_on
from voice_entrypoints.rpc.lone_error import lone_errors

__all__ = (
    "BindError",
    "Listener",
    "PortBusyError",
    "WebSocketProtocol",
    "bind_socket",
    "listener_on",
    "listening",
)

_log = logging.getLogger(__name__)

WebSocketProtocol: TypeAlias = type[asyncio.Protocol]
"""What uvicorn's `ws=` option takes: it is given every socket that asks for an upgrade."""

WEBSOCKET_LIMIT: Final = 1 << 20
"""Bytes of the largest WebSocket message."""


class BindError(VoiceError):
    """The address cannot be listened on."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, key: str, address: str, problem: str) -> None:
        super().__init__(f"Cannot listen on {address}: {problem}; set {key}.bind and {key}.port")
        self.field = f"{key}.bind"


class PortBusyError(VoiceError):
    """Another program listens on the port."""

    kind: ClassVar[str] = "port_busy"

    def __init__(self, key: str, port: int, *, holder_pid: int | None) -> None:
        holder = "another program" if holder_pid is None else f"our own gateway, process {holder_pid}"
        super().__init__(
            f"Port {port} is in use by {holder}; stop it, or set {key}.port to another (0 picks a free one)"
        )
        self.port = port
        self.pid = holder_pid
        """The process that holds it, if it is known to be a gateway of ours; else None."""


@attrs.frozen
class Listener:
    """A socket that is served."""

    host: str
    """The address as others on this machine reach it."""
    port: int

    @property
    def url(self) -> str:
        """Its root, without a path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs the whole program, and is woken rather than asked ten times a second."""

    def __init__(self, config: uvicorn.Config, stopping: anyio.Event) -> None:
        super().__init__(config)
        self.stopping = stopping
        self.scope = anyio.CancelScope(shield=True)
        self.is_started = anyio.Event()
        self.is_stopped = anyio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.is_started.set()

    async def main_loop(self) -> None:
        """Keep the Date header right until told to stop."""
        while not self.stopping.is_set():
            await self.on_tick(0)
            with anyio.move_on_after(1):
                await self.stopping.wait()


def bind_socket(key: str, bind: str, port: int) -> socket.socket:
    """Return a socket bound to *bind* and *port*; *key* is the section of the settings that named them.

    Raises:
        PortBusyError: if the port is in use; it names our own gateway if that is who uses it.
        BindError: if the address is none of this machine's, or not allowed.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            bind or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise BindError(key, f"{bind}:{port}", str(error.strerror or error)) from error
    try:
        # A port in TIME_WAIT after a restart is free; one that somebody listens on stays refused.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(1_024)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise PortBusyError(key, port, holder_pid=gateway_on(port)) from error
        raise BindError(key, f"{bind}:{port}", str(error.strerror or error)) from error
    bound.setblocking(False)  # noqa: FBT003 - the standard library's own signature
    return bound


@asynccontextmanager
async def listening(
    app: ASGIApp,
    bound: socket.socket,
    stopping: anyio.Event,
    *,
    stop_seconds: float = 5,
    websocket: WebSocketProtocol | None = None,
) -> AsyncIterator[Listener]:
    """Serve *app* on *bound* while the context is open; the socket is closed afterwards.

    *websocket* takes all WebSockets instead of *app*: a protocol class as uvicorn's `ws=` wants it.

    *stopping* stops it, and is set on the way out: applications end their endless answers then, and listeners that
    share it stop together. Requests that still run have *stop_seconds*.
    The server runs on asyncio only.
    """
    if not _is_asyncio():
        bound.close()
        raise BindError("api", "this event loop", "the HTTP server runs on asyncio only")
    server = _Server(_config(app, stop_seconds, websocket), stopping)
    with lone_errors():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_serve, server, bound)
            try:
                await server.is_started.wait()
                yield listener_on(bound)
            finally:
                stopping.set()
                await _stopped(server, stop_seconds)


def _is_asyncio() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def _serve(server: _Server, bound: socket.socket) -> None:
    try:
        # Cut in the middle it would leave connections open, so it is told to stop instead.
        with server.scope:
            await server.serve([bound])
    finally:
        bound.close()
        server.is_started.set()
        server.is_stopped.set()


async def _stopped(server: _Server, stop_seconds: float) -> None:
    with anyio.move_on_after(stop_seconds + 1, shield=True) as deadline:
        await server.is_stopped.wait()
    if deadline.cancelled_caught:
        _log.warning("a listener did not stop within %s seconds and is cut off", stop_seconds)
        server.scope.cancel()


def listener_on(bound: socket.socket) -> Listener:
    """Return where others on this machine reach a socket."""
    host, port = bound.getsockname()[:2]
    # Bound to every address, it is reached by the loopback one.
    return Listener({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)  # noqa: S104 - looked up


def _config(app: ASGIApp, stop_seconds: float, websocket: WebSocketProtocol | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="auto",
        ws=websocket or "wsproto",
        ws_max_size=WEBSOCKET_LIMIT,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # Forwarding headers are judged by us, where they matter.
        proxy_headers=False,
        timeout_graceful_shutdown=max(1, round(stop_seconds)),
    )

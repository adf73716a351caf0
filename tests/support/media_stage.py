"""A stage for media streams: an exchange that keeps what it hears, a plain dialect, and a server on loopback."""

import base64
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
from anyio.abc import SocketStream
from support.telephone import call_to

from voice_adapters.clock import RandomIdentities, SystemClock
from voice_adapters.transports.media_engine import MediaEngine, MediaParts
from voice_adapters.transports.media_limits import MediaLimits
from voice_adapters.transports.media_server import make_protocol
from voice_adapters.transports.stream_tokens import StreamTokens
from voice_adapters.transports.websocket_client import WebSocketClient, open_websocket
from voice_adapters.transports.websocket_errors import WebSocketClosedError
from voice_domain.call import Call
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.carrier import CarrierSignal, Exchange
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.ports.media_dialect import (
    BadMediaError,
    DialectSession,
    FrameCame,
    KeysCame,
    MarkCame,
    MediaDialect,
    MediaMessage,
    StreamBegan,
    StreamOver,
)
from voice_domain.refusals import CallNotFoundError
from voice_entrypoints.http.server import listening

__all__ = ("Ear", "MediaStage", "PlainDialect", "Switch", "masked", "media", "start")

PATH = "/voice/stream"
FRAME = bytes(range(160))


def start(carrier_call_id: str) -> str:
    """Return the first message of a stream."""
    return json.dumps({"event": "start", "call": carrier_call_id})


def media(payload: bytes = FRAME) -> str:
    """Return a message with audio."""
    return json.dumps({"event": "media", "payload": base64.b64encode(payload).decode()})


def masked(first: int, payload: bytes, *, mask: bytes = b"\x01\x02\x03\x04") -> bytes:
    """Return a client's frame with this first byte."""
    size = len(payload)
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 1 << 16:
        head = bytes((first, 0xFE)) + struct.pack("!H", size)
    else:
        head = bytes((first, 0xFF)) + struct.pack("!Q", size)
    return head + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


class _PlainSession(DialectSession):
    def read(self, message: bytes | str) -> MediaMessage | None:
        if isinstance(message, bytes):
            raise BadMediaError("binary messages say nothing here")
        try:
            told = json.loads(message)
            return self._meaning(told)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise BadMediaError("not one of our messages") from error

    def _meaning(self, told: Any) -> MediaMessage | None:
        match told["event"]:
            case "start":
                return StreamBegan(CarrierCallId(told["call"]))
            case "media":
                return FrameCame(base64.b64decode(told["payload"], validate=True))
            case "mark":
                return MarkCame(str(told["name"]))
            case "keys":
                return KeysCame(str(told["digits"]))
            case "stop":
                return StreamOver()
        return None

    def frame(self, payload: bytes) -> bytes:
        return media(payload).encode()

    def mark(self, name: str) -> bytes:
        return json.dumps({"event": "mark", "name": name}).encode()

    def clear(self) -> bytes:
        return b'{"event": "clear"}'


class PlainDialect(MediaDialect):
    """The least that a carrier could say."""

    def session(self) -> DialectSession:
        return _PlainSession()


class Ear(MediaListener):
    """Keeps what one link brought."""

    def __init__(self, link: MediaLink, changed: Callable[[], None]) -> None:
        self.link = link
        self._changed = changed
        self.frames: list[bytes] = []
        self.marks: list[str] = []
        self.closed = 0

    def frame_arrived(self, payload: bytes) -> None:
        self.frames.append(payload)
        self._changed()

    def mark_played(self, name: str) -> None:
        self.marks.append(name)
        self._changed()

    def link_closed(self) -> None:
        self.closed += 1
        self._changed()


class Switch(Exchange):
    """Knows some calls, gives each stream an ear, and keeps the signals it is told."""

    def __init__(self) -> None:
        self.calls: dict[str, Call] = {}
        self.ears: dict[CallId, list[Ear]] = {}
        self.told: list[CarrierSignal] = []
        self.failures: list[Exception] = []
        self._changed = anyio.Event()

    async def until(self, fact: Callable[[], object]) -> None:
        """Wait until something is true of what was heard; the test's own deadline is the limit."""
        while not fact():
            self._changed = anyio.Event()
            await self._changed.wait()

    def _note(self) -> None:
        self._changed.set()

    def place(self, carrier_call_id: str) -> CallId:
        """Begin a call and return our name for it."""
        call = call_to().call.changed({"carrier_call_id": CarrierCallId(carrier_call_id)})
        self.calls[call.call_id] = self.calls[carrier_call_id] = call
        return call.call_id

    async def tell(self, signal: CarrierSignal) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.told.append(signal)
        self._note()

    def attach(self, call_id: CallId, link: MediaLink) -> MediaListener:
        if call_id not in self.calls:
            raise CallNotFoundError(call_id)
        ear = Ear(link, self._note)
        self.ears.setdefault(call_id, []).append(ear)
        self._note()
        return ear

    def ear(self, call_id: CallId) -> Ear:
        """Return the newest ear of a call."""
        return self.ears[call_id][-1]


class MediaStage:
    """An engine behind a real listener."""

    def __init__(self, **limits: Any) -> None:
        self.switch = Switch()
        self.clock = SystemClock()
        self.tokens = StreamTokens(self.clock, RandomIdentities())
        parts = MediaParts(
            tokens=self.tokens,
            dialect=PlainDialect(),
            exchange=self.switch,
            find_call=self.switch.calls.get,
            clock=self.clock,
        )
        given = {"close_seconds": 0.2, **limits}
        self.engine = MediaEngine(parts, stream_path=PATH, limits=MediaLimits(**given))
        self.port = 0
        self.stopping = anyio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["MediaStage"]:
        """Listen."""
        bound = socket.socket()
        # Small, so that a test can fill it.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32_768)
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        bound.setblocking(False)  # noqa: FBT003 - the standard library's own signature
        protocol = make_protocol(self.engine)
        with anyio.fail_after(60):
            async with (
                anyio.create_task_group() as tasks,
                listening(_nothing, bound, self.stopping, stop_seconds=1, websocket=protocol) as listener,
            ):
                self.port = listener.port
                tasks.start_soon(self.engine.run)
                yield self
                tasks.cancel_scope.cancel()

    def url(self, call_id: CallId) -> str:
        """Return the address of a new stream of a call."""
        return f"ws://127.0.0.1:{self.port}{PATH}/{self.tokens.issue(call_id)}"

    def carrier(self, call_id: CallId) -> Any:
        """Open a stream as the carrier does."""
        return open_websocket(self.url(call_id))

    async def raw(self, call_id: CallId) -> SocketStream:
        """Open a stream and return the bare socket behind it."""
        stream = await anyio.connect_tcp("127.0.0.1", self.port)
        path = self.url(call_id).removeprefix(f"ws://127.0.0.1:{self.port}")
        await stream.send(upgrade(path))
        answer = await stream.receive()
        assert answer.startswith(b"HTTP/1.1 101"), answer
        return stream


def upgrade(path: str, *more: str) -> bytes:
    """Return the request that asks for a WebSocket."""
    lines = (
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        *more,
    )
    return "\r\n".join((*lines, "", "")).encode()


async def closing(wire: WebSocketClient) -> WebSocketClosedError:
    """Receive until the socket is closed, and say why."""
    try:
        while True:
            await wire.receive()
    except WebSocketClosedError as closed:
        return closed


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b"Not Found"})

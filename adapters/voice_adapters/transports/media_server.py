"""The server's side of media WebSockets: a protocol class that uvicorn gives every upgrade to.

Frames do not travel through ASGI: a message is cut out of what the socket gives, read, and heard by its call in one go,
and what the call says is written to the socket in one go. The handshake, control frames and everything unusual go
through wsproto. Only what uvicorn demands of a protocol touches asyncio.
"""

import asyncio
import contextlib
import logging
from functools import cache
from typing import Any, ClassVar, Final, cast

from uvicorn.config import Config
from uvicorn.server import ServerState
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import (
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from voice_adapters.transports.incoming_frames import IncomingFrames, MessageTooBigError, OddFrame
from voice_adapters.transports.media_engine import MediaEngine, Refusal
from voice_adapters.transports.media_stream import MediaStream
from voice_adapters.transports.upgrade import BadUpgradeError, Upgrade

__all__ = ("make_protocol",)

_log = logging.getLogger(__name__)

_HIGH_WATER_BYTES: Final = 64 * 1024
# RFC 6455, section 7.4.1, and the registry it began.
_PROTOCOL_ERROR: Final = 1002
_POLICY: Final = 1008
_TOO_BIG: Final = 1009
_INTERNAL_ERROR: Final = 1011
_RESTART: Final = 1012
_OVERLOADED: Final = 1013


def make_protocol(engine: MediaEngine) -> type[asyncio.Protocol]:
    """Return the class for uvicorn's `ws=` option whose sockets are media streams of *engine*, and nothing else."""

    class BoundMediaSocket(_MediaSocket):
        __slots__ = ()
        _engine = engine

    return BoundMediaSocket


@cache
def _text_header(size: int) -> bytes:
    # RFC 6455, section 5.2: a server's frames are not masked. Sizes repeat, so there are few of these.
    if size < 126:
        return bytes((0x81, size))
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big")
    return b"\x81\x7f" + size.to_bytes(8, "big")


class _MediaSocket(asyncio.Protocol):
    """One connection, from the upgrade on; the wire of one stream."""

    _engine: ClassVar[MediaEngine]

    __slots__ = (
        "_closing",
        "_congested",
        "_connections",
        "_frames",
        "_heard_at",
        "_held",
        "_held_bytes",
        "_loop",
        "_parts",
        "_quiet_times",
        "_rules",
        "_start_timer",
        "_stream",
        "_timer",
        "_transport",
        "_upgrade",
        "_write",
    )

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        del config, app_state
        self._connections = server_state.connections
        self._loop = asyncio.get_running_loop()
        self._upgrade: Upgrade | None = Upgrade()
        self._rules: Connection | None = None
        self._frames = IncomingFrames(self._engine.limits.message_bytes)
        self._stream: MediaStream | None = None
        self._parts: list[str] | list[bytes] = []
        self._held: list[tuple[bytes, bool]] = []
        self._held_bytes = 0
        self._congested = False
        self._closing = False
        self._quiet_times = 0
        self._heard_at = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._start_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket over from the HTTP protocol."""
        # Another loop's transports need not descend from asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._write = self._transport.write
        self._transport.set_write_buffer_limits(high=_HIGH_WATER_BYTES)
        self._connections.add(self)  # type: ignore[arg-type]  # uvicorn only calls shutdown() on them

    def data_received(self, data: bytes) -> None:
        """Take bytes of the far end."""
        self._heard_at = self._loop.time()
        stream = self._stream
        if stream is None:
            self._shake_hands(data)
            return
        try:
            for message in self._frames.push(data):
                if type(message) is OddFrame:
                    self._by_the_book(message, stream)
                elif not self._closing:
                    stream.take(message)
        except MessageTooBigError:
            self._break(_TOO_BIG, "Message too big")
        except Exception:  # noqa: BLE001 - a fault in a dialect or a voice must end its own stream and no other
            _log.exception("call %s: the media stream broke", stream.ticket.call_id)
            self._break(_INTERNAL_ERROR, "Internal error")

    def eof_received(self) -> None:
        """Let the transport close: nobody is left to say anything to."""

    def pause_writing(self) -> None:
        """Hold what is to be sent: the far end does not read."""
        self._congested = True

    def resume_writing(self) -> None:
        """Send what was held."""
        self._congested = False
        held, self._held, self._held_bytes = self._held, [], 0
        for text, to_play in held:
            if self._congested:
                self._hold(text, to_play=to_play)
            else:
                self._write(_text_header(len(text)) + text)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let everything go."""
        del exc
        self._connections.discard(self)
        self._stop_timers()
        self._closing = True
        self._held.clear()
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.lost()
            self._engine.leave(stream)

    def shutdown(self) -> None:
        """Say goodbye; uvicorn calls this when the server stops."""
        if self._stream is None:
            self._transport.close()
        else:
            self._break(_RESTART, "The server restarts")

    @property
    def silent_seconds(self) -> float:
        """For how long nothing has come; see `Wire`."""
        return self._loop.time() - self._heard_at

    def play(self, text: bytes) -> None:
        """Send a message that a later `clear` makes worthless; see `Wire`."""
        if self._congested or self._closing:
            self._hold(text, to_play=True)
        else:
            self._write(_text_header(len(text)) + text)

    def send(self, text: bytes) -> None:
        """Send a message that must arrive; see `Wire`."""
        if self._congested or self._closing:
            self._hold(text, to_play=False)
        else:
            self._write(_text_header(len(text)) + text)

    def clear(self, text: bytes) -> None:
        """Drop what was to be played and still waits; see `Wire`."""
        if self._held:
            self._held = [entry for entry in self._held if not entry[1]]
            self._held_bytes = sum(len(each) for each, _ in self._held)
        self.send(text)

    def close(self, code: int, reason: str) -> None:
        """Close the socket, and cut it if the far end does not close too; see `Wire`."""
        if self._closing:
            return
        self._closing = True
        self._stop_timers()
        self._held.clear()
        self._tell(CloseConnection(code, reason))
        self._timer = self._loop.call_later(self._engine.limits.close_seconds, self._transport.abort)

    def _shake_hands(self, data: bytes) -> None:
        upgrade = self._upgrade
        if self._closing or upgrade is None:
            return
        try:
            asked = upgrade.receive(data)
        except BadUpgradeError as error:
            self._write(error.answer)
            self._hang_up()
            return
        if asked is None:
            return
        peer = self._transport.get_extra_info("peername")
        remote = str(peer[0]) if isinstance(peer, tuple) else ""
        opened = self._engine.open(asked.path, asked.headers, remote, self)
        if isinstance(opened, Refusal):
            self._write(upgrade.refuse(opened))
            self._hang_up()
            return
        self._write(upgrade.accept())
        self._begin(opened)

    def _begin(self, stream: MediaStream) -> None:
        limits = self._engine.limits
        self._stream, self._upgrade = stream, None
        self._start_timer = self._loop.call_later(limits.start_seconds, self._missed_start)
        self._timer = self._loop.call_later(limits.keep_alive_seconds, self._keep_alive)

    def _hang_up(self) -> None:
        self._closing = True
        self._transport.close()

    def _by_the_book(self, frame: OddFrame, stream: MediaStream) -> None:
        """Let wsproto judge a frame: control frames, fragments, text beyond ASCII, violations."""
        try:
            rules = self._book()
            rules.receive_data(bytes(frame))
            for event in rules.events():
                self._heed(event, stream)
        except RemoteProtocolError as error:
            hint = error.event_hint
            self._break(hint.code if isinstance(hint, CloseConnection) else _PROTOCOL_ERROR, "Protocol error")
        except LocalProtocolError:
            self._transport.close()  # it goes on talking after both sides have closed

    def _heed(self, event: Event, stream: MediaStream) -> None:
        match event:
            case Ping():
                if not (self._congested or self._closing):
                    self._tell(event.response())
            case CloseConnection():
                self._goodbye(event, stream)
            case TextMessage() | BytesMessage():
                self._parts.append(event.data)  # type: ignore[arg-type]  # a message is all text or all bytes
                if event.message_finished:
                    parts, self._parts = self._parts, []
                    whole = "".join(parts) if isinstance(event, TextMessage) else b"".join(parts)  # type: ignore[arg-type]  # as above
                    if not self._closing:
                        stream.take(whole)
            case _:
                pass

    def _goodbye(self, event: CloseConnection, stream: MediaStream) -> None:
        if not self._closing:
            self._closing = True
            self._stop_timers()
            self._tell(event.response())
            stream.lost()
        self._transport.close()

    def _break(self, code: int, reason: str) -> None:
        """Close for a reason that the call has to know."""
        self.close(code, reason)
        if self._stream is not None:
            self._stream.lost()

    def _missed_start(self) -> None:
        if self._stream is not None and not self._stream.began:
            self._break(_POLICY, "Start timeout")

    def _keep_alive(self) -> None:
        # Looks are counted, not seconds: when our own loop was held up, what has come meanwhile is still to be read.
        limits = self._engine.limits
        quiet = self.silent_seconds >= limits.keep_alive_seconds
        self._quiet_times = self._quiet_times + 1 if quiet else 0
        if self._quiet_times >= limits.silent_times:
            _log.warning("a media stream is cut: its far end is silent")
            self._transport.abort()
            return
        if quiet and not self._congested:
            self._tell(Ping())
        self._timer = self._loop.call_later(limits.keep_alive_seconds, self._keep_alive)

    def _hold(self, text: bytes, *, to_play: bool) -> None:
        if self._closing:
            return
        self._held.append((text, to_play))
        self._held_bytes += len(text)
        waiting = self._held_bytes + self._transport.get_write_buffer_size()
        if waiting > self._engine.limits.send_buffer_bytes:
            self._engine.drop("send buffer full")
            self._break(_OVERLOADED, "Send buffer full")

    def _tell(self, event: Event) -> None:
        # When it was closed meanwhile, there is nothing left to say.
        with contextlib.suppress(LocalProtocolError):
            self._write(self._book().send(event))

    def _book(self) -> Connection:
        # Most streams never need it before they close, and it weighs more than all the rest of a socket.
        self._rules = self._rules or Connection(ConnectionType.SERVER)
        return self._rules

    def _stop_timers(self) -> None:
        for timer in (self._timer, self._start_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._start_timer = None

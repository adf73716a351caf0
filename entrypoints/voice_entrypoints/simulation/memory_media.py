"""Media sockets without a network: a twin's bridge on one end, our media engine on the other."""

from collections import deque
from collections.abc import Mapping
from urllib.parse import urlsplit

import anyio

from voice_adapters.transports.media_engine import MediaEngine, Refusal
from voice_adapters.transports.media_limits import MediaLimits
from voice_adapters.transports.media_stream import MediaStream, Wire
from voice_contracts.twins.sockets import Socket, SocketClosedError, SocketRefusedError

__all__ = ("MemoryMedia", "TwinEnd")

_ABNORMAL = 1006
_ADDRESSES = 50
"""A carrier's streams come from many machines, one after the other here."""


class _OurWire(Wire):
    """What we send waits here until the twin reads it; nothing is lost but what `clear` takes back."""

    def __init__(self) -> None:
        self.heard_at = anyio.current_time()
        self.quiet_times = 0
        self.waiting: deque[str] = deque()
        self.closed_with: int | None = None
        self.changed = anyio.Event()

    @property
    def silent_seconds(self) -> float:
        return anyio.current_time() - self.heard_at

    def play(self, text: bytes) -> None:
        self._put(text)

    def send(self, text: bytes) -> None:
        self._put(text)

    def clear(self, text: bytes) -> None:
        self._put(text)

    def close(self, code: int, reason: str) -> None:
        del reason
        if self.closed_with is None:
            self.closed_with = code
            self.changed.set()

    def _put(self, text: bytes) -> None:
        if self.closed_with is None:
            self.waiting.append(text.decode())
            self.changed.set()


class TwinEnd(Socket):
    """The twin's end: what it sends is heard by our stream in the same step."""

    def __init__(self, engine: MediaEngine, wire: _OurWire, stream: MediaStream) -> None:
        self._engine = engine
        self.wire = wire
        self._stream = stream
        self.gone = False
        self._vanished = False
        self._stalled = False

    async def send(self, text: str) -> None:
        """Send one message."""
        await anyio.lowlevel.checkpoint()
        if self._vanished or self.gone or self.wire.closed_with is not None:
            raise SocketClosedError(self.wire.closed_with or _ABNORMAL)
        if self._stalled:
            return
        self.wire.heard_at = anyio.current_time()
        self._stream.take(text)

    async def receive(self) -> str:
        """Return our next message."""
        await anyio.lowlevel.checkpoint()
        while not self.wire.waiting or self._stalled or self._vanished:
            if self._vanished or self.gone or self.wire.closed_with is not None:
                if not self._vanished:
                    await self.abort()
                raise SocketClosedError(self.wire.closed_with or _ABNORMAL)
            self.wire.changed = anyio.Event()
            await self.wire.changed.wait()
        return self.wire.waiting.popleft()

    async def close(self, code: int = 1000) -> None:
        """Say goodbye; here it is the same as being gone."""
        del code
        await self.abort()

    async def abort(self) -> None:
        """Be gone: our side notices at once."""
        if not self.gone:
            self.drop()
            self._stream.lost()
            self._engine.leave(self._stream)

    def drop(self) -> None:
        """Our side is gone, with its process: there is nobody who could notice."""
        self.gone = True
        self.wire.changed.set()

    def vanish(self) -> None:
        """The twin is gone, and our side is not told."""
        self._vanished = True
        self.wire.changed.set()

    def stall(self) -> None:
        """Nothing arrives on either side any more, and neither is told."""
        self._stalled = True


class MemoryMedia:
    """Takes the place of the network in front of a media engine; `open_doors` is false while nobody gets through."""

    def __init__(self) -> None:
        self.engine: MediaEngine | None = None
        self.open_doors = True
        self.dialled = 0
        self.ends: list[TwinEnd] = []

    async def dial(self, url: str, headers: Mapping[str, str]) -> TwinEnd:
        """Open a stream as a carrier does.

        Raises:
            SocketRefusedError: if our side refuses it, or cannot be reached.
        """
        await anyio.lowlevel.checkpoint()
        self.dialled += 1
        if self.engine is None or not self.open_doors:
            raise SocketRefusedError(None)
        wire = _OurWire()
        lower = {name.lower(): value for name, value in headers.items()}
        remote = f"198.51.100.{self.dialled % _ADDRESSES}"
        opened = self.engine.open(urlsplit(url).path, lower, remote, wire)
        if isinstance(opened, Refusal):
            raise SocketRefusedError(opened.status)
        end = TwinEnd(self.engine, wire, opened)
        self.ends.append(end)
        return end

    def leave(self) -> None:
        """Our process is gone, and with it the engine and every stream."""
        self.engine = None
        for end in self.ends:
            end.drop()
        self.ends.clear()

    async def watch(self) -> None:
        """Cut streams whose far end has fallen silent, as the server of media sockets does, until cancelled."""
        limits = MediaLimits()
        while True:
            await anyio.sleep(limits.keep_alive_seconds)
            for end in tuple(self.ends):
                quiet = end.wire.silent_seconds >= limits.keep_alive_seconds
                end.wire.quiet_times = end.wire.quiet_times + 1 if quiet else 0
                if end.gone:
                    self.ends.remove(end)
                elif end.wire.quiet_times >= limits.silent_times:
                    await end.abort()

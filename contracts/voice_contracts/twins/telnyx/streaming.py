"""One media stream: a WebSocket client that carries a leg's audio, paced by the line's clock."""

import contextlib
import math
from collections.abc import Callable

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from voice_contracts.twins.faults import MediaFault
from voice_contracts.twins.line import BothWays, Listener, Sound
from voice_contracts.twins.person import KeyPressed, News
from voice_contracts.twins.play_buffer import PlayBuffer
from voice_contracts.twins.sockets import Socket, SocketClosedError, SocketRefusedError
from voice_contracts.twins.telnyx.leg import Leg
from voice_contracts.twins.telnyx.media_messages import FromUs, MediaWords, UnreadableMediaError, read_media
from voice_contracts.twins.telnyx.switch import Switch

__all__ = ("MediaStream", "start_streaming")

_NORMAL = (1000, 1001, 1005)
_QUEUE = 1500
"""Messages that may wait for a gateway that reads slowly: thirty seconds of frames."""
_LAST_WORD_SECONDS = 1.0
_UNREADABLE = 100_002


async def start_streaming(switch: Switch, leg: Leg, url: str, *, plays: bool) -> None:
    """Open a stream and carry it until either side ends it. Unless it *plays*, raw audio of ours is not heard."""
    try:
        socket = await switch.dial_media(url, {"user-agent": "telnyx-media"})
    except SocketRefusedError:
        leg.tell("streaming.failed", {"failure_reason": "connection_failed", "stream_type": "websocket"})
        return
    words = MediaWords(switch.new_name("stream-"), leg.name, leg.client_state)
    stream = MediaStream(
        words,
        socket,
        switch.faults.next_media(),
        lambda text: switch.ledger.violate(_UNREADABLE, text, leg.name),
    )
    leg.tell("streaming.started", {"stream_url": url})
    code: int | None = None
    with anyio.CancelScope() as leg.stream_scope:
        code = await _carried(leg, stream, plays=plays)
    leg.stream_scope = None
    if code in (None, *_NORMAL):
        leg.tell("streaming.stopped", {"stream_url": url})
    else:
        leg.tell("streaming.failed", {"failure_reason": "connection_lost", "stream_type": "websocket"})


async def _carried(leg: Leg, stream: "MediaStream", *, plays: bool) -> int:
    if plays:
        leg.stream = stream
        leg.line.play(stream)
    leg.line.add(stream)
    try:
        return await stream.run(leg.record.caller, leg.record.callee)
    finally:
        leg.line.remove(stream)
        if leg.stream is stream:
            leg.stream = None
            if leg.reading is None:
                leg.line.play(None)
        await stream.leave()


class MediaStream(Sound, Listener):
    """Carries one stream over an open socket; what we send is what the far end hears.

    Args:
        words: Makes its messages.
        socket: Open.
        fault: What goes wrong with it.
        complain: Called with a sentence for each message that breaks the protocol.
    """

    kind = "stream"
    over = False
    wants_frames = True

    def __init__(
        self, words: MediaWords, socket: Socket, fault: MediaFault, complain: Callable[[str], None]
    ) -> None:
        self._words = words
        self._socket = socket
        self._fault = fault
        self._complain = complain
        self._buffer = PlayBuffer()
        self._outgoing, self._waiting = anyio.create_memory_object_stream[str](_QUEUE)
        self._stalled = False

    async def run(self, caller: str, callee: str) -> int:
        """Carry the stream until our side closes it; return the code that it was closed with."""
        with self._outgoing, self._waiting:
            self._put(self._words.connected())
            self._put(self._words.start(caller, callee))
            code = 1000
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._send_all, self._waiting)
                if self._fault.cut_after_ms is not None:
                    tasks.start_soon(self._cut, self._fault.cut_after_ms / 1000)
                with anyio.CancelScope(deadline=self._stalls_at()) as readable:
                    code = await self._read_all()
                if readable.cancelled_caught:
                    self._stalled = True
                    await anyio.sleep_forever()
                tasks.cancel_scope.cancel()
            return code

    async def leave(self) -> None:
        """Say the last word and close."""
        with anyio.move_on_after(_LAST_WORD_SECONDS, shield=True):
            if self._stalled:
                await self._socket.abort()
                return
            with contextlib.suppress(SocketClosedError):
                await self._socket.send(self._words.stop())
            await self._socket.close()

    def next_frame(self) -> bytes | None:
        """Return what the far end hears next."""
        frame, due = self._buffer.take()
        self._echo(due)
        return frame or None

    def frame(self, sounds: BothWays) -> None:
        """Send 20 ms of the far end."""
        self._put(self._words.media(sounds.spoken))

    def learn(self, news: News) -> None:
        """Send a key that the far end pressed."""
        if isinstance(news, KeyPressed):
            self._put(self._words.dtmf(news.digit))

    def _stalls_at(self) -> float:
        after_ms = self._fault.stall_after_ms
        return math.inf if after_ms is None else anyio.current_time() + after_ms / 1000

    async def _cut(self, seconds: float) -> None:
        await anyio.sleep(seconds)
        await self._socket.abort()

    async def _send_all(self, messages: MemoryObjectReceiveStream[str]) -> None:
        try:
            async for message in messages:
                if not self._stalled:
                    await self._socket.send(message)
        except SocketClosedError:
            return  # the reader sees it too, with its code

    async def _read_all(self) -> int:
        while True:
            try:
                text = await self._socket.receive()
            except SocketClosedError as closed:
                return closed.code
            try:
                self._take(read_media(text))
            except UnreadableMediaError as error:
                self._complain(str(error))

    def _take(self, message: FromUs) -> None:
        if message.event == "media":
            self._buffer.push(message.audio())
        elif message.event == "clear":
            self._echo(self._buffer.clear())
        elif message.mark is not None:
            self._echo(self._buffer.mark(message.mark.name))

    def _echo(self, names: list[str]) -> None:
        for name in names:
            self._put(self._words.mark(name))

    def _put(self, message: str) -> None:
        try:
            self._outgoing.send_nowait(message)
        except anyio.WouldBlock:
            self._complain("the stream is not read; a message is lost")
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass  # the stream is over, and the line has not ticked since

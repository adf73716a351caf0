"""One media stream: a WebSocket client that carries a leg's audio, paced by the line's clock."""

import contextlib
import math
from collections.abc import Callable

import anyio
import attrs
from anyio.streams.memory import MemoryObjectReceiveStream

from voice_contracts.twins.faults import MediaFault
from voice_contracts.twins.line import BothWays, Line, Listener, Sound
from voice_contracts.twins.person import KeyPressed, News
from voice_contracts.twins.play_buffer import PlayBuffer
from voice_contracts.twins.sockets import Socket, SocketClosedError
from voice_contracts.twins.sound import SILENCE
from voice_contracts.twins.twilio.media_messages import (
    FromUs,
    MediaWords,
    UnreadableMediaError,
    read_media,
)

__all__ = ("MediaStream", "StreamEnd", "StreamPlan")

_NORMAL = (1000, 1001, 1005)
_QUEUE = 1500
"""Messages that may wait for a gateway that reads slowly: thirty seconds of frames."""
_LAST_WORD_SECONDS = 1.0
_PROTOCOL_ERROR = 31951


@attrs.frozen
class StreamPlan:
    """What a `Stream` element asks for."""

    sid: str
    name: str
    two_way: bool
    tracks: tuple[str, ...]
    parameters: dict[str, str]


@attrs.frozen
class StreamEnd:
    """Why a stream is over: the close code of our side, or None when the twin ended it."""

    code: int | None

    @property
    def in_order(self) -> bool:
        """Whether nobody broke it."""
        return self.code is None or self.code in _NORMAL


class MediaStream(Sound, Listener):
    """Carries one stream over an open socket; a two-way one is also what the callee hears.

    Args:
        plan: What was asked for.
        words: Makes its messages.
        socket: Open.
        fault: What goes wrong with it.
        complain: Called with a code and a sentence for each message that breaks the protocol.
    """

    kind = "stream"
    over = False
    wants_frames = True

    def __init__(
        self,
        plan: StreamPlan,
        words: MediaWords,
        socket: Socket,
        fault: MediaFault,
        complain: Callable[[int, str], None],
    ) -> None:
        self._plan = plan
        self._words = words
        self._socket = socket
        self._fault = fault
        self._complain = complain
        self._buffer = PlayBuffer()
        self._outgoing, self._waiting = anyio.create_memory_object_stream[str](_QUEUE)
        self._stalled = False

    async def run(self, line: Line) -> StreamEnd:
        """Carry the stream until our side closes it; when cancelled, say `stop` and close."""
        with self._outgoing, self._waiting:
            self._put(self._words.connected())
            self._put(self._words.start(self._plan.tracks, self._plan.parameters))
            line.add(self)
            if self._plan.two_way:
                line.play(self)
            try:
                return await self._carry()
            finally:
                line.remove(self)
                if self._plan.two_way:
                    line.play(None)
                await self._leave()

    def next_frame(self) -> bytes | None:
        """Return what the callee hears next."""
        frame, due = self._buffer.take()
        self._echo(due)
        return frame or None

    def frame(self, sounds: BothWays) -> None:
        """Send 20 ms of the callee, of us, or of both."""
        for track in self._plan.tracks:
            heard = sounds.spoken if track == "inbound" else sounds.played + SILENCE[len(sounds.played) :]
            self._put(self._words.media(track, heard))

    def learn(self, news: News) -> None:
        """Send a key that the callee pressed; one-way streams do not carry keys."""
        if isinstance(news, KeyPressed) and self._plan.two_way:
            self._put(self._words.dtmf(news.digit))

    async def _carry(self) -> StreamEnd:
        end = StreamEnd(None)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._send_all, self._waiting)
            if self._fault.cut_after_ms is not None:
                tasks.start_soon(self._cut, self._fault.cut_after_ms / 1000)
            with anyio.CancelScope(deadline=self._stalls_at()) as readable:
                end = StreamEnd(await self._read_all())
            if readable.cancelled_caught:
                # Half closed: nothing is read and nothing sent until somebody ends the stream.
                self._stalled = True
                await anyio.sleep_forever()
            tasks.cancel_scope.cancel()
        return end

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
                self._take(read_media(text, self._plan.sid))
            except UnreadableMediaError as error:
                self._complain(_PROTOCOL_ERROR, str(error))

    def _take(self, message: FromUs) -> None:
        if not self._plan.two_way:
            raise UnreadableMediaError("a one-way stream takes no messages")
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
            self._complain(_PROTOCOL_ERROR, "the stream is not read; a message is lost")
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass  # the stream is over, and the line has not ticked since

    async def _leave(self) -> None:
        with anyio.move_on_after(_LAST_WORD_SECONDS, shield=True):
            if self._stalled:
                await self._socket.abort()
                return
            with contextlib.suppress(SocketClosedError):
                await self._socket.send(self._words.stop())
            await self._socket.close()

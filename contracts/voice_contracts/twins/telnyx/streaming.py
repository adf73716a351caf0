"""One media stream: a WebSocket client that carries a leg's audio, paced by the line's clock."""

from collections.abc import Callable

import anyio

from voice_contracts.twins.faults import MediaFault
from voice_contracts.twins.line import BothWays, Listener, Sound
from voice_contracts.twins.media_pipe import CLOSED_IN_ORDER, MediaPipe
from voice_contracts.twins.person import KeyPressed, News
from voice_contracts.twins.play_buffer import PlayBuffer
from voice_contracts.twins.sockets import Socket, SocketRefusedError
from voice_contracts.twins.telnyx.leg import Leg
from voice_contracts.twins.telnyx.media_messages import FromUs, MediaWords, UnreadableMediaError, read_media
from voice_contracts.twins.telnyx.switch import Switch

__all__ = ("MediaStream", "start_streaming")

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
    if code in (None, *CLOSED_IN_ORDER):
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
        self._complain = complain
        self._buffer = PlayBuffer()
        self._pipe = MediaPipe(socket, fault, self._hear, complain)

    async def run(self, caller: str, callee: str) -> int:
        """Carry the stream until our side closes it; return the code that it was closed with."""
        self._pipe.put(self._words.connected())
        self._pipe.put(self._words.start(caller, callee))
        return await self._pipe.carry()

    async def leave(self) -> None:
        """Say the last word and close."""
        await self._pipe.leave(self._words.stop())

    def next_frame(self) -> bytes | None:
        """Return what the far end hears next."""
        frame, due = self._buffer.take()
        self._echo(due)
        return frame or None

    def frame(self, sounds: BothWays) -> None:
        """Send 20 ms of the far end."""
        self._pipe.put(self._words.media(sounds.spoken))

    def learn(self, news: News) -> None:
        """Send a key that the far end pressed."""
        if isinstance(news, KeyPressed):
            self._pipe.put(self._words.dtmf(news.digit))

    def _hear(self, text: str) -> None:
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
            self._pipe.put(self._words.mark(name))

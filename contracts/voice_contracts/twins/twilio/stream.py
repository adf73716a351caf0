"""One media stream: a WebSocket client that carries a leg's audio, paced by the line's clock."""

from collections.abc import Callable

import attrs

from voice_contracts.twins.faults import MediaFault
from voice_contracts.twins.line import BothWays, Line, Listener, Sound
from voice_contracts.twins.media_pipe import CLOSED_IN_ORDER, MediaPipe
from voice_contracts.twins.person import KeyPressed, News
from voice_contracts.twins.play_buffer import PlayBuffer
from voice_contracts.twins.sockets import Socket
from voice_contracts.twins.sound import SILENCE
from voice_contracts.twins.twilio.media_messages import (
    FromUs,
    MediaWords,
    UnreadableMediaError,
    read_media,
)

__all__ = ("MediaStream", "StreamEnd", "StreamPlan")

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
        return self.code is None or self.code in CLOSED_IN_ORDER


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
        self._complain = complain
        self._buffer = PlayBuffer()
        self._pipe = MediaPipe(socket, fault, self._hear, lambda text: complain(_PROTOCOL_ERROR, text))

    async def run(self, line: Line) -> StreamEnd:
        """Carry the stream until our side closes it; when cancelled, say `stop` and close."""
        self._pipe.put(self._words.connected())
        self._pipe.put(self._words.start(self._plan.tracks, self._plan.parameters))
        line.add(self)
        if self._plan.two_way:
            line.play(self)
        try:
            return StreamEnd(await self._pipe.carry())
        finally:
            line.remove(self)
            if self._plan.two_way:
                line.play(None)
            await self._pipe.leave(self._words.stop())

    def next_frame(self) -> bytes | None:
        """Return what the callee hears next."""
        frame, due = self._buffer.take()
        self._echo(due)
        return frame or None

    def frame(self, sounds: BothWays) -> None:
        """Send 20 ms of the callee, of us, or of both."""
        for track in self._plan.tracks:
            heard = sounds.spoken if track == "inbound" else sounds.played + SILENCE[len(sounds.played) :]
            self._pipe.put(self._words.media(track, heard))

    def learn(self, news: News) -> None:
        """Send a key that the callee pressed; one-way streams do not carry keys."""
        if isinstance(news, KeyPressed) and self._plan.two_way:
            self._pipe.put(self._words.dtmf(news.digit))

    def _hear(self, text: str) -> None:
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
            self._pipe.put(self._words.mark(name))

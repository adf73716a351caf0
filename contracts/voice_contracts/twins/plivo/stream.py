"""One audio stream: a WebSocket client that carries a leg's audio, paced by the line's clock."""

from collections.abc import Callable, Mapping

import attrs

from voice_contracts.twins.faults import MediaFault
from voice_contracts.twins.line import BothWays, Line, Listener, Sound
from voice_contracts.twins.media_pipe import MediaPipe
from voice_contracts.twins.person import KeyPressed, News
from voice_contracts.twins.play_buffer import PlayBuffer
from voice_contracts.twins.plivo.media_messages import (
    FromUs,
    MediaWords,
    UnreadableMediaError,
    read_media,
)
from voice_contracts.twins.sockets import Socket
from voice_contracts.twins.sound import BYTES_PER_MS, SILENCE

__all__ = ("AudioStream", "StreamPlan", "Surface")

_MOST_QUEUED_BYTES = 40_000 * BYTES_PER_MS


@attrs.frozen
class StreamPlan:
    """What a stream is ordered to be."""

    stream_id: str
    url: str
    two_way: bool = False
    tracks: tuple[str, ...] = ("inbound",)
    content_type: str = "audio/x-l16;rate=8000"
    extra_headers: Mapping[str, str] = attrs.field(factory=dict)
    timeout_seconds: int = 86_400


@attrs.frozen
class Surface:
    """What a stream touches beside its socket and its line."""

    now_ms: Callable[[], int]
    press: Callable[[str], None]
    """Lets the other end hear keys."""
    complain: Callable[[str], None]
    """Called with a sentence for each message that breaks the protocol."""


class AudioStream(Sound, Listener):
    """Carries one stream over an open socket; a two-way one is also what the other end hears."""

    kind = "stream"
    over = False
    wants_frames = True

    def __init__(
        self, plan: StreamPlan, words: MediaWords, socket: Socket, fault: MediaFault, surface: Surface
    ) -> None:
        self._plan = plan
        self._words = words
        self._surface = surface
        self._buffer = PlayBuffer()
        self._pipe = MediaPipe(socket, fault, self._hear, surface.complain)

    async def run(self, line: Line) -> int:
        """Carry the stream until our side closes it; return the code that it was closed with."""
        self._pipe.put(self._words.start(self._plan.tracks, self._plan.extra_headers))
        line.add(self)
        if self._plan.two_way:
            line.play(self)
        try:
            return await self._pipe.carry()
        finally:
            line.remove(self)
            if line.sound is self:
                line.play(None)
            # There is no last word: the protocol's page knows none.
            await self._pipe.leave()

    def next_frame(self) -> bytes | None:
        """Return what the other end hears next."""
        frame, due = self._buffer.take()
        self._tell_played(due)
        return frame or None

    def frame(self, sounds: BothWays) -> None:
        """Send 20 ms of the other end, of us, or of both."""
        for track in self._plan.tracks:
            heard = sounds.spoken if track == "inbound" else sounds.played + SILENCE[len(sounds.played) :]
            self._pipe.put(self._words.media(track, heard, self._surface.now_ms()))

    def learn(self, news: News) -> None:
        """Send a key that the other end pressed."""
        if isinstance(news, KeyPressed):
            self._pipe.put(self._words.dtmf(news.digit, self._surface.now_ms()))

    def _hear(self, text: str) -> None:
        try:
            self._take(read_media(text, self._plan.stream_id))
        except UnreadableMediaError as error:
            self._surface.complain(str(error))

    def _take(self, message: FromUs) -> None:
        if not self._plan.two_way:
            raise UnreadableMediaError("a one-way stream takes no messages")
        match message.event:
            case "playAudio":
                self._queue(message.audio())
            case "clearAudio":
                # Checkpoints that were not reached are never told: what stood before them was not played.
                self._buffer.clear()
                self._pipe.put(self._words.cleared())
            case "checkpoint":
                assert message.name is not None
                self._tell_played(self._buffer.mark(message.name))
            case _:
                assert message.dtmf is not None
                self._surface.press(message.dtmf)

    def _queue(self, audio: bytes) -> None:
        if self._buffer.waiting_bytes + len(audio) > _MOST_QUEUED_BYTES:
            raise UnreadableMediaError("more than 40 seconds would be queued; the audio is lost")
        self._buffer.push(audio)

    def _tell_played(self, names: list[str]) -> None:
        for name in names:
            self._pipe.put(self._words.played(name))

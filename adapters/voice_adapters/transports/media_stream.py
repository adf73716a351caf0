"""One media stream: what a carrier's messages mean to the call, and the call's way to the counterpart's ear.

Everything here is synchronous and happens fifty times a second in each direction for every call.
"""

import logging
from collections.abc import Callable
from typing import ClassVar, Final, Protocol

from voice_adapters.audio.format import MULAW_8K
from voice_adapters.audio.framer import Framer
from voice_adapters.transports.media_conversion import Conversion, from_the_stream, to_the_stream
from voice_adapters.transports.stream_tokens import StreamTicket
from voice_domain.errors import VoiceError
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.ports.media_dialect import (
    BadMediaError,
    DialectSession,
    FrameCame,
    KeysCame,
    MarkCame,
    MediaMessage,
    StreamBegan,
    StreamOver,
)

__all__ = ("MediaStream", "StreamHost", "StreamRefusedError", "Wire")

_log = logging.getLogger(__name__)

_FRAME_BYTES: Final = MULAW_8K.frame_bytes
# RFC 6455, section 7.4.1.
_NORMAL: Final = 1000
_POLICY: Final = 1008


class StreamRefusedError(VoiceError):
    """A stream says that it belongs to a call which does not take it."""

    kind: ClassVar[str] = "policy_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"A media stream was refused: {reason}")
        self.reason = reason
        """What the far end is told."""


class Wire(Protocol):
    """The socket under a stream. What cannot be sent at once waits; too much of it closes the socket."""

    @property
    def silent_seconds(self) -> float:
        """For how long nothing has come; 0 where that is not known."""
        return 0.0

    def play(self, text: bytes) -> None:
        """Send a message that a later `clear` makes worthless."""
        ...

    def send(self, text: bytes) -> None:
        """Send a message that must arrive."""
        ...

    def clear(self, text: bytes) -> None:
        """Drop what was to be played and still waits, and send a message ahead of it."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Close the socket; repeating it is harmless."""
        ...


class StreamHost(Protocol):
    """Whoever knows the calls and the other streams."""

    @property
    def bad_messages(self) -> int:
        """How many messages that make no sense a stream may send."""
        ...

    def begin(self, stream: "MediaStream", carrier_call_id: CarrierCallId) -> MediaListener:
        """Give the call of *stream* its sound; return the call's ear.

        Raises:
            StreamRefusedError: if the stream does not belong to that call.
        """
        ...

    def press(self, call_id: CallId, carrier_call_id: CarrierCallId, digits: str) -> None:
        """Tell that the counterpart pressed keys."""
        ...

    def drop(self, what: str) -> None:
        """Count something that was dropped."""
        ...


class MediaStream(MediaLink):
    """Turns messages into frames, marks and keys of a call, and frames and marks into messages."""

    __slots__ = (
        "_bad",
        "_carrier_call_id",
        "_decode",
        "_encode",
        "_framer",
        "_hear",
        "_host",
        "_listener",
        "_over",
        "_play",
        "_read",
        "_session",
        "_wire",
        "_word_frame",
        "ticket",
    )

    def __init__(self, ticket: StreamTicket, session: DialectSession, wire: Wire, host: StreamHost) -> None:
        self.ticket = ticket
        self._session = session
        self._wire = wire
        self._host = host
        # Looked up once, not with every frame.
        self._read = session.read
        self._word_frame = session.frame
        self._play = wire.play
        self._hear: Callable[[bytes], None] = self._too_early
        self._framer: Framer | None = None
        self._decode: Conversion | None = None
        self._encode: Conversion | None = None
        self._listener: MediaListener | None = None
        self._carrier_call_id: CarrierCallId | None = None
        self._bad = 0
        self._over = False

    @property
    def began(self) -> bool:
        """Whether its `start` came."""
        return self._carrier_call_id is not None

    @property
    def realtime(self) -> bool:
        """Whether what is sent takes as long as it lasts to be heard: it does."""
        return True

    @property
    def silent_seconds(self) -> float:
        """For how long nothing has come from the far end; see the port."""
        return self._wire.silent_seconds

    def take(self, message: str | bytes) -> None:
        """Do what a message of the far end asks for; one that makes no sense is dropped and counted."""
        try:
            meaning = self._read(message)
        except BadMediaError:
            self._note_bad()
            return
        if type(meaning) is FrameCame:
            payload = meaning.payload
            if len(payload) == _FRAME_BYTES and self._framer is None:
                self._hear(payload)
            else:
                self._cut(payload)
        elif meaning is not None:
            self._heed(meaning)

    def lost(self) -> None:
        """The socket is gone, or closes for a reason that is not ours."""
        if self._over:
            return
        self._over = True
        self._hear = self._too_late
        if self._listener is not None:
            self._listener.link_closed()

    def fence(self) -> None:
        """Close, because a newer stream takes over; the call is not told, for it has not lost its sound."""
        self._leave(_POLICY, "Replaced by a newer stream")

    def send_frame(self, payload: bytes) -> None:
        """Queue 20 ms at the far end; see the port."""
        if not self._over:
            self._play(self._word_frame(payload))

    def send_mark(self, name: str) -> None:
        """Have a mark called back; see the port."""
        if not self._over:
            self._wire.send(self._session.mark(name))

    def clear(self) -> None:
        """Make the far end drop what it has not played; see the port."""
        if not self._over:
            self._wire.clear(self._session.clear())

    def close(self) -> None:
        """Give the link up; see the port."""
        self._leave(_NORMAL, "")

    def _leave(self, code: int, reason: str) -> None:
        self._over = True
        self._hear = self._too_late
        self._listener = None
        self._wire.close(code, reason)

    def _heed(self, meaning: MediaMessage) -> None:
        match meaning:
            case MarkCame():
                if self._listener is not None:
                    self._listener.mark_played(meaning.name)
            case KeysCame():
                if self._listener is not None and self._carrier_call_id is not None:
                    self._host.press(self.ticket.call_id, self._carrier_call_id, meaning.digits)
            case StreamBegan():
                self._begin(meaning)
            case StreamOver():
                self.lost()
                self._wire.close(_NORMAL, "")
            case FrameCame():
                self._cut(meaning.payload)

    def _begin(self, meaning: StreamBegan) -> None:
        if self._over:
            return
        if self.began:
            self._violated("Duplicate start")
            return
        # The call may speak before `begin` returns, so the stream counts as begun already.
        self._carrier_call_id = meaning.carrier_call_id
        self._convert(meaning)
        try:
            listener = self._host.begin(self, meaning.carrier_call_id)
        except StreamRefusedError as error:
            self._violated(error.reason)
            return
        if not self._over:
            self._listener = listener
            self._hear = listener.frame_arrived

    def _convert(self, meaning: StreamBegan) -> None:
        """Let what is heard and said be converted from now on; µ-law, which is nearly every stream, is not."""
        self._decode = from_the_stream(meaning.heard)
        self._encode = to_the_stream(meaning.spoken)
        if self._decode is not None:
            self._framer = Framer()
        if self._encode is not None:
            self._word_frame = self._word_converted

    def _word_converted(self, payload: bytes) -> bytes:
        assert self._encode is not None  # else nothing is converted
        return self._session.frame(self._encode(payload))

    def _cut(self, payload: bytes) -> None:
        """Hear a payload that is not exactly one frame of µ-law; what is left of it waits for the next."""
        if self._framer is None:
            self._framer = Framer()
        for frame in self._framer.push(payload if self._decode is None else self._decode(payload)):
            self._hear(frame)
        if self._decode is None and not self._framer.rest_bytes:
            self._framer = None

    def _note_bad(self) -> None:
        self._bad += 1
        self._host.drop("bad message")
        if self._bad > self._host.bad_messages:
            self._violated("Too many bad messages")

    def _violated(self, reason: str) -> None:
        _log.warning("call %s: the media stream is closed: %s", self.ticket.call_id, reason)
        self.lost()
        self._wire.close(_POLICY, reason)

    def _too_early(self, _payload: bytes) -> None:
        self._host.drop("frame before start")

    def _too_late(self, _payload: bytes) -> None:
        """Nobody listens any more."""

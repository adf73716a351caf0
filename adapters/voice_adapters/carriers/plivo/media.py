"""How Plivo words an audio stream (www.plivo.com/docs/voice/xml/audio-stream, and its protocol page)."""

from binascii import b2a_base64
from typing import Final, TypeAlias

import msgspec

from voice_domain.identity import CarrierCallId
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

__all__ = ("PlivoDialect",)

_OUTBOUND: Final = "outbound"
_LONGEST_NAME: Final = 256
# Without a rate here: the stream's own content type has one, a message's has not.
_FRAME_HEAD: Final = (
    b'{"event":"playAudio","media":{"contentType":"audio/x-mulaw","sampleRate":8000,"payload":"'
)


class _Payload(msgspec.Struct, gc=False):
    payload: bytes
    track: str = "inbound"


class _Media(msgspec.Struct, tag_field="event", tag="media", gc=False):
    media: _Payload


class _Played(msgspec.Struct, tag_field="event", tag="playedStream"):
    name: str


class _Cleared(msgspec.Struct, tag_field="event", tag="clearedAudio"):
    pass


class _Digit(msgspec.Struct):
    digit: str


class _Dtmf(msgspec.Struct, tag_field="event", tag="dtmf"):
    dtmf: _Digit


class _Format(msgspec.Struct, rename="camel"):
    encoding: str
    sample_rate: int


class _Beginning(msgspec.Struct, rename="camel"):
    call_id: str
    stream_id: str
    media_format: _Format


class _Start(msgspec.Struct, tag_field="event", tag="start"):
    start: _Beginning


class _Stop(msgspec.Struct, tag_field="event", tag="stop"):
    pass


class _Any(msgspec.Struct):
    event: str


_Message: TypeAlias = _Media | _Played | _Cleared | _Dtmf | _Start | _Stop
_decode = msgspec.json.Decoder(_Message).decode
_decode_any = msgspec.json.Decoder(_Any).decode
_KNOWN: Final = frozenset({"media", "playedStream", "clearedAudio", "dtmf", "start", "stop"})


class PlivoDialect(MediaDialect):
    """Makes the wording of each stream."""

    def session(self) -> DialectSession:
        """Return the wording of a new stream."""
        return _Session()


class _Session(DialectSession):
    """One stream: marks and clears carry the name that its beginning told."""

    __slots__ = ("_clear", "_mark_head")

    def __init__(self) -> None:
        self._name_stream("")

    def read(self, message: bytes | str) -> MediaMessage | None:
        """Return what a message tells; None for news that we have no use for, and for an echo of our own audio.

        Raises:
            BadMediaError: if it cannot be understood, or the audio is not G.711 µ-law at 8 kHz.
        """
        try:
            told = _decode(message)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            if _is_unknown_event(message):
                return None
            raise BadMediaError(f"Plivo's media message cannot be understood: {error}") from error
        if type(told) is _Media:
            media = told.media
            return None if media.track == _OUTBOUND else FrameCame(media.payload)
        return self._read_rare(told)

    def frame(self, payload: bytes) -> bytes:
        """Return the message that plays µ-law."""
        return _FRAME_HEAD + b2a_base64(payload, newline=False) + b'"}}'

    def mark(self, name: str) -> bytes:
        """Return the message that asks for a mark; only after the stream has begun."""
        return self._mark_head + msgspec.json.encode(name) + b"}"

    def clear(self) -> bytes:
        """Return the message that drops what was not played; only after the stream has begun."""
        return self._clear

    def _read_rare(self, told: _Message) -> MediaMessage | None:
        match told:
            case _Played():
                return MarkCame(told.name)
            case _Dtmf():
                return KeysCame(told.dtmf.digit)
            case _Start():
                return self._begin(told.start)
            case _Stop():
                return StreamOver()
            case _:
                return None

    def _begin(self, start: _Beginning) -> StreamBegan:
        told = start.media_format
        if (told.encoding.lower(), told.sample_rate) != ("audio/x-mulaw", 8000):
            raise BadMediaError(
                f"Plivo's stream carries {told.encoding[:40]} at {told.sample_rate} Hz; only audio/x-mulaw at 8000 Hz "
                "is understood, so let contentType be audio/x-mulaw;rate=8000"
            )
        if not 0 < len(start.stream_id) <= _LONGEST_NAME:
            raise BadMediaError("Plivo's stream begins without a streamId")
        if not start.call_id:
            raise BadMediaError("Plivo's stream begins without a callId")
        self._name_stream(start.stream_id)
        return StreamBegan(CarrierCallId(start.call_id))

    def _name_stream(self, stream_id: str) -> None:
        name = msgspec.json.encode(stream_id)
        self._mark_head = b'{"event":"checkpoint","streamId":' + name + b',"name":'
        self._clear = b'{"event":"clearAudio","streamId":' + name + b"}"


def _is_unknown_event(message: bytes | str) -> bool:
    """Whether *message* is well-formed news of a kind that did not exist when this was written."""
    try:
        return _decode_any(message).event not in _KNOWN
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False

"""How Twilio words a media stream (www.twilio.com/docs/voice/media-streams/websocket-messages)."""

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

__all__ = ("TwilioDialect",)

_OUTBOUND: Final = "outbound"
_LONGEST_NAME: Final = 256


class _Payload(msgspec.Struct, gc=False):
    payload: bytes
    track: str = "inbound"


class _Media(msgspec.Struct, tag_field="event", tag="media", gc=False):
    media: _Payload


class _Name(msgspec.Struct):
    name: str


class _Mark(msgspec.Struct, tag_field="event", tag="mark"):
    mark: _Name


class _Digit(msgspec.Struct):
    digit: str


class _Dtmf(msgspec.Struct, tag_field="event", tag="dtmf"):
    dtmf: _Digit


class _Format(msgspec.Struct, rename="camel"):
    encoding: str
    sample_rate: int
    channels: int = 1


class _Beginning(msgspec.Struct, rename="camel"):
    call_sid: str
    stream_sid: str
    media_format: _Format


class _Start(msgspec.Struct, tag_field="event", tag="start"):
    start: _Beginning


class _Stop(msgspec.Struct, tag_field="event", tag="stop"):
    pass


class _Connected(msgspec.Struct, tag_field="event", tag="connected"):
    pass


class _Any(msgspec.Struct):
    event: str


_Message: TypeAlias = _Media | _Mark | _Dtmf | _Start | _Stop | _Connected
_decode = msgspec.json.Decoder(_Message).decode
_decode_any = msgspec.json.Decoder(_Any).decode
_KNOWN: Final = frozenset({"media", "mark", "dtmf", "start", "stop", "connected"})


class TwilioDialect(MediaDialect):
    """Makes the wording of each stream."""

    def session(self) -> DialectSession:
        """Return the wording of a new stream."""
        return _Session()


class _Session(DialectSession):
    """One stream: what it is sent carries the name that its beginning told."""

    __slots__ = ("_clear", "_frame_head", "_mark_head")

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
            raise BadMediaError(f"Twilio's media message cannot be understood: {error}") from error
        if type(told) is _Media:
            media = told.media
            return None if media.track == _OUTBOUND else FrameCame(media.payload)
        return self._read_rare(told)

    def frame(self, payload: bytes) -> bytes:
        """Return the message that plays µ-law; only after the stream has begun."""
        return self._frame_head + b2a_base64(payload, newline=False) + b'"}}'

    def mark(self, name: str) -> bytes:
        """Return the message that asks for a mark; only after the stream has begun."""
        return self._mark_head + msgspec.json.encode(name) + b"}}"

    def clear(self) -> bytes:
        """Return the message that drops what was not played; only after the stream has begun."""
        return self._clear

    def _read_rare(self, told: _Message) -> MediaMessage | None:
        match told:
            case _Mark():
                return MarkCame(told.mark.name)
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
        if (told.encoding.lower(), told.sample_rate, told.channels) != ("audio/x-mulaw", 8000, 1):
            raise BadMediaError(
                f"Twilio's stream carries {told.encoding[:40]} at {told.sample_rate} Hz; only audio/x-mulaw at 8000 Hz "
                "with one channel is understood, so take audioFormat out of the document"
            )
        if not 0 < len(start.stream_sid) <= _LONGEST_NAME:
            raise BadMediaError("Twilio's stream begins without a streamSid")
        self._name_stream(start.stream_sid)
        return StreamBegan(CarrierCallId(start.call_sid))

    def _name_stream(self, stream_sid: str) -> None:
        name = msgspec.json.encode(stream_sid)
        self._frame_head = b'{"event":"media","streamSid":' + name + b',"media":{"payload":"'
        self._mark_head = b'{"event":"mark","streamSid":' + name + b',"mark":{"name":'
        self._clear = b'{"event":"clear","streamSid":' + name + b"}"


def _is_unknown_event(message: bytes | str) -> bool:
    """Whether *message* is well-formed news of a kind that did not exist when this was written."""
    try:
        return _decode_any(message).event not in _KNOWN
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False

"""How Telnyx words a media stream (developers.telnyx.com/docs/voice/programmable-voice/media-streaming)."""

import logging
from binascii import b2a_base64
from typing import Any, Final, TypeAlias

import msgspec

from voice_adapters.carriers.telnyx.reordering import Reordering
from voice_domain.identity import CarrierCallId
from voice_domain.ports.media_dialect import (
    BadMediaError,
    DialectSession,
    FrameCame,
    MarkCame,
    MediaDialect,
    MediaEncoding,
    MediaFormat,
    MediaMessage,
    StreamBegan,
    StreamOver,
)

__all__ = ("TelnyxDialect",)

_log = logging.getLogger(__name__)

_OUTBOUND: Final = "outbound"
# We ask for PCMU both ways; what comes is what the start says, what we say is what we asked for.
_FORMATS: Final = {
    ("PCMU", 8_000): MediaFormat(),
    ("PCMA", 8_000): MediaFormat(MediaEncoding.ALAW),
    ("L16", 8_000): MediaFormat(MediaEncoding.L16),
    ("L16", 16_000): MediaFormat(MediaEncoding.L16, 16_000),
}
_LONGEST_NUMBER: Final = 15
_FRAME_HEAD: Final = b'{"event":"media","media":{"payload":"'
_MARK_HEAD: Final = b'{"event":"mark","mark":{"name":'
_CLEAR: Final = b'{"event":"clear"}'


class _Payload(msgspec.Struct, gc=False):
    payload: bytes
    track: str = "inbound"
    chunk: str | int | None = None


class _Media(msgspec.Struct, tag_field="event", tag="media", gc=False):
    media: _Payload


class _Name(msgspec.Struct):
    name: str


class _Mark(msgspec.Struct, tag_field="event", tag="mark"):
    mark: _Name


class _Format(msgspec.Struct):
    encoding: str
    sample_rate: int
    channels: int = 1


class _Beginning(msgspec.Struct):
    call_control_id: str
    media_format: _Format


class _Start(msgspec.Struct, tag_field="event", tag="start"):
    start: _Beginning


class _Stop(msgspec.Struct, tag_field="event", tag="stop"):
    pass


class _Connected(msgspec.Struct, tag_field="event", tag="connected"):
    pass


class _Dtmf(msgspec.Struct, tag_field="event", tag="dtmf"):
    pass


class _Problem(msgspec.Struct):
    code: Any = None


class _Error(msgspec.Struct, tag_field="event", tag="error"):
    payload: _Problem = msgspec.field(default_factory=_Problem)


class _Any(msgspec.Struct):
    event: str


_Message: TypeAlias = _Media | _Mark | _Start | _Stop | _Connected | _Dtmf | _Error
_decode = msgspec.json.Decoder(_Message).decode
_decode_any = msgspec.json.Decoder(_Any).decode
_KNOWN: Final = frozenset({"media", "mark", "start", "stop", "connected", "dtmf", "error"})


class TelnyxDialect(MediaDialect):
    """Makes the wording of each stream."""

    def session(self) -> DialectSession:
        """Return the wording of a new stream."""
        return _Session()


class _Session(DialectSession):
    """One stream: it remembers the order of its frames."""

    __slots__ = ("_order",)

    def __init__(self) -> None:
        self._order = Reordering()

    def read(self, message: bytes | str) -> MediaMessage | None:
        """Return what a message tells; None for news that we have no use for, and for a frame that has to wait.

        Raises:
            BadMediaError: if it cannot be understood, or the audio is of a format that we do not know.
        """
        try:
            told = _decode(message)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            if _is_unknown_event(message):
                return None
            raise BadMediaError(f"Telnyx's media message cannot be understood: {error}") from error
        if type(told) is _Media:
            return self._frame(told.media)
        return _read_rare(told)

    def frame(self, payload: bytes) -> bytes:
        """Return the message that plays µ-law."""
        return _FRAME_HEAD + b2a_base64(payload, newline=False) + b'"}}'

    def mark(self, name: str) -> bytes:
        """Return the message that asks for a mark."""
        return _MARK_HEAD + msgspec.json.encode(name) + b"}}"

    def clear(self) -> bytes:
        """Return the message that drops what was not played."""
        return _CLEAR

    def _frame(self, media: _Payload) -> FrameCame | None:
        if media.track == _OUTBOUND:
            return None
        number = _number(media.chunk)
        if number is None:
            return FrameCame(media.payload)
        audio = self._order.push(number, media.payload)
        return FrameCame(audio) if audio else None


def _read_rare(told: _Message) -> MediaMessage | None:
    match told:
        case _Mark():
            return MarkCame(told.mark.name)
        case _Start():
            return _begin(told.start)
        case _Stop():
            return StreamOver()
        case _Error():
            _log.warning("Telnyx refused something on a media stream (code %s)", str(told.payload.code)[:20])
            return None
        case _:
            # A key comes as a webhook as well, which is delivered again if it gets lost: it is taken there.
            return None


def _begin(start: _Beginning) -> StreamBegan:
    told = start.media_format
    heard = _FORMATS.get((told.encoding.upper(), told.sample_rate)) if told.channels == 1 else None
    if heard is None:
        raise BadMediaError(
            f"Telnyx's stream carries {told.encoding[:40]} at {told.sample_rate} Hz; only PCMU and PCMA at 8000 Hz "
            "and L16 at 8000 or 16000 Hz with one channel are understood, so let PCMU be among the codecs of the "
            "Voice API application"
        )
    if not start.call_control_id:
        raise BadMediaError("Telnyx's stream begins without a call_control_id")
    return StreamBegan(CarrierCallId(start.call_control_id), heard=heard)


def _number(chunk: str | int | None) -> int | None:
    """Return a frame's place in its track; None if it has none."""
    if isinstance(chunk, int):
        return chunk if 0 <= chunk < 10**_LONGEST_NUMBER else None
    if chunk is not None and chunk.isascii() and chunk.isdigit() and len(chunk) <= _LONGEST_NUMBER:
        return int(chunk)
    return None


def _is_unknown_event(message: bytes | str) -> bool:
    """Whether *message* is well-formed news of a kind that did not exist when this was written."""
    try:
        return _decode_any(message).event not in _KNOWN
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False

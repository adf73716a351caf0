"""The words of Media Streams (www.twilio.com/docs/voice/media-streams/websocket-messages).

Counters are decimal text. `sequenceNumber` counts from 1 with `start`; `chunk` counts the frames of each track.
"""

import binascii
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from voice_domain.errors import VoiceError

__all__ = ("FromUs", "MediaWords", "UnreadableMediaError", "read_media")

_FRAME_MS = 20


class UnreadableMediaError(VoiceError):
    """A message that Twilio would not understand."""

    kind: ClassVar[str] = "unreadable_media"


class _Media(msgspec.Struct):
    payload: str


class _Mark(msgspec.Struct):
    name: str


class FromUs(msgspec.Struct, rename="camel"):
    """One message to Twilio."""

    event: str
    stream_sid: str
    media: _Media | None = None
    mark: _Mark | None = None

    def audio(self) -> bytes:
        """Return the µ-law of a `media` message.

        Raises:
            UnreadableMediaError: if there is none, or it is not base64.
        """
        if self.media is None:
            raise UnreadableMediaError("a media message has no media")
        try:
            return b64decode(self.media.payload, validate=True)
        except binascii.Error as error:
            raise UnreadableMediaError(f"the payload is not base64: {error}") from error


def read_media(text: str, stream_sid: str) -> FromUs:
    """Return a message to stream *stream_sid*.

    Raises:
        UnreadableMediaError: if it is not one.
    """
    try:
        message = msgspec.json.decode(text, type=FromUs)
    except msgspec.DecodeError as error:
        raise UnreadableMediaError(f"not a message: {error}") from error
    if message.stream_sid != stream_sid:
        raise UnreadableMediaError("the message names another stream")
    if message.event not in ("media", "mark", "clear"):
        raise UnreadableMediaError(f"the event {message.event!r} does not exist")
    if message.event == "mark" and message.mark is None:
        raise UnreadableMediaError("a mark message has no name")
    return message


class MediaWords:
    """Makes the messages of one stream, numbered."""

    def __init__(self, account_sid: str, call_sid: str, stream_sid: str) -> None:
        self._ids = {"accountSid": account_sid, "callSid": call_sid}
        self._stream_sid = stream_sid
        self._sequence = 0
        self._chunks: Counter[str] = Counter()

    def connected(self) -> str:
        """Return the first message."""
        return _text({"event": "connected", "protocol": "Call", "version": "1.0.0"})

    def start(self, tracks: tuple[str, ...], parameters: Mapping[str, str]) -> str:
        """Return what the stream is about."""
        start = {
            "accountSid": self._ids["accountSid"],
            "streamSid": self._stream_sid,
            "callSid": self._ids["callSid"],
            "tracks": tracks,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": parameters,
        }
        return self._numbered("start", start)

    def media(self, track: str, payload: bytes) -> str:
        """Return 20 ms of one track."""
        self._chunks[track] += 1
        chunk = self._chunks[track]
        media = {
            "track": track,
            "chunk": str(chunk),
            "timestamp": str(chunk * _FRAME_MS),
            "payload": b64encode(payload).decode(),
        }
        return self._numbered("media", media)

    def dtmf(self, digit: str) -> str:
        """Return a key that was pressed."""
        return self._numbered("dtmf", {"track": "inbound_track", "digit": digit})

    def mark(self, name: str) -> str:
        """Return a mark whose time has come."""
        return self._numbered("mark", {"name": name})

    def stop(self) -> str:
        """Return the last message."""
        return self._numbered("stop", self._ids)

    def _numbered(self, event: str, body: Mapping[str, object]) -> str:
        self._sequence += 1
        return _text(
            {
                "event": event,
                "sequenceNumber": str(self._sequence),
                event: body,
                "streamSid": self._stream_sid,
            }
        )


def _text(message: Mapping[str, object]) -> str:
    return msgspec.json.encode(message).decode()

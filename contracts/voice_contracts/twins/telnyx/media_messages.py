"""The words of media streaming (developers.telnyx.com/docs/voice/programmable-voice/media-streaming)."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from voice_domain.errors import VoiceError

__all__ = ("FromUs", "MediaWords", "UnreadableMediaError", "read_media")

_FRAME_MS = 20


class UnreadableMediaError(VoiceError):
    """A message that Telnyx would not understand."""

    kind: ClassVar[str] = "unreadable_media"


class _Media(msgspec.Struct):
    payload: str


class _Mark(msgspec.Struct):
    name: str


class FromUs(msgspec.Struct):
    """One message to Telnyx."""

    event: str
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


def read_media(text: str) -> FromUs:
    """Return a message to a stream.

    Raises:
        UnreadableMediaError: if it is not one.
    """
    try:
        message = msgspec.json.decode(text, type=FromUs)
    except msgspec.DecodeError as error:
        raise UnreadableMediaError(f"not a message: {error}") from error
    if message.event not in ("media", "mark", "clear"):
        raise UnreadableMediaError(f"the event {message.event!r} does not exist")
    if message.event == "mark" and message.mark is None:
        raise UnreadableMediaError("a mark message has no name")
    return message


class MediaWords:
    """Makes the messages of one stream, numbered."""

    def __init__(self, stream_id: str, leg_name: str, client_state: str | None) -> None:
        self._stream_id = stream_id
        self._leg_name = leg_name
        self._client_state = client_state
        self._sequence = 0
        self._chunk = 0

    def connected(self) -> str:
        """Return the first message."""
        return _text({"event": "connected", "version": "1.0.0"})

    def start(self, caller: str, callee: str) -> str:
        """Return what the stream is about."""
        start: dict[str, object] = {
            "user_id": "00000000-0000-4000-8000-000000000008",
            "call_control_id": self._leg_name,
            "call_session_id": f"session-{self._leg_name}",
            "from": caller,
            "to": callee,
            "client_state": self._client_state,
            "custom_parameters": {},
            "tags": [],
            "media_format": {"encoding": "PCMU", "sample_rate": 8000, "channels": 1},
        }
        return self._numbered("start", start)

    def media(self, payload: bytes) -> str:
        """Return 20 ms of the far end."""
        self._chunk += 1
        media = {
            "track": "inbound",
            "chunk": str(self._chunk),
            "timestamp": str(self._chunk * _FRAME_MS),
            "payload": b64encode(payload).decode(),
        }
        return self._numbered("media", media)

    def dtmf(self, digit: str) -> str:
        """Return a key that was pressed."""
        return self._numbered("dtmf", {"digit": digit})

    def mark(self, name: str) -> str:
        """Return a mark whose time has come."""
        return self._numbered("mark", {"name": name})

    def stop(self) -> str:
        """Return the last message."""
        return self._numbered("stop", {"call_control_id": self._leg_name})

    def _numbered(self, event: str, body: Mapping[str, object]) -> str:
        self._sequence += 1
        return _text(
            {
                "event": event,
                "sequence_number": str(self._sequence),
                event: body,
                "stream_id": self._stream_id,
            }
        )


def _text(message: Mapping[str, object]) -> str:
    return msgspec.json.encode(message).decode()

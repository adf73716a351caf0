"""The words of audio streams (www.plivo.com/docs/voice/xml/audio-stream).

`sequenceNumber` and `chunk` are numbers, `timestamp` is text. `chunk` counts the frames of each track.
"""

import binascii
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Mapping
from typing import ClassVar

import msgspec
import numpy as np

from voice_contracts.twins.sound import from_mulaw, to_mulaw
from voice_domain.errors import VoiceError

__all__ = ("FromUs", "MediaWords", "UnreadableMediaError", "read_media")

_LONGEST_BYTES = 64 * 1024
_MULAW, _LINEAR = "audio/x-mulaw", "audio/x-l16"
_PLAYABLE = ((_MULAW, 8000), (_LINEAR, 8000), (_LINEAR, 16000))
_TELEPHONE_HZ = 8000


class UnreadableMediaError(VoiceError):
    """A message that Plivo would not understand."""

    kind: ClassVar[str] = "unreadable_media"


class _Media(msgspec.Struct, rename="camel"):
    content_type: str
    sample_rate: int
    payload: str


class FromUs(msgspec.Struct, rename="camel"):
    """One message to Plivo."""

    event: str
    media: _Media | None = None
    stream_id: str | None = None
    name: str | None = None
    dtmf: str | None = None

    def audio(self) -> bytes:
        """Return the audio of a `playAudio` message as µ-law at 8 kHz.

        Raises:
            UnreadableMediaError: if there is none, it is not base64, or its format is none of Plivo's.
        """
        if self.media is None:
            raise UnreadableMediaError("a playAudio message has no media")
        form = (self.media.content_type, self.media.sample_rate)
        if form not in _PLAYABLE:
            raise UnreadableMediaError(f"audio may not be {form[0]!r} at {form[1]} Hz")
        try:
            raw = b64decode(self.media.payload, validate=True)
        except binascii.Error as error:
            raise UnreadableMediaError(f"the payload is not base64: {error}") from error
        if form[0] == _MULAW:
            return raw
        if len(raw) % 2:
            raise UnreadableMediaError("linear audio has an odd number of bytes")
        samples = np.frombuffer(raw, dtype="<i2").astype(np.int16)
        return to_mulaw(samples[:: form[1] // _TELEPHONE_HZ])


def read_media(text: str, stream_id: str) -> FromUs:
    """Return a message to stream *stream_id*.

    Raises:
        UnreadableMediaError: if it is not one.
    """
    if len(text.encode()) > _LONGEST_BYTES:
        raise UnreadableMediaError(f"a message may have {_LONGEST_BYTES} bytes")
    try:
        message = msgspec.json.decode(text, type=FromUs)
    except msgspec.DecodeError as error:
        raise UnreadableMediaError(f"not a message: {error}") from error
    if message.event not in ("playAudio", "checkpoint", "clearAudio", "sendDTMF"):
        raise UnreadableMediaError(f"the event {message.event!r} does not exist")
    if message.event in ("checkpoint", "clearAudio") and message.stream_id != stream_id:
        raise UnreadableMediaError(f"the {message.event} message does not name this stream")
    if message.event == "checkpoint" and not message.name:
        raise UnreadableMediaError("a checkpoint message has no name")
    if message.event == "sendDTMF" and not message.dtmf:
        raise UnreadableMediaError("a sendDTMF message has no keys")
    return message


class MediaWords:
    """Makes the messages of one stream, numbered, in the format that was ordered for it."""

    def __init__(self, call_uuid: str, stream_id: str, content_type: str) -> None:
        self._call_uuid = call_uuid
        self._stream_id = stream_id
        self._encoding, _, rate = content_type.partition(";rate=")
        self._rate_hz = int(rate)
        self._sequence = 0
        self._chunks: Counter[str] = Counter()

    def start(self, tracks: tuple[str, ...], extra_headers: Mapping[str, str]) -> str:
        """Return the first message: what the stream is about."""
        start = {
            "callId": self._call_uuid,
            "streamId": self._stream_id,
            "accountId": "12345678",
            "tracks": tracks,
            "mediaFormat": {"encoding": self._encoding, "sampleRate": self._rate_hz},
        }
        extra = msgspec.json.encode(extra_headers).decode() if extra_headers else ""
        return self._numbered({"event": "start", "start": start, "extra_headers": extra})

    def media(self, track: str, mulaw: bytes, now_ms: int) -> str:
        """Return 20 ms of one track."""
        self._chunks[track] += 1
        media = {
            "track": track,
            "timestamp": str(now_ms),
            "chunk": self._chunks[track],
            "payload": b64encode(self._encoded(mulaw)).decode(),
        }
        return self._named({"event": "media", "media": media, "extra_headers": ""})

    def dtmf(self, digit: str, now_ms: int) -> str:
        """Return a key that was pressed."""
        pressed = {"track": "inbound", "digit": digit, "timestamp": str(now_ms)}
        return self._named({"event": "dtmf", "dtmf": pressed, "extra_headers": ""})

    def played(self, name: str) -> str:
        """Return that everything before a checkpoint has sounded."""
        return self._named({"event": "playedStream", "name": name})

    def cleared(self) -> str:
        """Return that what was queued is gone."""
        return self._named({"event": "clearedAudio"})

    def _encoded(self, mulaw: bytes) -> bytes:
        if self._encoding == _MULAW:
            return mulaw
        samples = np.repeat(from_mulaw(mulaw), self._rate_hz // _TELEPHONE_HZ)
        return samples.astype("<i2").tobytes()

    def _named(self, message: Mapping[str, object]) -> str:
        return self._numbered({**message, "streamId": self._stream_id})

    def _numbered(self, message: Mapping[str, object]) -> str:
        numbered = {"sequenceNumber": self._sequence, **message}
        self._sequence += 1
        return msgspec.json.encode(numbered).decode()

"""How one carrier words a media stream; the engine that carries the frames knows no carrier."""

from enum import StrEnum
from typing import ClassVar, Protocol, TypeAlias

import attrs

from voice_domain.errors import VoiceError
from voice_domain.identity import CarrierCallId

__all__ = (
    "BadMediaError",
    "DialectSession",
    "FrameCame",
    "KeysCame",
    "MarkCame",
    "MediaDialect",
    "MediaEncoding",
    "MediaFormat",
    "MediaMessage",
    "StreamBegan",
    "StreamOver",
)


class BadMediaError(VoiceError):
    """A message that no stream of this carrier may hold; it is dropped, the stream goes on."""

    kind: ClassVar[str] = "bad_media"


class MediaEncoding(StrEnum):
    """How one sample is written; all are mono."""

    MULAW = "mulaw"
    """G.711 µ-law, at 8 kHz."""
    ALAW = "alaw"
    """G.711 A-law, at 8 kHz."""
    L16 = "l16"
    """Signed 16-bit linear PCM, little-endian."""


@attrs.frozen
class MediaFormat:
    """An encoding at a rate."""

    encoding: MediaEncoding = MediaEncoding.MULAW
    rate_hz: int = 8000
    """8000 for G.711; 8000 or 16000 for linear PCM."""


@attrs.frozen
class StreamBegan:
    """The stream says which call it belongs to. Frames before it are dropped; a second one is a violation."""

    carrier_call_id: CarrierCallId
    heard: MediaFormat = MediaFormat()
    """What the counterpart's audio comes as."""
    spoken: MediaFormat = MediaFormat()
    """What our audio has to be."""


@attrs.frozen
class FrameCame:
    """Audio of the counterpart, as the stream's beginning declared it, of any length."""

    payload: bytes


@attrs.frozen
class MarkCame:
    """Everything before this mark was played or cleared."""

    name: str


@attrs.frozen
class KeysCame:
    """The counterpart pressed keys."""

    digits: str


@attrs.frozen
class StreamOver:
    """The carrier ends the stream."""


MediaMessage: TypeAlias = StreamBegan | FrameCame | MarkCame | KeysCame | StreamOver


class DialectSession(Protocol):
    """One stream's wording; it may remember what the stream's beginning said (its id, its encoding)."""

    def read(self, message: bytes | str) -> MediaMessage | None:
        """Return what a message tells; None for one that tells nothing of use.

        Raises:
            BadMediaError: if it cannot be understood.
        """
        ...

    def frame(self, payload: bytes) -> bytes:
        """Return the text message that plays 20 ms, as `StreamBegan.spoken` has it, behind everything sent before."""
        ...

    def mark(self, name: str) -> bytes:
        """Return the text message that asks for `MarkCame` when everything before it was played."""
        ...

    def clear(self) -> bytes:
        """Return the text message that drops what was not played."""
        ...


class MediaDialect(Protocol):
    """Makes the wording of each stream."""

    def session(self) -> DialectSession:
        """Return the wording of a new stream."""
        ...

"""How one carrier words a media stream; the engine that carries the frames knows no carrier."""

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
    "MediaMessage",
    "StreamBegan",
    "StreamOver",
)


class BadMediaError(VoiceError):
    """A message that no stream of this carrier may hold; it is dropped, the stream goes on."""

    kind: ClassVar[str] = "bad_media"


@attrs.frozen
class StreamBegan:
    """The stream says which call it belongs to. Frames before it are dropped; a second one is a violation."""

    carrier_call_id: CarrierCallId


@attrs.frozen
class FrameCame:
    """Audio of the counterpart, already G.711 µ-law 8 kHz, of any length."""

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
        """Return the text message that plays 160 bytes of µ-law behind everything sent before."""
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

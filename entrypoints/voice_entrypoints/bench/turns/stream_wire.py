"""What one carrier sends over a media stream, and how what comes back is told apart without reading all of it."""

import re
from collections.abc import Callable

import attrs

from voice_domain.ports.media_dialect import MediaDialect

__all__ = ("StreamWire",)


@attrs.frozen(kw_only=True)
class StreamWire:
    """A `WIRE` is in the module that has the carrier's name. What is sent is ready for the wire: a client's frames."""

    began: Callable[[str], bytes]
    """Makes the first message of the stream of a call, of the carrier's name for the call."""
    spoke: Callable[[bytes], bytes]
    """Makes a message of 20 ms of the callee, µ-law."""
    audio: bytes
    """Is in a message once if it brings audio, else not at all."""
    mark: bytes
    """Is at the beginning of a message that is a mark; it is sent back when all before it was played."""
    marks: re.Pattern[bytes]
    """Finds whole marks among other messages."""
    clear: bytes
    """Is at the beginning of a message by which we take back what was not played yet."""
    dialect: Callable[[], MediaDialect]
    """Makes our side of it."""

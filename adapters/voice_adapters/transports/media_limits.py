"""How much of everything the media server takes."""

from typing import Final

import attrs

__all__ = ("MESSAGE_BYTES", "SEND_BUFFER_BYTES", "MediaLimits")

MESSAGE_BYTES: Final = 64 * 1024
SEND_BUFFER_BYTES: Final = 1024 * 1024


@attrs.frozen(kw_only=True)
class MediaLimits:
    """Caps of media streams; what is beyond one is refused or closed, never queued."""

    connections: int = 128
    """Streams in all, those that have not begun included."""
    pending: int = 32
    """Streams whose `start` has not come."""
    pending_per_address: int = 4
    """The same, from one address."""
    start_seconds: float = 5.0
    """How long a stream may stay without its `start`."""
    keep_alive_seconds: float = 0.5
    """After this long without a byte the far end is pinged; a carrier sends fifty frames a second, so this is long."""
    silent_times: int = 3
    """After so many times as long without a byte the far end is gone."""
    close_seconds: float = 2.0
    """How long the far end may take to close its side."""
    message_bytes: int = MESSAGE_BYTES
    """The largest message that is taken."""
    send_buffer_bytes: int = SEND_BUFFER_BYTES
    """What may wait for a far end that does not read."""
    bad_messages: int = 50
    """How many messages that make no sense a stream may send."""

"""Limits and deadlines of a WebSocket that we open."""

import enum

import attrs

__all__ = ("SocketTerms", "WhenFull")


class WhenFull(enum.Enum):
    """What becomes of a message that finds the queue full."""

    CLOSE = "close"
    """The socket is closed with code 1013: the program has lost the thread anyway."""
    DROP_OLDEST = "drop_oldest"
    """The message that has waited longest is dropped and counted."""


@attrs.frozen(kw_only=True)
class SocketTerms:
    """Limits and deadlines of one socket."""

    message_bytes: int = 1 << 20
    """The largest message that is taken, whole or in fragments; a larger one closes the socket with code 1009."""
    queue: int = 1_000
    """How many messages may wait to be received."""
    when_full: WhenFull = WhenFull.CLOSE
    open_seconds: float = 5.0
    """For the connection, TLS included, and as long again for the handshake."""
    send_seconds: float = 10.0
    """For one message to be handed to the operating system; a far end that does not read loses the socket."""
    close_seconds: float = 2.0
    """For the far end to close its side too."""
    ping_seconds: float = 20.0
    """After this long without a byte the far end is pinged; after as long again without an answer it is gone."""

"""The audio of a call: 20 ms frames both ways, and marks that tell what was played.

Both roles are plain synchronous calls on the event loop's thread: a frame must cost microseconds, not a task switch.
"""

from typing import Protocol

__all__ = ("MediaLink", "MediaListener")


class MediaLink(Protocol):
    """The way to the counterpart's ear. One at a time for a call. All audio is G.711 µ-law, 8 kHz, mono."""

    @property
    def realtime(self) -> bool:
        """Whether what is sent takes as long as it lasts to be heard; False where it is heard at once."""
        return True

    @property
    def silent_seconds(self) -> float:
        """For how long nothing has come from the far end, which sends without pause; 0 where that tells nothing."""
        return 0.0

    def send_frame(self, payload: bytes) -> None:
        """Queue 160 bytes (20 ms) at the far end, behind what it has not played yet."""
        ...

    def send_mark(self, name: str) -> None:
        """Have `mark_played` called with *name* once everything sent before it was played or cleared."""
        ...

    def clear(self) -> None:
        """Make the far end drop what it has not played; the marks of it are called back at once."""
        ...

    def close(self) -> None:
        """Give the link up; repeating it is harmless."""
        ...


class MediaListener(Protocol):
    """The way from the counterpart's mouth to us."""

    def frame_arrived(self, payload: bytes) -> None:
        """Take 160 bytes (20 ms) of the counterpart's audio."""
        ...

    def mark_played(self, name: str) -> None:
        """Everything sent before this mark was played, or cleared."""
        ...

    def link_closed(self) -> None:
        """The link broke or the far end closed it; nothing follows."""
        ...

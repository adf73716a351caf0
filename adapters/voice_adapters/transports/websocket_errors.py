"""How a WebSocket that we opened can fail. No message holds a path, a query or a header: they may hold secrets."""

from typing import ClassVar

from voice_domain.errors import VoiceError

__all__ = ("WebSocketClosedError", "WebSocketRefusedError", "WebSocketUnreachableError")

# RFC 6455, section 7.4.1: the code of a connection that was cut without a goodbye.
_ABNORMAL = 1006


class WebSocketClosedError(VoiceError):
    """The socket was closed, or broke."""

    kind: ClassVar[str] = "socket_error"

    def __init__(self, close_code: int, reason: str = "") -> None:
        super().__init__(f"The WebSocket was closed (code {close_code}{', ' + reason if reason else ''})")
        self.close_code = close_code
        self.reason = reason


class WebSocketUnreachableError(WebSocketClosedError):
    """Nobody answers there, or nobody who speaks WebSocket."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(_ABNORMAL, f"{place}: {problem}; check the address and the network")
        self.place = place
        """Host and port."""


class WebSocketRefusedError(VoiceError):
    """The server answered the handshake with an HTTP status."""

    kind: ClassVar[str] = "socket_error"

    def __init__(self, http_status: int, body: bytes) -> None:
        super().__init__(f"The WebSocket was refused with status {http_status}")
        self.http_status = http_status
        self.body = body
        """What the server said about it, at most 4 KiB."""

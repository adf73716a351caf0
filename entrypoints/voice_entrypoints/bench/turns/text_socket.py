"""A WebSocket with next to no cost (RFC 6455): short text messages over a socket that never blocks, either side."""

import base64
import hashlib
import socket
from collections.abc import Iterator
from typing import ClassVar, Final

from voice_domain.errors import VoiceError

__all__ = ("RefusedStreamError", "TextSocket", "connect", "masked")

_MASK: Final = b"\x5a\xc3\x17\x88"
_READ_BYTES: Final = 1 << 16
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
_KEY: Final = "dGhlIHNhbXBsZSBub25jZQ=="
_HEAD_END: Final = b"\r\n\r\n"
_TEXT: Final = 1


def masked(payload: bytes) -> bytes:
    """Return a client's text frame."""
    mask = (_MASK * (len(payload) // 4 + 1))[: len(payload)]
    return _head(len(payload), 0x80) + _MASK + _xor(payload, mask)


def _head(size: int, mask_bit: int) -> bytes:
    if size < 126:
        return bytes((0x80 | _TEXT, mask_bit | size))
    return bytes((0x80 | _TEXT, mask_bit | 126)) + size.to_bytes(2, "big")


def _xor(data: bytes, mask: bytes) -> bytes:
    return (int.from_bytes(data, "big") ^ int.from_bytes(mask, "big")).to_bytes(len(data), "big")


class RefusedStreamError(VoiceError):
    """The gateway did not take the upgrade."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, answer: bytes) -> None:
        super().__init__(f"the gateway refused a stream with {answer[:40]!r}; its log says why")


def connect(port: int, path: str) -> "TextSocket":
    """Open a WebSocket on loopback, as a client.

    Raises:
        RefusedStreamError: if the answer is not 101.
    """
    raw = socket.create_connection(("127.0.0.1", port), timeout=10)
    raw.sendall(
        f"GET {path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {_KEY}\r\n\r\n".encode()
    )
    answer = b""
    while _HEAD_END not in answer:
        answer += raw.recv(_READ_BYTES)
    if b" 101 " not in answer.split(b"\r\n", 1)[0]:
        raw.close()
        raise RefusedStreamError(answer)
    return TextSocket(raw, is_client=True, rest=answer.partition(_HEAD_END)[2])


class TextSocket:
    """One end; as a server it takes the upgrade by itself, and says so by an empty message."""

    def __init__(self, raw: socket.socket, *, is_client: bool, rest: bytes = b"") -> None:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.raw = raw
        self._is_client = is_client
        self._open = is_client
        self._rest = rest

    def send(self, text: bytes) -> None:
        """Send one message of less than 64 KiB."""
        self.raw.sendall(masked(text) if self._is_client else _head(len(text), 0) + text)

    def messages(self) -> Iterator[bytes]:
        """Read what has come and yield the whole messages of it, pings and the like left out.

        Raises:
            ConnectionError: if the other end is gone.
        """
        data = self.raw.recv(_READ_BYTES)
        if not data:
            raise ConnectionAbortedError("the other end has closed the socket")
        self._rest += data
        if not self._open:
            if _HEAD_END not in self._rest:
                return
            self._accept()
            yield b""
        while (found := self._cut()) is not None:
            kind, payload = found
            if kind == _TEXT:
                yield payload

    def _accept(self) -> None:
        request, _, self._rest = self._rest.partition(_HEAD_END)
        names = dict(line.partition(b": ")[::2] for line in request.lower().split(b"\r\n")[1:])
        start = request.lower().index(b"sec-websocket-key: ") + len(b"sec-websocket-key: ")
        key = request[start : start + len(names[b"sec-websocket-key"])]
        accept = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
        self.raw.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + _HEAD_END
        )
        self._open = True

    def _cut(self) -> tuple[int, bytes] | None:
        data = self._rest
        if len(data) < 2:
            return None
        size, start = data[1] & 0x7F, 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size, start = int.from_bytes(data[2 : 2 + width], "big"), 2 + width
        is_masked = data[1] >> 7
        end = start + 4 * is_masked + size
        if len(data) < end:
            return None
        payload = data[end - size : end]
        if is_masked:
            mask = (data[start : start + 4] * (size // 4 + 1))[:size]
            payload = _xor(payload, mask)
        self._rest = data[end:]
        return data[0] & 0x0F, payload

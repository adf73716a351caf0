"""A WebSocket by hand (RFC 6455), for those who do not keep to anything."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import attrs

__all__ = ("RawWebSocket", "raw_websocket")


@attrs.frozen
class RawWebSocket:
    """A connection, upgraded or refused."""

    wire: socket.socket
    status: int
    """101 if it was upgraded."""

    def send(self, text: str) -> None:
        """Send one message of less than 2**16 bytes, or the same in a longer frame."""
        body = text.encode()
        size = struct.pack(">BBQ", 0x81, 0xFF, len(body))
        self.wire.sendall(size + bytes(4) + body)  # a mask of zeroes changes nothing

    def close_code(self) -> int:
        """Read until the far end closes; return why, 1006 if it does not say."""
        with self.wire.makefile("rb") as stream:
            while head := stream.read(2):
                size = head[1] & 0x7F
                if size >= 126:
                    size = int.from_bytes(stream.read(2 if size == 126 else 8), "big")
                body = stream.read(size)
                if head[0] & 0x0F == 8:
                    return int.from_bytes(body[:2], "big")
        return 1006


@contextmanager
def raw_websocket(address: tuple[str, int], path: str) -> Iterator[RawWebSocket]:
    """Ask for an upgrade of *path*."""
    upgrade = (
        f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(address, timeout=20) as wire:
        wire.sendall(upgrade.encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += wire.recv(1)  # no byte of the first frame
        yield RawWebSocket(wire, int(answer.split()[1]))

"""Many carriers at once, in a process of their own: 50 frames a second into every stream, everything back is counted.

Started with a port and seconds; reads `[[path, call], …]` from standard input. When all streams are open it writes
`{"open": n}`, and after the time is up `{"sent", "returned"}`. It runs no event loop: it must cost less than whom it
measures.
"""

import json
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from typing import Final

from voice_entrypoints.bench.turns.streamed import WIRE
from voice_entrypoints.bench.turns.text_socket import masked

__all__ = ("main",)

_FRAME_SECONDS: Final = 0.02
_PHASES: Final = 10
_QUIET: Final = bytes((0xFF, 0x7F, 0xFE, 0x7E, 0xFF)) * 32


def main() -> None:
    """Be the carriers."""
    port, seconds = int(sys.argv[1]), float(sys.argv[2])
    streams: list[tuple[str, str]] = json.loads(sys.stdin.readline())
    carriers = [_Carrier(port, path, call) for path, call in streams]
    _say(open=len(carriers))
    sys.stdin.readline()
    sent = _run(carriers, seconds)
    _say(sent=sent, returned=sum(carrier.returned for carrier in carriers))
    sys.stdin.readline()


def _say(**values: int) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def _run(carriers: Sequence["_Carrier"], seconds: float) -> int:
    """Send to a tenth of the streams every two milliseconds, as calls that began at different moments would."""
    selector = selectors.DefaultSelector()
    for carrier in carriers:
        selector.register(carrier.socket, selectors.EVENT_READ, carrier)
    began = time.monotonic()
    phases = [carriers[phase::_PHASES] for phase in range(_PHASES)]
    sent = 0
    for tick in range(int(seconds / _FRAME_SECONDS * _PHASES)):
        due = began + tick * _FRAME_SECONDS / _PHASES
        while (left := due - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                key.data.read()
        for carrier in phases[tick % _PHASES]:
            carrier.send()
            sent += 1
    return sent


class _Carrier:
    """One stream as a carrier opens it."""

    def __init__(self, port: int, path: str, call: str) -> None:
        self.returned = 0
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        answer = self.socket.recv(4_096)
        if b" 101 " not in answer:
            raise RuntimeError(f"the server refused a stream: {answer[:100]!r}")
        self._frame = WIRE.spoke(_QUIET)
        if call != "echo":
            self.socket.sendall(WIRE.began(call))

    def send(self) -> None:
        """Send one frame of quiet sound."""
        self.socket.sendall(self._frame)

    def read(self) -> None:
        """Count what came back, and play marks at once."""
        data = self.socket.recv(1 << 18)
        self.returned += data.count(WIRE.audio)
        if WIRE.mark in data:
            for mark in WIRE.marks.findall(data):
                self.socket.sendall(masked(mark))


if __name__ == "__main__":
    main()

"""Sends requests over a few connections, each as soon as the one before it was answered; costs next to nothing."""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import ClassVar, Self

from voice_domain.errors import VoiceError

__all__ = ("RefusedNoticeError", "post_all")

_READ_BYTES = 65_536
_SECONDS = 10.0
_HEAD_END = b"\r\n\r\n"


class RefusedNoticeError(VoiceError):
    """The gateway did not take a webhook, so what it cost says nothing."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, answer: bytes) -> None:
        super().__init__(f"a webhook was answered with {answer[:60]!r}; the gateway's log says why")


def post_all(port: int, requests: Sequence[bytes], connections: int) -> list[float]:
    """Send *requests* to loopback and return how long each answer took, in milliseconds, sorted.

    Raises:
        RefusedNoticeError: if an answer is not 2xx, or none comes for ten seconds.
    """
    waiting = iter(requests)
    took: list[float] = []
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for _ in range(connections):
            sender = stack.enter_context(_Sender(port, waiting, took))
            if sender.send_next():
                selector.register(sender.socket, selectors.EVENT_READ, sender)
        while selector.get_map():
            ready = selector.select(_SECONDS)
            if not ready:
                raise RefusedNoticeError(b"nothing")
            for key, _ in ready:
                if not key.data.read():
                    selector.unregister(key.fileobj)
    return sorted(took)


class _Sender:
    def __init__(self, port: int, waiting: Iterator[bytes], took: list[float]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._waiting = waiting
        self._took = took
        self._began = 0.0
        self._answer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send_next(self) -> bool:
        """Send one more request; False if there is none."""
        request = next(self._waiting, None)
        if request is None:
            return False
        self._began = time.perf_counter()
        self.socket.sendall(request)
        return True

    def read(self) -> bool:
        """Take what came, and send on once the answer is whole; False after the last one."""
        data = self.socket.recv(_READ_BYTES)
        self._answer += data
        if not data:
            raise RefusedNoticeError(b"a closed connection")
        if not _is_whole(self._answer):
            return True
        if not self._answer.startswith(b"HTTP/1.1 2"):
            raise RefusedNoticeError(self._answer)
        self._took.append((time.perf_counter() - self._began) * 1_000)
        self._answer = b""
        return self.send_next()


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(_HEAD_END)
    if not end:
        return False
    _, found, rest = head.lower().partition(b"content-length:")
    return not found or len(body) >= int(rest.split(b"\r\n", 1)[0])

"""The lines of all calls, in a process of its own: callees at one end, their transcribers at the other.

Started with a number of turns; says `{"port"}`, where transcription is. `{"open": [call, port, path, SID]}` opens the
stream of a call and is answered `true`; `"finish"` is answered with all moments once every turn was answered, or
after half a minute. It runs no event loop: it must cost less than whom it measures.
"""

import heapq
import itertools
import json
import selectors
import socket
import sys
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

from voice_entrypoints.bench.turns.callee import StreamCallee
from voice_entrypoints.bench.turns.ear import StreamEar
from voice_entrypoints.bench.turns.stopwatch import Stopwatch
from voice_entrypoints.bench.turns.text_socket import TextSocket, connect
from voice_entrypoints.measured_process import say

__all__ = ("main",)

_FRAME_SECONDS: Final = 0.02
_PHASES: Final = 10
_LIMIT_SECONDS: Final = 30.0


class _Readable(Protocol):
    def read(self) -> None: ...


def main() -> None:
    """Carry calls until standard input ends."""
    _Lines(turns=int(sys.argv[1])).run()


class _Lines:
    def __init__(self, turns: int) -> None:
        self._turns = turns
        self._watch = Stopwatch()
        self._selector = selectors.DefaultSelector()
        self._callees: list[StreamCallee] = []
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._give_up_at: float | None = None
        self._lags_ms: list[float] = []
        self._is_over = False

    def run(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._register(listener, lambda: self._accept(listener))
        self._register(sys.stdin, self._obey)
        say({"port": listener.getsockname()[1]})
        began, ticks = time.monotonic(), 0
        while not self._is_over:
            due = began + ticks * _FRAME_SECONDS / _PHASES
            self._wait_until(due)
            self._lags_ms.append((time.monotonic() - due) * 1_000)
            for callee in self._callees[ticks % _PHASES :: _PHASES]:
                callee.tick()
            ticks += 1
            self._finish_if_done()

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something at its time."""
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._numbers), action))

    def _wait_until(self, due: float) -> None:
        while True:
            while self._timers and self._timers[0][0] <= time.monotonic():
                heapq.heappop(self._timers)[2]()
            next_at = min(due, self._timers[0][0]) if self._timers else due
            left = next_at - time.monotonic()
            for key, _ in self._selector.select(max(0.0, left)):
                key.data()
            if time.monotonic() >= due:
                return

    def _register(self, file: Any, action: Callable[[], None]) -> None:
        self._selector.register(file, selectors.EVENT_READ, action)

    def _accept(self, listener: socket.socket) -> None:
        raw, _ = listener.accept()
        self._follow(raw, StreamEar(TextSocket(raw, is_client=False), self._watch, self.later))

    def _follow(self, raw: socket.socket, reader: _Readable) -> None:
        def read() -> None:
            try:
                reader.read()
            except (ConnectionError, EOFError):
                self._selector.unregister(raw)
                raw.close()

        self._register(raw, read)

    def _obey(self) -> None:
        line = sys.stdin.readline()
        if not line:
            self._is_over = True
            return
        question = json.loads(line)
        if question == "finish":
            self._give_up_at = time.monotonic() + _LIMIT_SECONDS
            return
        call, port, path, sid = question["open"]
        callee = StreamCallee(connect(port, path), call, self._turns, self._watch)
        self._follow(callee.socket.raw, callee)
        callee.begin(sid)
        self._callees.append(callee)
        say(True)  # noqa: FBT003 - a JSON value

    def _finish_if_done(self) -> None:
        if self._give_up_at is None:
            return
        if all(callee.is_done for callee in self._callees) or time.monotonic() > self._give_up_at:
            self._give_up_at = None
            self._callees.clear()
            say({"moments": self._watch.exported(), "lags_ms": sorted(self._lags_ms)})


if __name__ == "__main__":
    main()

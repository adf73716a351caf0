"""Virtual time for the kit: when nothing can happen before the next timer, the clock jumps to it.

A call that rings for a minute is checked in milliseconds. Sockets live in real time, which virtual time would jump
past: a carrier that needs them is checked in real time.
"""

import asyncio
import selectors
import threading
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Final, TypeVar

import anyio

from voice_domain.errors import VoiceError

__all__ = ("StuckError", "run_check")

_T = TypeVar("_T")
_GLANCE_SECONDS: Final = 0.001
_PATIENCE_SECONDS: Final = 1.0
# What asyncio cuts a wait without end down to.
_FOR_EVER_SECONDS: Final = 24 * 3600.0


class StuckError(VoiceError):
    """Everything waits, and nothing that could end the waiting is left."""

    kind: ClassVar[str] = "timeout"

    def __init__(self) -> None:
        super().__init__("Everything waits for something that cannot happen any more")


def run_check(check: Callable[[], Awaitable[_T]], *, real_time: bool) -> _T:
    """Run a check to its end on an event loop of its own.

    Raises:
        StuckError: if it can never end.
    """
    options: dict[str, Any] = {} if real_time else {"loop_factory": _VirtualLoop}
    return anyio.run(check, backend="asyncio", backend_options=options)


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        return self.now


class _JumpingSelector(selectors.DefaultSelector):
    """Looks for what is ready now; instead of waiting for a timer it moves the clock there."""

    def __init__(self, loop: _VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout >= _FOR_EVER_SECONDS:
            timeout = None
        # A worker thread reports by the loop's own socket, a moment after it has finished.
        glance = _GLANCE_SECONDS if threading.active_count() > 1 else 0
        ready = super().select(_PATIENCE_SECONDS if timeout is None else glance if timeout else 0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise StuckError
        self._loop.now += timeout
        return ready

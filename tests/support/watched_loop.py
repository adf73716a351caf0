"""An event loop that knows what each of its callbacks cost, in CPU time of its thread: neighbours do not count."""

import asyncio
import time
from collections.abc import Callable
from contextvars import Context
from typing import Any

from voice_entrypoints.simulation.virtual_loop import VirtualLoop

__all__ = ("WatchedLoop", "WatchedVirtualLoop")


class _Watch(asyncio.SelectorEventLoop):
    """Measures every callback; whoever owns it reads `costs` and empties it."""

    def __init__(self) -> None:
        self.costs: list[tuple[float, str]] = []
        """Seconds of each callback, and what it was."""
        super().__init__()

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> Any:
        """Schedule, measured."""
        return super().call_soon(self._measured, callback, args, context=context)

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Any:
        """Schedule, measured."""
        return super().call_at(when, self._measured, callback, args, context=context)

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> Any:
        """Schedule, measured."""
        return super().call_soon_threadsafe(self._measured, callback, args, context=context)

    def _measured(self, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
        began = time.thread_time()
        callback(*args)
        took = time.thread_time() - began
        if took > 0.005:
            self.costs.append((took, _named(callback)))


class WatchedLoop(_Watch):
    """In real time."""


class WatchedVirtualLoop(_Watch, VirtualLoop):
    """In virtual time, which changes nothing about what work costs."""


def _named(callback: Callable[..., object]) -> str:
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, asyncio.Task):
        return f"{owner.get_name()}: {owner.get_coro()}"
    return repr(callback)

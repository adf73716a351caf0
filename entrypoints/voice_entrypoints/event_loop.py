"""The event loop that our programs run on."""

import importlib.util
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import anyio

__all__ = ("run",)

_Result = TypeVar("_Result")

_SWITCH_SECONDS: Final = 0.0005


def run(work: Callable[[], Awaitable[_Result]]) -> _Result:
    """Run *work* to its end: on uvloop where the extra `fast` is installed, else on asyncio's own loop."""
    has_uvloop = importlib.util.find_spec("uvloop") is not None
    with _threads_take_turns_quickly():
        return anyio.run(work, backend_options={"use_uvloop": True} if has_uvloop else {})


@contextmanager
def _threads_take_turns_quickly() -> Iterator[None]:
    """Let a thread that waits for the interpreter have it within half a millisecond.

    Python's own five are for work that nobody waits for. The thread that writes to the disk asks for the interpreter
    several times a commit, and a call waits for each of them while the event loop is busy with others.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)

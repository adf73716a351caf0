"""The event loop that our programs run on."""

import importlib.util
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

__all__ = ("run",)

_Result = TypeVar("_Result")


def run(work: Callable[[], Awaitable[_Result]]) -> _Result:
    """Run *work* to its end: on uvloop where the extra `fast` is installed, else on asyncio's own loop."""
    has_uvloop = importlib.util.find_spec("uvloop") is not None
    return anyio.run(work, backend_options={"use_uvloop": True} if has_uvloop else {})

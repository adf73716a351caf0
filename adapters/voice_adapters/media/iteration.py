"""Leaving an asynchronous iteration early without leaving its work behind."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio

__all__ = ("closing",)

_T = TypeVar("_T")
_CLOSE_SECONDS = 2.0


@asynccontextmanager
async def closing(iterator: AsyncIterator[_T]) -> AsyncIterator[AsyncIterator[_T]]:
    """Give *iterator*, and close it on leaving if it can be closed, even when the task is being cancelled.

    A generator gets two seconds to clean up.
    """
    try:
        yield iterator
    finally:
        close = getattr(iterator, "aclose", None)
        if close is not None:
            with anyio.move_on_after(_CLOSE_SECONDS, shield=True):
                await close()

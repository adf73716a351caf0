"""A responder with moods around another one."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

import anyio

from voice_adapters.media.iteration import closing
from voice_domain.ports.responder import ReplyRequest, Responder
from voice_entrypoints.simulation.fault_book import FaultBook
from voice_entrypoints.simulation.faults import FaultKind, Place

__all__ = ("MoodyResponder",)

_K = FaultKind
_THINKS_SECONDS: Final = 0.1
_ENDLESS: Final = 30


class MoodyResponder(Responder):
    """Answers as *inner* does, except where the plan says otherwise."""

    def __init__(self, inner: Responder, book: FaultBook) -> None:
        self._inner = inner
        self._book = book
        self.counts: Counter[str] = Counter()
        """How answers of *inner* ended: `whole`, `broken`, `cut` by the plan, `dropped` because not wanted."""

    async def reply(self, request: ReplyRequest) -> AsyncIterator[str]:
        """Yield the answer, or what the plan makes of it."""
        fault = self._book.next(request.counterpart or "", Place.REPLY)
        kind = None if fault is None else fault.kind
        await anyio.sleep(_THINKS_SECONDS)
        if fault is not None and kind is _K.REPLY_SLOW:
            await anyio.sleep(fault.seconds)
        if kind is _K.REPLY_BROKEN:
            raise KeyError("the model, as planned")
        if kind is _K.REPLY_EMPTY:
            return
        if kind is _K.REPLY_ENDLESS:
            for number in range(_ENDLESS):
                yield f"And point {number} is this."
        outcome = "dropped"
        try:
            async with closing(self._inner.reply(request)) as sentences:
                async for sentence in sentences:
                    yield sentence
                    if kind is _K.REPLY_CUT:
                        break
            outcome = "cut" if kind is _K.REPLY_CUT else "whole"
        except Exception:
            outcome = "broken"
            raise
        finally:
            self.counts[outcome] += 1
        if kind is _K.REPLY_CUT:
            raise KeyError("the rest, as planned")

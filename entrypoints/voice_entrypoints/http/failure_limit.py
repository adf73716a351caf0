"""Counts wrong tokens by address, so that guessing and misconfigured clients do not fill the log."""

from collections import OrderedDict, deque

import anyio

__all__ = ("FailureLimit",)

_WINDOW_SECONDS = 60.0
_ADDRESSES = 4_096


class FailureLimit:
    """Allows *limit* failures a minute for each address; remembers 4096 addresses."""

    def __init__(self, limit: int = 20) -> None:
        self._limit = limit
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def fail(self, address: str) -> float | None:
        """Count a failure; return None if it is within the limit, else the seconds until one more will be."""
        now = anyio.current_time()
        times = self._failures.setdefault(address, deque())
        self._failures.move_to_end(address)
        while times and times[0] <= now - _WINDOW_SECONDS:
            times.popleft()
        if len(self._failures) > _ADDRESSES:
            self._failures.popitem(last=False)
        if len(times) >= self._limit:
            return times[0] + _WINDOW_SECONDS - now
        times.append(now)
        return None

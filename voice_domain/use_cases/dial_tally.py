"""How many dials the last hour has had: the cap on the cost of an hour counts on it."""

from collections import deque

import attrs

from voice_domain.ports.event_store import CallHistory

__all__ = ("DialTally",)

_HOUR_MS = 3_600_000


@attrs.define
class DialTally:
    """The dials of this process, so that parallel requests cannot pass the cap together.

    A transfer makes the carrier dial as a call of its own does, so it counts as one.
    """

    _since_ms: int | None = None
    """When the first one was judged; whatever was dialled before is in the history. None until then."""
    _begun: deque[int] = attrs.field(factory=deque)
    """When each of the last hour was allowed, epoch milliseconds."""

    async def dialled(self, history: CallHistory, now_ms: int) -> int:
        """Return how many dials the hour before *now_ms* has had, those that are just beginning included.

        Raises:
            StoreError: if past calls cannot be counted.
        """
        hour_ago = now_ms - _HOUR_MS
        since_ms = self._since_ms = now_ms if self._since_ms is None else self._since_ms
        before = 0
        while hour_ago < since_ms:  # what was dialled before this process is known by the history alone
            ours = await history.dialled_since(since_ms)
            before = await history.dialled_since(hour_ago) - ours
            if ours == await history.dialled_since(since_ms):
                break  # none of ours was kept between the two counts
        self._forget(hour_ago)
        return before + len(self._begun)

    def begin(self, at_ms: int) -> None:
        """Count a dial that was allowed at *at_ms*; no step of another task may lie between its verdict and this."""
        self._forget(at_ms - _HOUR_MS)
        self._begun.append(at_ms)

    def give_back(self, at_ms: int) -> None:
        """Count a dial no more that came to nothing before any carrier heard of it."""
        self._begun.remove(at_ms)

    def _forget(self, before_ms: int) -> None:
        while self._begun and self._begun[0] < before_ms:
            self._begun.popleft()

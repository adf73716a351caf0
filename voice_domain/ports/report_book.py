"""Where it is noted which calls are yet to be reported, so that no process's end loses a report."""

from typing import Protocol

import attrs

from voice_domain.identity import CallId

__all__ = ("DueReport", "ReportBook")


@attrs.frozen
class DueReport:
    """A call that is over and whose report is yet to be written or delivered."""

    call_id: CallId
    attempts: int
    """How often it was kept before; 0 if it was never written."""
    body: str | None
    """The report as it was written; None if it was not."""


class ReportBook(Protocol):
    """A store's further role. A call is due from the moment that its end is durable."""

    async def reports_due(self, *, now_ms: int, limit: int) -> tuple[DueReport, ...]:
        """Return at most *limit* reports that are due at *now_ms* (epoch milliseconds), the longest due first.

        Raises:
            StoreError: if they cannot be read.
        """
        ...

    async def keep_report(self, call_id: CallId, body: str | None, *, next_at_ms: int | None) -> None:
        """Keep the report of a call, due again at *next_at_ms*; None when there is nothing more to do.

        Raises:
            StoreError: if that could not be kept.
        """
        ...

    async def report(self, call_id: CallId) -> str | None:
        """Return the report of a call as it was written; None if it was not.

        Raises:
            StoreError: if it cannot be read.
        """
        ...

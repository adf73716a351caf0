"""Epoch milliseconds as a date and time."""

from datetime import UTC, datetime

__all__ = ("utc_time",)


def utc_time(at_ms: int) -> datetime:
    """Return *at_ms* (epoch milliseconds) as an aware time in UTC."""
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC)

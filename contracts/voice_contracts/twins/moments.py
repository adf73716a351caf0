"""The time of day at a twin, as its event loop counts it: in virtual time it moves with the test's clock."""

import time
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

import anyio
import attrs

__all__ = ("TwinClock", "rfc_2822")


@attrs.frozen
class TwinClock:
    """Tells the time of day; must be asked inside an event loop."""

    epoch_ms: int
    """The time of day when the loop's clock shows zero."""

    @classmethod
    def starting_now(cls) -> "TwinClock":
        """Return a clock that agrees with the machine's at this moment."""
        return cls(time.time_ns() // 1_000_000 - round(anyio.current_time() * 1000))

    def now_ms(self) -> int:
        """Return epoch milliseconds."""
        return self.epoch_ms + round(anyio.current_time() * 1000)


def rfc_2822(at_ms: int) -> str:
    """Return a moment as mail headers write it, in UTC."""
    return _written_second(at_ms // 1000)


@lru_cache(maxsize=256)  # whoever lists calls writes the same few seconds again and again
def _written_second(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC))

"""The time of day and new names, from the operating system or from the test's own clock."""

import secrets
import time
import uuid

import anyio
import attrs

from voice_domain.identity import CallId
from voice_domain.ports.clock import Clock, Identities

__all__ = ("EventLoopClock", "RandomIdentities", "SystemClock")


class SystemClock(Clock):
    """The machine's clock; when it is set back, our time stands still until it has caught up."""

    def __init__(self) -> None:
        self._latest_ms = 0

    def now_ms(self) -> int:
        """Return epoch milliseconds; never less than before."""
        self._latest_ms = max(self._latest_ms, time.time_ns() // 1_000_000)
        return self._latest_ms


@attrs.frozen
class EventLoopClock(Clock):
    """Time as the event loop counts it, so that virtual time moves the time of day too."""

    epoch_ms: int = 1_750_000_000_000
    """What the time of day is when the loop's clock shows zero."""

    def now_ms(self) -> int:
        """Return epoch milliseconds; must be called inside an event loop."""
        return self.epoch_ms + round(anyio.current_time() * 1000)


class RandomIdentities(Identities):
    """Names from the operating system's randomness."""

    def new_call_id(self) -> CallId:
        """Return a random UUID."""
        return CallId(str(uuid.uuid4()))

    def new_token(self) -> str:
        """Return 128 random bits in URL-safe base 64."""
        return secrets.token_urlsafe(16)

    def new_pairing_code(self) -> str:
        """Return six random digits."""
        return f"{secrets.randbelow(1_000_000):06d}"

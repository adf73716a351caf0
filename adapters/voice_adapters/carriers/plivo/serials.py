"""Numbers that make one order to Plivo unlike every other, also unlike those of a process before this one."""

from voice_domain.ports.clock import Clock

__all__ = ("Serials",)


class Serials:
    """Each number is greater than all before it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def __call__(self) -> int:
        """Return the next number: the time in milliseconds, unless that was given already."""
        self._last = max(self._last + 1, self._clock.now_ms())
        return self._last

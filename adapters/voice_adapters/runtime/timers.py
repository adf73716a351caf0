"""The timers of one call: when each is due. Whoever waits asks how long, so that no timer needs a task."""

from voice_domain.terms import Timer

__all__ = ("Timers",)


class Timers:
    """Due times in epoch milliseconds; a timer is given out once."""

    def __init__(self) -> None:
        self._due: dict[Timer, int] = {}

    def start(self, timer: Timer, due_ms: int) -> None:
        """Let *timer* be due then, and not when it was before."""
        self._due[timer] = due_ms

    def cancel(self, timer: Timer) -> None:
        """Forget *timer*."""
        self._due.pop(timer, None)

    def seconds_to_next(self, now_ms: int) -> float | None:
        """Return how long to wait for the next one, negative if it is late; None if there is none."""
        return (min(self._due.values()) - now_ms) / 1000 if self._due else None

    def take_due(self, now_ms: int) -> list[Timer]:
        """Return those that are due, in that order, and forget them."""
        due = sorted((at, timer) for timer, at in self._due.items() if at <= now_ms)
        for _, timer in due:
            del self._due[timer]
        return [timer for _, timer in due]

"""Remembers that a voice is broken, so that callers do not wait for it, and when to give it another chance."""

import anyio

from voice_adapters.services.fault import Fault

__all__ = ("Breaker",)

_FIRST_SECONDS = {Fault.PASSING: 5.0, Fault.ACCOUNT: 60.0}
_MOST_SECONDS = 300.0


class Breaker:
    """Closed while a voice works; open for a while after a failure, longer with each one; then half open.

    Half open, one text is tried at a time: its success closes the breaker, its failure opens it again. The time is
    the event loop's.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._open_until = 0.0
        self._trying = False

    @property
    def is_closed(self) -> bool:
        """Whether nothing is known against the voice."""
        return self._failures == 0

    @property
    def is_ready(self) -> bool:
        """Whether a text may be tried now."""
        return self.is_closed or (not self._trying and anyio.current_time() >= self._open_until)

    def begin(self) -> None:
        """A text is tried; its outcome is told by one of the next three."""
        self._trying = not self.is_closed

    def succeeded(self) -> None:
        """The voice spoke."""
        self._failures, self._trying = 0, False

    def failed(self, fault: Fault) -> None:
        """The voice did not speak; a text that is at fault itself says nothing about the voice."""
        self._trying = False
        if fault is Fault.REQUEST:
            return
        seconds = min(_FIRST_SECONDS[fault] * 2**self._failures, _MOST_SECONDS)
        # Ten failures at once, of ten calls, are one failure of the voice.
        if anyio.current_time() >= self._open_until:
            self._failures = min(self._failures + 1, 16)
            self._open_until = anyio.current_time() + seconds

    def abandoned(self) -> None:
        """Nobody waited for the outcome: neither a success nor a failure."""
        self._trying = False

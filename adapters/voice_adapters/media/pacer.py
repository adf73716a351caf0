"""One 20 ms tick for all calls: a timer for each call would cost ten times as much."""

import logging
import math
from collections.abc import Callable

import anyio

__all__ = ("FRAME_SECONDS", "Pacer")

_log = logging.getLogger(__name__)

FRAME_SECONDS = 0.02

Beat = Callable[[float], bool]
"""Called with the loop's time; returns whether it wants the next tick too."""


class Pacer:
    """Calls every registered beat once a tick, against absolute deadlines; idle when nobody is registered.

    Ticks *on_the_grid* fall on whole multiples of 20 ms of the loop's clock, whoever was registered first: a
    simulation needs that, in which a call is to fare alone as among others.
    """

    def __init__(self, *, on_the_grid: bool = False) -> None:
        self._on_the_grid = on_the_grid
        self._beats: dict[int, Beat] = {}
        self._wake = anyio.Event()
        self._next = 0

    def add(self, beat: Beat) -> None:
        """Call *beat* at every tick, from the next on, until it returns False."""
        self._beats[self._next] = beat
        self._next += 1
        self._wake.set()

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            if not self._beats:
                self._wake = anyio.Event()
                await self._wake.wait()
            started, ticks = anyio.current_time(), 0
            if self._on_the_grid:
                started = math.ceil(started / FRAME_SECONDS) * FRAME_SECONDS
                await anyio.sleep_until(started)
            while self._beats:
                now = anyio.current_time()
                for key, beat in tuple(self._beats.items()):
                    if not _goes_on(beat, now):
                        self._beats.pop(key, None)
                # A tick that came late is followed by the next one in time: the deadline is absolute.
                ticks = max(ticks + 1, int((now - started) / FRAME_SECONDS))
                await anyio.sleep_until(started + ticks * FRAME_SECONDS)


def _goes_on(beat: Beat, now: float) -> bool:
    try:
        return beat(now)
    except Exception:  # noqa: BLE001 - whatever is wrong with one call's sound, the others go on
        _log.exception("a call's sound broke: it is paced no more")
        return False

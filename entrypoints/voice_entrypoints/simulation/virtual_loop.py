"""An asyncio event loop in virtual time: when nothing can happen before the next timer, the clock jumps to it.

An hour's sleep takes no time, and orders and deadlines stay exact. Tasks are numbered in the order of their making,
and hashed by that number, so that sets of them are gone through in the same order in every run.
"""

import asyncio
import itertools
import selectors
import threading
import time
from collections.abc import Callable, Collection, Coroutine
from typing import Any, TypeVar

import anyio

from voice_entrypoints.simulation.deadlock import PATIENCE_SECONDS, DeadlockError, waiting_places

__all__ = ("StandstillError", "VirtualLoop", "kill_tasks", "pending_timers", "run_virtually")

_Result = TypeVar("_Result")
_GLANCE_SECONDS = 0.001
"""How long to wait before asking again whether the threads have finished."""
_MOST_ROUNDS = 200_000
"""How often the loop may go round at one moment of virtual time."""

BusyThreads = Callable[[], list[threading.Thread]]


class StandstillError(Exception):
    """Tasks wake each other without end, and time never moves."""

    def __init__(self, at_seconds: float) -> None:
        super().__init__(f"time stands still at {at_seconds:.3f} s: tasks wake each other for ever")


class _NumberedTask(asyncio.Task[Any]):
    """A task whose place in a set depends on when it was made, and not on where it lies in memory."""

    def __init__(
        self, number: int, coroutine: Coroutine[Any, Any, Any], loop: "VirtualLoop", context: Any
    ) -> None:
        self.number = number
        super().__init__(coroutine, loop=loop, context=context)

    def __hash__(self) -> int:
        return self.number

    def __repr__(self) -> str:
        # anyio writes down who cancels whom, whether anybody reads it or not: asyncio's own words take a while.
        return f"<task {self.number}>"


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose clock jumps to the next timer as soon as nothing else can happen.

    *patience_seconds* are real: so long it may stand still before it gives up. With 0 it is told that nothing outside
    of it, no thread and no socket, ever has anything for it, and looks for none. *busy* tells which threads may still
    hand something in; time waits for them.
    """

    def __init__(
        self, patience_seconds: float = PATIENCE_SECONDS, busy: BusyThreads = list[threading.Thread]
    ) -> None:
        self._now = 0.0
        self._stuck: Exception | None = None
        super().__init__(_JumpingSelector(self, patience_seconds, busy))
        self._numbers = itertools.count()
        self.set_task_factory(self._make_task)  # type: ignore[arg-type]  # of tasks of our own

    def _make_task(
        self, _loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], context: Any = None
    ) -> asyncio.Task[Any]:
        return _NumberedTask(next(self._numbers), coroutine, self, context)

    def time(self) -> float:
        """Return the virtual seconds since the loop was made."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock; the loop then runs what is due."""
        self._now += seconds

    @property
    def timers(self) -> int:
        """How many timers are set."""
        scheduled: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]  # asyncio's own list
        return sum(not handle.cancelled() for handle in scheduled)

    def give_up(self, threads: list[str]) -> None:
        """Cancel every task, so that whoever runs the loop gets the error instead of a hang."""
        tasks = asyncio.all_tasks(self)
        self.stop_with(DeadlockError(waiting_places(task.get_coro() for task in tasks), threads))

    def stop_with(self, error: Exception) -> None:
        """Cancel every task, and let whoever runs the loop get *error*."""
        self._stuck = error
        for task in asyncio.all_tasks(self):
            task.cancel()

    def run_until_complete(self, future: Any) -> Any:
        """Run like any loop.

        Raises:
            DeadlockError: every task waited for five real seconds with no timer set.
            StandstillError: tasks woke each other for ever.
        """
        try:
            return super().run_until_complete(future)
        except asyncio.CancelledError:
            if self._stuck is None:
                raise
        stuck, self._stuck = self._stuck, None
        raise stuck


class _JumpingSelector(selectors.DefaultSelector):
    """Looks for work that is ready now; instead of waiting for a timer it moves the loop's clock there."""

    def __init__(self, loop: VirtualLoop, patience_seconds: float, busy: BusyThreads) -> None:
        super().__init__()
        self._loop = loop
        self._patience_seconds = patience_seconds
        self._busy = busy
        self._rounds = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; *timeout* is in virtual seconds, and None means that no timer is set."""
        if self._patience_seconds == 0:
            return self._jump(timeout)
        ready = super().select(0)
        if ready or timeout == 0:
            self._count_round()
            return ready
        return self._wait(timeout)

    def _jump(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        """Move the clock without a look at the outside, which would be most of the work of a short step."""
        if timeout is None:
            self._loop.give_up([])
        elif timeout == 0:
            self._count_round()
        else:
            self._rounds = 0
            self._loop.advance(timeout)
        return []

    def _wait(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        """Move the clock once no thread has anything to hand in."""
        self._rounds = 0
        patience = time.monotonic() + self._patience_seconds
        # A thread reports before it parks: what it reported is seen by the look that follows.
        while (busy := self._busy()) or timeout is None:
            if ready := super().select(_GLANCE_SECONDS):
                return ready
            if time.monotonic() > patience:
                self._loop.give_up([thread.name for thread in busy])
                return []
        ready = super().select(0)
        if not ready:
            self._loop.advance(timeout)
        return ready

    def _count_round(self) -> None:
        self._rounds += 1
        if self._rounds == _MOST_ROUNDS:
            self._loop.stop_with(StandstillError(self._loop.time()))


def run_virtually(work: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
    """Run *work* on a virtual loop of its own, without threads.

    Raises:
        DeadlockError: if nothing can ever happen again.
        StandstillError: if time stands still for ever.
    """
    # Nothing outside of the loop can wake it, so there is nothing to be patient for.
    return anyio.run(work, backend_options={"loop_factory": lambda: VirtualLoop(patience_seconds=0.0)})


async def kill_tasks(ids: Callable[[], Collection[int]]) -> None:
    """End the tasks that *ids* names, as the end of their process would: no shield and no clean-up holds them.

    Whatever a task still wants to wait for on its way out is cut off as well.
    """
    loop = asyncio.get_running_loop()
    while wanted := ids():
        doomed = [task for task in asyncio.all_tasks(loop) if id(task) in wanted]
        for task in sorted(doomed, key=hash):
            task.cancel()
        await asyncio.sleep(0)


def pending_timers() -> int:
    """Return how many timers are set on the running loop, which is virtual."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)  # whoever asks runs on one
    return loop.timers

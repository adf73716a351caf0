"""Virtual time for both event loops: when nothing can happen before the next timer, the clock jumps to it.

An hour's sleep takes no time, orders and deadlines stay exact, and a test that waits for nothing fails within five
real seconds and says where. Time starts at zero. It stands still while a worker thread is at work. Sockets and
processes live in real time, which virtual time would jump past: such tests carry the marker `real_time`.
"""

import functools
import math
import time
from typing import Any, NoReturn

import trio
import trio.testing
from support.busy_threads import busy_threads

from voice_entrypoints.simulation.deadlock import PATIENCE_SECONDS, DeadlockError, waiting_places
from voice_entrypoints.simulation.virtual_loop import VirtualLoop

__all__ = ("VirtualLoop", "virtual_backend")

_GLANCE_SECONDS = 0.001
"""How long to wait before asking again whether the threads have finished."""


def virtual_backend(
    name: str, *, seed: int = 0, patience_seconds: float = PATIENCE_SECONDS
) -> tuple[str, dict[str, Any]]:
    """Return the anyio backend *name*, `asyncio` or `trio`, with the options that give it a virtual clock.

    asyncio has one order of steps; trio shuffles those that could run at the same moment, each *seed* its own way.
    *patience_seconds* are real: so long a run may stand still before it ends with a DeadlockError.
    """
    if name == "asyncio":
        return name, {"loop_factory": functools.partial(VirtualLoop, patience_seconds, busy_threads)}
    clock = trio.testing.MockClock(autojump_threshold=0)
    return name, {"clock": clock, "instruments": [_TrioWarden(seed, patience_seconds)]}


class _TrioWarden(trio.abc.Instrument):
    """Holds trio's clock while a thread works, makes its order repeatable, and ends a run that cannot go on."""

    def __init__(self, seed: int, patience_seconds: float) -> None:
        self._seed = seed
        self._patience_seconds = patience_seconds
        self._patience = math.inf

    def before_run(self) -> None:
        """Called before the first step."""
        # Trio has no public switch for this; its own pytest plugin turns the same one for hypothesis.
        trio._core._run._ALLOW_DETERMINISTIC_SCHEDULING = True  # type: ignore[misc]  # final, but not for plugins
        trio._core._run._r.seed(self._seed)

    def before_io_wait(self, timeout: float) -> None:
        """Called before trio looks for work; it jumps afterwards if it finds none."""
        state = trio.lowlevel.current_statistics()
        if state.tasks_runnable:
            self._patience = math.inf
            return
        if self._patience == math.inf:
            self._patience = time.monotonic() + self._patience_seconds
        while (busy := busy_threads()) and time.monotonic() < self._patience:
            time.sleep(_GLANCE_SECONDS)
        if not busy and state.seconds_to_next_deadline < math.inf:
            return
        time.sleep(_GLANCE_SECONDS)
        if time.monotonic() > self._patience:
            self._give_up([thread.name for thread in busy])

    def _give_up(self, threads: list[str]) -> None:
        runner = trio._core._run.GLOBAL_RUN_CONTEXT.runner
        main = runner.main_task
        stuck = DeadlockError(waiting_places(task.coro for task in runner.tasks), threads)
        self._patience = math.inf

        def throw() -> NoReturn:
            raise stuck

        # Trio has no public way to throw into a task; this is how it delivers Ctrl-C.
        if main is not None and main._abort_func is not None:
            main._attempt_abort(throw)

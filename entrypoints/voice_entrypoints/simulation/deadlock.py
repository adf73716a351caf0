"""The error of a run in virtual time in which nothing can ever happen again, and where its tasks wait."""

import site
import sysconfig
from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ("PATIENCE_SECONDS", "DeadlockError", "waiting_places")

PATIENCE_SECONDS = 5.0
"""How long, in real seconds, a socket or a thread may take to move a run whose tasks all wait without a timer."""

_MOST_PLACES = 8
_FOREIGN = (sysconfig.get_path("stdlib"), *site.getsitepackages())


class DeadlockError(Exception):
    """Every task waits, no timer is set, and no socket or thread has moved anything for five real seconds."""

    def __init__(self, places: Iterable[str], threads: Iterable[str] = ()) -> None:
        busy = ", ".join(threads)
        waiting = [f"\n  {place}" for place in places]
        super().__init__(
            "virtual time stands still: "
            + (f"the threads {busy} never finish; " if busy else "every task waits and no timer is set; ")
            + "sockets, processes and slow threads need real time (in a test, its marker real_time). Waiting tasks:"
            + "".join(waiting[:_MOST_PLACES])
            + (f"\n  and {len(waiting) - _MOST_PLACES} more" if len(waiting) > _MOST_PLACES else "")
        )


def waiting_places(coroutines: Iterable[Any]) -> list[str]:
    """Return, for each coroutine that waits in our own code, the innermost line of ours."""
    found = ([*_own_lines(coroutine)] for coroutine in coroutines)
    return [lines[-1] for lines in found if lines]


def _own_lines(awaited: Any) -> Iterator[str]:
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "ag_frame", None)
        if frame is not None and not frame.f_code.co_filename.startswith(_FOREIGN):
            yield f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_qualname}"
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "ag_await", None)

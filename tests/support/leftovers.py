"""What a test leaves behind on its event loop."""

from collections.abc import Set as AbstractSet

import anyio
import anyio.lowlevel

__all__ = ("names_of_tasks_left", "task_ids")

_LAST_STEPS = 3
"""A task that was cancelled at the very end needs a step or two to finish."""


def task_ids() -> frozenset[int]:
    """Return the ids of the tasks that live now."""
    return frozenset(task.id for task in anyio.get_running_tasks())


async def names_of_tasks_left(before: AbstractSet[int]) -> list[str]:
    """Return the names of the tasks that live now and are not in *before*, after letting them end."""
    for _ in range(_LAST_STEPS):
        if not _left(before):
            break
        await anyio.lowlevel.checkpoint()
    return _left(before)


def _left(before: AbstractSet[int]) -> list[str]:
    return [
        str(task.name)
        for task in anyio.get_running_tasks()
        if task.id not in before and not _belongs_to_the_runner(task)
    ]


def _belongs_to_the_runner(task: anyio.TaskInfo) -> bool:
    # On asyncio the test runner hands over each test and fixture through a short task of its own.
    return str(getattr(task.coro, "__qualname__", "")).startswith("TestRunner.")

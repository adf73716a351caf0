"""One life of the gateway's process: what is done within it ends with it."""

from collections.abc import Awaitable, Callable
from typing import ClassVar, TypeVar

import anyio
from anyio.abc import TaskGroup

from voice_domain.errors import VoiceError
from voice_entrypoints.simulation.virtual_loop import kill_tasks

__all__ = ("Life", "ProcessGoneError")

_Result = TypeVar("_Result")


class ProcessGoneError(VoiceError):
    """The gateway's process is not there, or ended before it had answered."""

    kind: ClassVar[str] = "process_gone"

    def __init__(self) -> None:
        super().__init__("the gateway's process is gone")


class _Job:
    """One request from outside."""

    def __init__(self, work: Callable[[], Awaitable[object]]) -> None:
        self.work = work
        self.over = anyio.Event()
        self.scope = anyio.CancelScope()
        self.result: object = None
        self.error: Exception | None = None
        self.finished = False

    async def run(self) -> None:
        try:
            with self.scope:
                self.result = await self.work()
                self.finished = True
        except Exception as error:  # noqa: BLE001 - whoever asked gets it, as over a socket
            self.error, self.finished = error, True
        finally:
            self.over.set()


class Life:
    """Runs in a task group of its own; `kill` ends all of its tasks without their consent."""

    def __init__(self) -> None:
        self.is_over = False
        """Whether nothing of it reaches the world any more."""
        self._tasks: TaskGroup | None = None
        self._root = 0
        self._jobs: dict[_Job, None] = {}

    async def run(self, work: Callable[["Life"], Awaitable[None]]) -> None:
        """Live as long as *work* lasts, or until killed."""
        self._root = anyio.get_current_task().id
        try:
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                await work(self)
                tasks.cancel_scope.cancel()
        except BaseException:
            # Whatever a process says while it is being killed, nobody hears.
            if not self.is_over:
                raise
        finally:
            self._end()

    async def within(self, work: Callable[[], Awaitable[_Result]], *, abandoned: bool = False) -> _Result:
        """Return what *work* returns, done by the process.

        Whoever leaves before does not stop it, unless it is to be *abandoned* then.

        Raises:
            ProcessGoneError: if the process is not there, or ends first.
        """
        if self.is_over or self._tasks is None:
            raise ProcessGoneError
        job = _Job(work)
        self._jobs[job] = None
        self._tasks.start_soon(job.run)
        try:
            await job.over.wait()
        finally:
            self._jobs.pop(job, None)
            if abandoned:
                job.scope.cancel()
        if job.error is not None:
            raise job.error
        if not job.finished:
            raise ProcessGoneError
        return job.result  # type: ignore[return-value]  # it is what the work returned

    async def reach(self) -> None:
        """Return if the process may still do something to the world; else never."""
        if self.is_over:
            await anyio.sleep_forever()

    async def kill(self) -> None:
        """End everything at once, as `kill -9` does."""
        self._end()
        await kill_tasks(self._descendants)

    def task_count(self) -> int:
        """Return how many tasks it has."""
        return len(self._descendants())

    def _end(self) -> None:
        self.is_over = True
        for job in tuple(self._jobs):
            job.over.set()

    def _descendants(self) -> set[int]:
        found = {self._root}
        running = anyio.get_running_tasks()
        while True:
            more = {task.id for task in running if task.parent_id in found and task.id not in found}
            if not more:
                return found & {task.id for task in running}
            found |= more

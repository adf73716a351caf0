"""A server that is measured, in a process of its own: it is asked, and answers, in lines of JSON.

So the load does not count as its cost, and a measurement can begin with a process that has done nothing else.
"""

import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Final

import anyio
import anyio.to_thread
import attrs
from anyio.abc import Process
from anyio.streams.text import TextReceiveStream

from voice_domain.errors import VoiceError

__all__ = (
    "MeasuredProcess",
    "ProcessEndedError",
    "cpu_answer",
    "measured_process",
    "next_question",
    "say",
)

_ANSWER_SECONDS: Final = 60.0


class ProcessEndedError(VoiceError):
    """The process that is measured ended early."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, name: str) -> None:
        super().__init__(f"The measured program {name} ended early; standard error says why")
        self.name = name


@attrs.frozen
class MeasuredProcess:
    """A running one, seen from the measurement."""

    name: str
    process: Process
    _lines: AsyncIterator[str]

    async def answer(self) -> Any:
        """Return the next thing it says.

        Raises:
            ProcessEndedError: if it has ended.
            TimeoutError: if it says nothing for a minute.
        """
        with anyio.fail_after(_ANSWER_SECONDS):
            line = await anext(self._lines, None)
        if line is None:
            raise ProcessEndedError(self.name)
        return json.loads(line)

    async def ask(self, question: object) -> Any:
        """Ask something and return the answer; fails as `answer` does."""
        assert self.process.stdin is not None  # it was opened with pipes
        try:
            await self.process.stdin.send(json.dumps(question).encode() + b"\n")
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise ProcessEndedError(self.name) from error
        return await self.answer()

    async def cpu_seconds(self) -> float:
        """Return the CPU time that it has used until now, all threads together; it has to know `cpu_answer`."""
        return float((await self.ask("now"))["cpu_seconds"])


@asynccontextmanager
async def measured_process(module: str, *arguments: str) -> AsyncIterator[MeasuredProcess]:
    """Run `python -m module arguments` for as long as the block lasts, then kill it; its errors are shown."""
    command = [sys.executable, "-m", module, *arguments]
    async with await anyio.open_process(command, stderr=None) as process:
        assert process.stdout is not None  # it was opened with pipes
        try:
            yield MeasuredProcess(module, process, _lines(TextReceiveStream(process.stdout)))
        finally:
            with contextlib.suppress(ProcessLookupError):  # it has ended already
                process.kill()


async def _lines(pieces: TextReceiveStream) -> AsyncIterator[str]:
    rest = ""
    async for piece in pieces:
        *whole, rest = (rest + piece).split("\n")
        for line in whole:
            yield line


async def next_question() -> Any:
    """In the measured process: wait for the next question and return it; None once nobody asks any more."""
    line = await anyio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
    return json.loads(line) if line else None


def say(value: object) -> None:
    """In the measured process: answer."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def cpu_answer() -> dict[str, float]:
    """In the measured process: return the answer to `now`."""
    return {"cpu_seconds": time.process_time()}

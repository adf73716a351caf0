"""Runs servers and loads beside each other and compares what they used."""

import itertools
import json
import statistics
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any, ClassVar, Final

import anyio
import attrs
from anyio.abc import Process
from anyio.streams.text import TextReceiveStream

from voice_domain.errors import VoiceError
from voice_entrypoints.bench.media.bare import has_picows

__all__ = ("BusyMachineError", "MeasurementError", "checked", "measure")

_STREAMS: Final = (20, 100, 200)
_SECONDS: Final = 3.0
_WARM_SECONDS: Final = 0.5
_WINDOWS: Final = 3
_FRAMES_PER_SECOND: Final = 50
_START_SECONDS: Final = 60.0
_LEAST_RETURNED: Final = 0.8
"""With fewer frames back for each one sent, the load was not the one that the figures would be for."""


async def measure(*, streams: Sequence[int] = _STREAMS, seconds: float = _SECONDS) -> dict[str, Any]:
    """Return the CPU time of one frame in and one out, beside bare echo servers, and what a streaming call weighs."""
    kinds = ("wsproto", "picows", "ours") if has_picows() else ("wsproto", "ours")
    loads = [_Load(count, "asyncio") for count in streams]
    if find_spec("uvloop") is not None:
        loads.append(_Load(sorted(streams)[len(streams) // 2], "uvloop"))
    runs = {load: {kind: await _run(kind, load, seconds) for kind in kinds} for load in loads}
    rows = [row for load, each in runs.items() for row in _compared(load, each)]
    plain = {load.streams: each["ours"] for load, each in runs.items() if load.loop == "asyncio"}
    return {"rows": [*rows, *_first_frame(plain[max(plain)]), _weight(plain)]}


class MeasurementError(VoiceError):
    """One of the processes that are measured ended early."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, name: str) -> None:
        super().__init__(f"The measurement's {name} ended early; standard error says why")
        self.name = name


class BusyMachineError(VoiceError):
    """The machine did not keep up with the load, so that no figure would mean anything."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, what: str, returned: float) -> None:
        super().__init__(
            f"Only {returned:.0%} of the frames came back from {what}: stop what else runs here, or ask for less"
        )
        self.returned = returned


@attrs.frozen
class _Load:
    streams: int
    loop: str

    def __str__(self) -> str:
        return f"{self.streams} streams" + (", uvloop" if self.loop == "uvloop" else "")


@attrs.frozen
class _Run:
    microseconds: float
    """CPU time of the server for one frame in and one out."""
    returned: float
    """Frames that came back for each that was sent."""
    first_ms: tuple[float, ...] = ()
    """From the first byte of a speech to its first frame on the socket, under this load."""
    calls_kib: float = 0.0
    """What all calls weigh."""


def checked(what: str, returned: float) -> None:
    """Refuse figures of a load that was not the one wanted.

    Raises:
        BusyMachineError: if too few frames came back.
    """
    if returned < _LEAST_RETURNED:
        raise BusyMachineError(what, returned)


def _row(what: str, value: float, unit: str, *, aim: float | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"what": what, "value": round(value, 2), "unit": unit}
    return row if aim is None else row | {"aim": aim, "better": "less"}


def _compared(load: _Load, runs: Mapping[str, _Run]) -> list[dict[str, Any]]:
    ratio = runs["ours"].microseconds / runs["wsproto"].microseconds
    costs = [_cost(kind, load, run) for kind, run in runs.items()]
    return [*costs, _row(f"whole path to bare wsproto, {load}", ratio, "x", aim=1.3)]


def _cost(kind: str, load: _Load, run: _Run) -> dict[str, Any]:
    what = "whole path" if kind == "ours" else f"bare {kind} echo"
    row = _row(f"{what}, frame in and out, {load}", run.microseconds, "µs")
    return row | {"returned": round(run.returned, 3)}


def _first_frame(run: _Run) -> list[dict[str, Any]]:
    took = sorted(run.first_ms)
    return [
        _row("first frame after first audio, p50", statistics.median(took), "ms", aim=1.0),
        _row("first frame after first audio, p99", took[int(len(took) * 0.99)], "ms"),
    ]


def _weight(runs: Mapping[int, _Run]) -> dict[str, Any]:
    """The slope between the smallest and the largest load: what a process weighs anyway does not count."""
    least, most = min(runs), max(runs)
    weight = runs[most].calls_kib - (runs[least].calls_kib if most > least else 0.0)
    return _row("memory per live streaming call", weight / (most - least or most), "KiB", aim=60.0)


async def _run(kind: str, load: _Load, seconds: float) -> _Run:
    async with _process("server_process", kind, str(load.streams), load.loop) as server:
        place = await server.answer()
        whole = seconds + 2 * _WARM_SECONDS
        async with _process("load_process", str(place["port"]), str(whole)) as carriers:
            await carriers.ask(json.dumps(place["streams"]))
            await carriers.tell("go")
            await anyio.sleep(_WARM_SECONDS)
            answers = [await server.ask("now")]
            for _ in range(_WINDOWS):
                await anyio.sleep(seconds / _WINDOWS)
                answers.append(await server.ask("now"))
            first = await server.ask("first") if kind == "ours" else []
            done = await carriers.answer()
    # The middle window: a neighbour who takes the core for a moment must not decide.
    cost = statistics.median(_microseconds(*pair, load.streams) for pair in itertools.pairwise(answers))
    returned = done["returned"] / done["sent"]
    checked(f"{kind} at {load}", returned)
    return _Run(cost, returned, tuple(first), answers[-1].get("calls_kib", 0.0))


def _microseconds(before: Mapping[str, float], after: Mapping[str, float], streams: int) -> float:
    used = after["cpu_seconds"] - before["cpu_seconds"]
    return used / ((after["at"] - before["at"]) * _FRAMES_PER_SECOND * streams) * 1_000_000


@attrs.frozen
class _Child:
    name: str
    process: Process
    lines: AsyncIterator[str]

    async def tell(self, text: str) -> None:
        assert self.process.stdin is not None
        await self.process.stdin.send(text.encode() + b"\n")

    async def answer(self) -> Any:
        with anyio.fail_after(_START_SECONDS):
            line = await anext(self.lines, None)
        if line is None:
            raise MeasurementError(self.name)
        return json.loads(line)

    async def ask(self, text: str) -> Any:
        await self.tell(text)
        return await self.answer()


@asynccontextmanager
async def _process(module: str, *arguments: str) -> AsyncIterator[_Child]:
    command = [sys.executable, "-m", f"voice_entrypoints.bench.media.{module}", *arguments]
    async with await anyio.open_process(command, stderr=None) as process:
        assert process.stdout is not None
        try:
            yield _Child(module, process, _lines(TextReceiveStream(process.stdout)))
        finally:
            process.kill()


async def _lines(pieces: TextReceiveStream) -> AsyncIterator[str]:
    rest = ""
    async for piece in pieces:
        *whole, rest = (rest + piece).split("\n")
        for line in whole:
            yield line

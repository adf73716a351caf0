"""Plays conversations in real time over real sockets: gateway, lines and services in three processes."""

import statistics
import tempfile
import time
from collections.abc import Sequence
from typing import Any, Final

import anyio
import attrs

from voice_contracts.twins.openai.twin import openai_twin
from voice_entrypoints.bench.turns.services import TimedServices
from voice_entrypoints.bench.turns.stopwatch import PARTS, Delays, Stopwatch, TurnParts
from voice_entrypoints.measured_process import MeasuredProcess, measured_process

__all__ = ("measure", "turn_rows")

_CALLS: Final = (1, 10, 50)
_TURNS: Final = 4
_TURN_SECONDS: Final = 1.5
"""How long a turn takes in all: dials are spread over it, so that turns are too."""
_AIMS_MS: Final = {50: (5.0, 25.0)}
_LINES: Final = "voice_entrypoints.bench.turns.line_process"
_GATEWAY: Final = "voice_entrypoints.bench.turns.gateway_process"
_IDEAL: Final = "voice_entrypoints.bench.turns.ideal_process"


async def measure() -> dict[str, Any]:
    """Return what the gateway adds to a turn with 1, 10 and 50 calls at once, and where the time goes.

    The last rows are of the least that can hold a conversation, in the same run: what the machine adds to anybody.
    """
    rows = [row for calls in _CALLS for row in await turn_rows(calls, _TURNS)]
    for calls in _CALLS[1:]:
        ideal = _added(await _run(calls, _TURNS, _IDEAL))
        rows += [
            _row(f"added by the least that could answer, p50, {_at(calls)}", statistics.median(ideal), "ms"),
            _row(f"added by the least that could answer, p99, {_at(calls)}", _p99(ideal), "ms"),
        ]
    return {"rows": rows, "services_ms": Delays().total_ms}


async def turn_rows(calls: int, turns: int) -> list[dict[str, Any]]:
    """Return what the gateway adds to a turn with so many calls at once, *turns* each."""
    return _rows(calls, turns, await _run(calls, turns, _GATEWAY))


@attrs.frozen
class _Run:
    parts: list[TurnParts]
    lags_ms: list[float]
    """How late timers of the load itself were, sorted: what it cannot tell from the gateway."""
    cores: float
    """What the gateway used of a core."""


def _rows(calls: int, turns: int, run: _Run) -> list[dict[str, Any]]:
    at, added = _at(calls), _added(run)
    p50_aim, p99_aim = _AIMS_MS.get(calls, (None, None))
    return [
        _row(f"added per turn, p50, {at}", statistics.median(added), "ms", aim=p50_aim),
        _row(f"added per turn, p99, {at}", _p99(added), "ms", aim=p99_aim),
        *(
            _row(f"of it {name}, p50, {at}", statistics.median(part(each) for each in run.parts), "ms")
            for name, part in PARTS.items()
        ),
        _row(f"timers of the load late, p50, {at}", statistics.median(run.lags_ms), "ms"),
        _row(f"timers of the load late, p99, {at}", _p99(run.lags_ms), "ms"),
        _row(f"gateway's share of a core, {at}", run.cores, "x"),
        _row(f"turns answered of {calls * turns}, {at}", len(added), ""),
    ]


def _at(calls: int) -> str:
    return f"{calls} call" + ("s" if calls > 1 else "")


def _added(run: _Run) -> list[float]:
    return sorted(parts.added_ms for parts in run.parts)


def _row(what: str, value: float, unit: str, *, aim: float | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"what": what, "value": round(value, 3), "unit": unit}
    return row if aim is None else row | {"aim": aim, "better": "less"}


def _p99(ordered: Sequence[float]) -> float:
    return ordered[int(len(ordered) * 0.99)]


async def _run(calls: int, turns: int, module: str) -> _Run:
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as home:
        async with (
            openai_twin(TimedServices(watch).script()) as services,
            services.listening() as services_url,
            measured_process(_LINES, str(turns)) as lines,
        ):
            heard_at = f"http://127.0.0.1:{(await lines.answer())['port']}"
            async with measured_process(module, home, services_url, heard_at) as gateway:
                port = (await gateway.answer())["port"]
                used, began = await gateway.cpu_seconds(), time.monotonic()
                await _place(calls, port, gateway, lines)
                over = await lines.ask("finish")
                cores = (await gateway.cpu_seconds() - used) / (time.monotonic() - began)
    watch.take(over["moments"])
    return _Run(watch.parts(), over["lags_ms"], cores)


async def _place(calls: int, port: int, gateway: MeasuredProcess, lines: MeasuredProcess) -> None:
    """Open one call after the other, over the time of a turn."""
    for call in range(calls):
        await anyio.sleep(_TURN_SECONDS / calls if call else 0)
        path, sid = await gateway.ask({"call": f"+1555001{call:04}"})
        await lines.ask({"open": [call, port, path, sid]})

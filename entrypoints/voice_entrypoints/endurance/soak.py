"""Calls without end for a while: does the gateway's process grow, and does it keep up?"""

import random
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import anyio
import attrs

from voice_entrypoints.endurance.people import Workload
from voice_entrypoints.endurance.stage import Stage, stage

__all__ = ("Sample", "slope_per_hour", "soak")

_WARM: Final = 0.25
"""This part of the run does not count: caches fill, pools grow to their size."""
_PAUSE_SECONDS: Final = 2.0
_CALM_SECONDS: Final = 70.0
"""What the longest call may take to end, with the time that a carrier lets a telephone ring."""


@attrs.frozen
class Sample:
    """The gateway's process at one moment."""

    at_seconds: float
    rss_kib: float
    handles: int
    threads: int
    tasks: int
    calls: int
    ended: int


@attrs.frozen(kw_only=True)
class _Seen:
    idle: Sample
    samples: tuple[Sample, ...]
    after: Sample
    """When the last call was over."""
    lag: dict[float, float]
    placed: int
    exit_code: int
    legs: int
    """How many the carrier still has."""


async def soak(
    carrier: str,
    *,
    seconds: float,
    live: int,
    every: float = 5.0,
    streamed: bool = True,
    patient: bool = True,
) -> dict[str, Any]:
    """Keep at most *live* calls up for *seconds*, look *every* so many, and return the rows of what was seen.

    At the end calls go on until they are over, or without being *patient*, are ended.
    """
    with tempfile.TemporaryDirectory() as folder:
        further = {"maxConcurrentCalls": live}
        async with stage(carrier, Path(folder) / "home", streamed=streamed, further=further) as on:
            await on.gateway.start()
            idle = await _sample(on, 0.0)
            chance = random.Random(1)  # noqa: S311 - it must repeat, not surprise
            work = Workload(stage=on, chance=chance, clients=max(1, live // 3), pause_seconds=_PAUSE_SECONDS)
            samples: list[Sample] = []
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(work.run)
                began = time.monotonic()
                while (now := time.monotonic() - began) < seconds:
                    await anyio.sleep(min(every, seconds - now))
                    samples.append(await _sample(on, time.monotonic() - began))
                work.stop()
                if not patient:
                    tasks.cancel_scope.cancel()
            lag = _lag(await on.gateway.page("/metrics"))
            after = await _calm(on, seconds, patient=patient)
            on.gateway.ask_to_stop()
            code = await on.gateway.ended()
            left = len(on.twin.ledger.legs_alive())
    measured = tuple(samples[round(len(samples) * _WARM) :])
    seen = _Seen(
        idle=idle, samples=measured, after=after, lag=lag, placed=work.placed, exit_code=code, legs=left
    )
    return {"rows": _rows(seen), "samples": [attrs.asdict(each) for each in samples]}


async def _calm(on: Stage, at_seconds: float, *, patient: bool) -> Sample:
    """Wait until no call lives and return what is left then."""
    with anyio.move_on_after(_CALM_SECONDS):
        while live := await on.live():
            if not patient:
                await on.end(live)
            await anyio.sleep(0.1)
        if patient:
            await anyio.sleep(10)  # connections that are kept for a moment
    return await _sample(on, at_seconds)


async def _sample(on: Stage, at_seconds: float) -> Sample:
    text = await on.gateway.page("/metrics")
    process = Path(f"/proc/{on.gateway.pid}")
    status = (process / "status").read_text()
    return Sample(
        at_seconds=round(at_seconds, 1),
        rss_kib=float(re.findall(r"VmRSS:\s+(\d+)", status)[0]),
        handles=len(list((process / "fd").iterdir())),
        threads=int(re.findall(r"Threads:\s+(\d+)", status)[0]),
        tasks=int(_total(text, "voicecall_tasks")),
        calls=int(_total(text, "voicecall_calls")),
        ended=int(_total(text, "voicecall_calls_ended_total")),
    )


def _total(text: str, name: str) -> float:
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE))


def _lag(text: str) -> dict[float, float]:
    """Return how many wake-ups were at most so late, in seconds."""
    found = re.findall(r'^voicecall_event_loop_lag_seconds_bucket{le="([^"]+)"} (\S+)$', text, re.MULTILINE)
    return {float(limit): float(count) for limit, count in found}


def _quantile(lag: dict[float, float], part: float) -> float:
    """Return the limit under which that part of the wake-ups is."""
    wanted = max(lag.values()) * part
    return next(limit for limit, count in sorted(lag.items()) if count >= wanted)


def slope_per_hour(samples: Sequence[Sample], of: str) -> float:
    """Return by how much a figure grows in an hour, by least squares; 0 with fewer than two samples."""
    if len(samples) < 2:
        return 0.0
    line = statistics.linear_regression(
        [each.at_seconds for each in samples], [float(getattr(each, of)) for each in samples]
    )
    return line.slope * 3_600


def _rows(seen: _Seen) -> list[dict[str, Any]]:
    samples, idle, after = seen.samples, seen.idle, seen.after
    growth = slope_per_hour(samples, "rss_kib") / 1024
    late = samples[-max(1, len(samples) // 4) :]
    return [
        _row("calls placed", seen.placed, ""),
        _row("calls over", after.ended, ""),
        _row("live calls, mean", statistics.fmean(each.calls for each in samples), ""),
        _row("memory, idle", idle.rss_kib / 1024, "MiB"),
        _row("memory, last quarter, mean", statistics.fmean(each.rss_kib for each in late) / 1024, "MiB"),
        _row("memory, slope", growth, "MiB/h"),
        _row("memory, slope for each call", growth * 1024 * 1024 / _calls_per_hour(samples), "B"),
        *(
            row
            for of in ("handles", "tasks", "threads")
            for row in (
                _row(f"{of}, idle", getattr(idle, of), ""),
                _row(f"{of}, most", max(getattr(each, of) for each in samples), ""),
                _row(f"{of}, after the last call", getattr(after, of), ""),
            )
        ),
        _row("event-loop lag, p50 below", _quantile(seen.lag, 0.5) * 1_000, "ms"),
        _row("event-loop lag, p99 below", _quantile(seen.lag, 0.99) * 1_000, "ms"),
        _row("legs alive at the end", seen.legs, "", aim=0),
        _row("exit code", seen.exit_code, "", aim=0),
    ]


def _calls_per_hour(samples: Sequence[Sample]) -> float:
    return max(1.0, slope_per_hour(samples, "ended"))


def _row(what: str, value: float, unit: str, aim: float | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"what": what, "value": round(value, 2), "unit": unit}
    return row if aim is None else row | {"aim": aim, "better": "less"}

"""What placing a call costs while others are live, and what a live call weighs: mock carrier, real store."""

import gc
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from anyio.lowlevel import checkpoint

from voice_entrypoints.embed import open_voicecall
from voice_entrypoints.phone import Phone

__all__ = ("measure",)

_LIVE: Final = 100
_PLACED: Final = 200
_WEIGHED: Final = 400
_SETTINGS: Final = {
    "maxConcurrentCalls": 1_000,
    "ringTimeoutMs": 600_000,
    "staleCallReaperSeconds": 0,
    "mock": {"outcome": "no-answer"},
    "recording": {"enabled": False},
}


async def measure() -> dict[str, Any]:
    """Return the time from `initiate` to the carrier's answer with 100 live calls, and memory per live call."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_voicecall(_SETTINGS, home=Path(folder)) as phone:
            await _place(phone, _LIVE)
            took = sorted(await _place(phone, _PLACED))
            kib = await _weigh(phone)
    return {
        "rows": [
            _row(f"initiate to dialled, p50, {_LIVE} live", statistics.median(took), "ms"),
            _row(f"initiate to dialled, p99, {_LIVE} live", took[int(len(took) * 0.99)], "ms", aim=20.0),
            _row("memory per live call without media", kib, "KiB", aim=40.0),
        ]
    }


def _row(what: str, value: float, unit: str, *, aim: float | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"what": what, "value": round(value, 2), "unit": unit}
    return row if aim is None else row | {"aim": aim, "better": "less"}


async def _place(phone: Phone, count: int) -> list[float]:
    took: list[float] = []
    for _ in range(count):
        began = time.perf_counter()
        await phone.call(to="+15550005678", message="Hello.")
        took.append((time.perf_counter() - began) * 1000)
        await checkpoint()
    return took


async def _weigh(phone: Phone) -> float:
    gc.collect()
    before = _resident_kib()
    await _place(phone, _WEIGHED)
    gc.collect()
    return (_resident_kib() - before) / _WEIGHED


def _resident_kib() -> float:
    """Memory in use now where the system tells; elsewhere the most that was ever used."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
        return float(line.split()[1])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 if sys.platform == "darwin" else most

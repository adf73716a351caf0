"""Interrupts live calls on real sockets, asks the gate about many more voices, and about what is no voice."""

import statistics
from collections.abc import Sequence
from typing import Any, Final

import anyio.to_thread

from voice_entrypoints.bench.barge_in.disturbances import Disturbance, disturbances
from voice_entrypoints.bench.barge_in.gate_trials import NEVER_MS, decision_ms, false_starts
from voice_entrypoints.bench.barge_in.interrupter import interrupted_ms
from voice_entrypoints.bench.barge_in.voices import Utterance, frames_of, utterances
from voice_entrypoints.measured_process import measured_process

__all__ = ("interrupted_rows", "measure")

_STREAMS: Final = 72
_WIRE_LEVELS_DBFS: Final = (-22.0,)
_LEVELS_DBFS: Final = (-18.0, -22.0, -28.0)
_OFFSETS: Final = (0, 37, 91)  # samples: a voice does not begin where a frame does
_AIM_MS: Final = 100.0
_SERVER: Final = "voice_entrypoints.bench.media.server_process"


async def measure() -> dict[str, Any]:
    """Return how soon calls fall silent, and what they fall silent for.

    A frame is on the wire once it has sounded: who listens with a stopwatch adds 20 ms to every delay.
    """
    on_the_wire = await interrupted_rows(_STREAMS)
    decided = await anyio.to_thread.run_sync(_decisions)
    falls = await anyio.to_thread.run_sync(_falls)
    at_the_gate = _delay_rows(f"voice to decision, {len(decided)} voices", decided)
    return {"rows": [*on_the_wire, *at_the_gate, *falls]}


async def interrupted_rows(streams: int) -> list[dict[str, Any]]:
    """Interrupt so many live calls, each with another voice, and return how soon they fell silent.

    That is from the first voiced frame on the wire to the `clear` on the wire.
    """
    spoken = _spread(tuple(utterances(_WIRE_LEVELS_DBFS)), streams)
    return _delay_rows(f"voice to clear on the wire, {streams} voices", await _interrupt(spoken))


def _spread(every: tuple[Utterance, ...], count: int) -> list[Utterance]:
    """Return *count* of them, from all over; some twice if there are too few."""
    return [every[place * len(every) // count % len(every)] for place in range(count)]


async def _interrupt(spoken: Sequence[Utterance]) -> list[float]:
    async with measured_process(_SERVER, "ours", str(len(spoken)), "asyncio") as server:
        place = await server.answer()
        paths = [(path, call) for path, call in place["streams"]]
        return await anyio.to_thread.run_sync(interrupted_ms, place["port"], paths, spoken)


def _decisions() -> list[float]:
    return [decision_ms(each) for each in utterances(_LEVELS_DBFS, _OFFSETS)]


def _delay_rows(what: str, delays: Sequence[float]) -> list[dict[str, Any]]:
    ordered = sorted(delays)

    def row(name: str, value: float, unit: str = "ms") -> dict[str, Any]:
        return {"what": f"{what}, {name}", "value": round(value, 2), "unit": unit}

    within = sum(each <= _AIM_MS for each in ordered) / len(ordered) * 100
    return [
        row("p50", statistics.median(ordered)) | {"aim": _AIM_MS, "better": "less"},
        row("p90", ordered[int(len(ordered) * 0.9)]) | {"aim": _AIM_MS, "better": "less"},
        row("within 100 ms", within, "%"),
        row("not noticed", sum(each == NEVER_MS for each in ordered) / len(ordered) * 100, "%"),
    ]


def _falls() -> list[dict[str, Any]]:
    return [_fall(each) for each in disturbances()]


def _fall(disturbance: Disturbance) -> dict[str, Any]:
    starts = false_starts(frames_of(sound) for sound in disturbance.sounds)
    share = sum(1 for count in starts if count) / len(starts) * 100
    row = {"what": f"taken for a voice: {disturbance.name}, of {len(starts)}", "unit": "%"}
    return row | {"value": round(share, 1), "starts": sum(starts)}

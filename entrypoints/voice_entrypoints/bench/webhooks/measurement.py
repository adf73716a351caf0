"""Sends the same webhooks to a whole gateway and to a bare application, and compares what they used."""

import statistics
import tempfile
from typing import Any, ClassVar, Final

import anyio
import anyio.to_thread
import attrs

from voice_domain.errors import VoiceError
from voice_entrypoints.bench.webhooks.carriers import COMPARED, NEWS
from voice_entrypoints.bench.webhooks.news import PlacedCall, as_request
from voice_entrypoints.bench.webhooks.posting import post_all
from voice_entrypoints.measured_process import MeasuredProcess, measured_process

__all__ = ("LostNoticeError", "measure")

_WINDOWS: Final = 5
_CALLS: Final = 200
_CONNECTIONS: Final = (1, 8)
_AIM_US: Final = 150.0
_SETTLE_SECONDS: Final = 0.1
_SERVER: Final = "voice_entrypoints.bench.webhooks.server_process"


class LostNoticeError(VoiceError):
    """The gateway answered a webhook with 2xx and did not act on it."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, live: int) -> None:
        super().__init__(f"{live} calls live on although the news of their end was taken; look at the log")


@attrs.frozen
class _Cost:
    """The middle one of several windows, for each figure."""

    microseconds: float
    """CPU time of the server for one webhook, all its threads together."""
    p50_ms: float
    p99_ms: float


async def measure(*, calls: int = _CALLS, windows: int = _WINDOWS) -> dict[str, Any]:
    """Return the CPU time of a status webhook that is signed and durable before its 2xx, and how long it takes.

    Each window sends two webhooks for each of *calls* calls, it rings and nobody answers, and every one of them is
    an event that has to be kept. Of the other carriers, the webhook that ends a call is sent.
    """
    costs = {kind: await _costs(kind, calls, windows) for kind in ("bare", COMPARED)}
    rows: list[dict[str, Any]] = []
    for connections in _CONNECTIONS:
        bare, ours = costs["bare"][connections], costs[COMPARED][connections]
        at = f"{connections} connection" + ("s" if connections > 1 else "")
        rows += [
            _row(f"starlette and HMAC alone, CPU each, {at}", bare.microseconds, "µs"),
            _row(f"durable webhook, CPU each, {at}", ours.microseconds, "µs")
            | {"aim": _AIM_US, "better": "less"},
            _row(f"durable webhook to bare, {at}", ours.microseconds / bare.microseconds, "x"),
            _row(f"durable webhook, until its answer, p50, {at}", ours.p50_ms, "ms"),
            _row(f"durable webhook, until its answer, p99, {at}", ours.p99_ms, "ms"),
        ]
    for carrier in (each for each in NEWS if each != COMPARED):
        used = statistics.median(await _endings(carrier, calls, windows))
        rows.append(
            _row(f"durable end of a call, CPU each, {carrier}", used, "µs")
            | {"aim": _AIM_US, "better": "less"}
        )
    return {"rows": rows, "webhooks": 2 * calls * windows}


def _row(what: str, value: float, unit: str) -> dict[str, Any]:
    return {"what": what, "value": round(value, 2), "unit": unit}


async def _costs(kind: str, calls: int, windows: int) -> dict[int, _Cost]:
    with tempfile.TemporaryDirectory() as folder:
        async with measured_process(_SERVER, kind, folder) as server:
            port = (await server.answer())["port"]
            await _window(server, port, _new_calls(await _placed(server, calls, kind)), 1)
            costs = {}
            for connections in _CONNECTIONS:
                measured = []
                for _ in range(windows):
                    known = _new_calls(await _placed(server, calls, kind))
                    measured.append(await _window(server, port, known, connections))
                costs[connections] = _middle(measured)
            return costs


async def _endings(carrier: str, calls: int, windows: int) -> list[float]:
    """Return the CPU time of one webhook that ends a call, all that follows included, for each window."""
    used: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        async with measured_process(_SERVER, carrier, folder) as server:
            port = (await server.answer())["port"]
            for _ in range(windows + 1):
                known = _new_calls(await _placed(server, calls, carrier))
                ends = [as_request(carrier, NEWS[carrier].ended(call)) for call in known]
                before = await server.cpu_seconds()
                await anyio.to_thread.run_sync(post_all, port, ends, max(_CONNECTIONS))
                await anyio.sleep(_SETTLE_SECONDS)
                used.append((await server.cpu_seconds() - before) / calls * 1_000_000)
                if live := await server.ask("live"):
                    raise LostNoticeError(live)
    return used[1:]  # the first one warms up


async def _placed(server: MeasuredProcess, calls: int, kind: str) -> list[list[str]]:
    if kind == "bare":
        return [[f"call-{number}", f"CA{number:032x}"] for number in range(calls)]
    placed: list[list[str]] = await server.ask({"place": calls})
    return placed


def _new_calls(placed: list[list[str]]) -> list[PlacedCall]:
    return [PlacedCall(*names) for names in placed]


async def _window(server: MeasuredProcess, port: int, calls: list[PlacedCall], connections: int) -> _Cost:
    news = NEWS[COMPARED]
    assert news.rang is not None
    rings = [as_request(COMPARED, news.rang(call)) for call in calls]
    ends = [as_request(COMPARED, news.ended(call)) for call in calls]
    before = await server.cpu_seconds()
    took = sorted(
        await anyio.to_thread.run_sync(post_all, port, rings, connections)
        + await anyio.to_thread.run_sync(post_all, port, ends, connections)
    )
    # What follows an answer, such as forgetting the call, is part of what a webhook costs.
    await anyio.sleep(_SETTLE_SECONDS)
    used = await server.cpu_seconds() - before
    if live := await server.ask("live"):
        raise LostNoticeError(live)
    return _Cost(used / len(took) * 1_000_000, statistics.median(took), took[int(len(took) * 0.99)])


def _middle(windows: list[_Cost]) -> _Cost:
    # The middle window: a neighbour who takes the core for a moment must not decide.
    return _Cost(
        statistics.median(window.microseconds for window in windows),
        statistics.median(window.p50_ms for window in windows),
        statistics.median(window.p99_ms for window in windows),
    )

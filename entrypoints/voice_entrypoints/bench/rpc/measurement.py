"""Asks one question after the other and counts how long each answer takes."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import anyio.to_thread
import attrs

from voice_contracts.secret import Secret
from voice_entrypoints.bench.rpc.askers import Asker, HttpAsker, SocketAsker, WrongAnswerError, wire_text
from voice_entrypoints.measured_process import measured_process
from voice_entrypoints.rpc.token_file import read_token, token_path

__all__ = ("Waits", "measure", "waits_in_windows")

_LIVE: Final = 100
_ASKED: Final = 500
_WINDOWS: Final = 3
_WARM: Final = 50
_AIM_MS: Final = 5.0


@attrs.frozen
class Waits:
    """How long answers took, in milliseconds: the middle one of several windows, for each figure."""

    p50: float
    p99: float


async def measure(*, live: int = _LIVE, asked: int = _ASKED) -> dict[str, Any]:
    """Return what a client waits for `voicecall.status`, of one call and of all *live* ones, p50 and p99."""
    with tempfile.TemporaryDirectory() as folder:
        async with measured_process(
            "voice_entrypoints.bench.rpc.gateway_process", folder, str(live)
        ) as gateway:
            place = await gateway.answer()
            token = read_token(token_path(Path(folder), None))
            rows = await anyio.to_thread.run_sync(_ask_all, place["url"], token, place["call_ids"], asked)
    return {"rows": rows, "live": live, "asked": asked * _WINDOWS}


def _ask_all(url: str, token: Secret, call_ids: list[str], asked: int) -> list[dict[str, Any]]:
    """Ask over both transports; runs on a thread, because it waits."""
    with HttpAsker(url, token) as over_http, SocketAsker(url, token) as over_socket:
        return [
            *_rows("health page, HTTP alone", waits_in_windows(over_http.look, asked)),
            *_status_rows("HTTP", over_http, call_ids, asked),
            *_status_rows("WebSocket", over_socket, call_ids, asked),
        ]


def _status_rows(transport: str, asker: Asker, call_ids: list[str], asked: int) -> Iterator[dict[str, Any]]:
    one = wire_text("voicecall.status", {"callId": call_ids[len(call_ids) // 2]})
    every = wire_text("voicecall.status", {})
    if call_ids[-1].encode() not in (answer := asker.ask(every)):
        raise WrongAnswerError(answer)
    yield from _rows(
        f"status of a call, {transport}", waits_in_windows(lambda: asker.ask(one), asked), _AIM_MS
    )
    all_waits = waits_in_windows(lambda: asker.ask(every), asked // 2)
    yield from _rows(f"status of all {len(call_ids)} live calls, {transport}", all_waits, _AIM_MS)


def waits_in_windows(ask: Callable[[], object], asked: int) -> Waits:
    """Ask *asked* times in each of three windows and return the middle figures."""
    for _ in range(_WARM):
        ask()
    windows = [sorted(_wait(ask) for _ in range(asked)) for _ in range(_WINDOWS)]
    # The middle window: a neighbour who takes the core for a moment must not decide.
    return Waits(
        p50=statistics.median(statistics.median(window) for window in windows),
        p99=statistics.median(window[int(len(window) * 0.99)] for window in windows),
    )


def _wait(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1_000


def _rows(what: str, waits: Waits, aim_ms: float | None = None) -> Iterator[dict[str, Any]]:
    yield {"what": f"{what}, p50", "value": round(waits.p50, 3), "unit": "ms"}
    p99: dict[str, Any] = {"what": f"{what}, p99", "value": round(waits.p99, 3), "unit": "ms"}
    yield p99 if aim_ms is None else p99 | {"aim": aim_ms, "better": "less"}

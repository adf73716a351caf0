"""Waiting for answers is measured on both transports, with the gateway in a process of its own."""

import anyio
import pytest

from voice_entrypoints.bench import rpc
from voice_entrypoints.bench.rpc.measurement import waits_in_windows


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("the measured gateway runs in a process of its own; one event loop here is enough")
async def test_a_short_run_asks_over_both_transports() -> None:
    with anyio.fail_after(60):
        measured = await rpc.measure(live=3, asked=4)

    rows = {row["what"]: row for row in measured["rows"]}
    for transport in ("HTTP", "WebSocket"):
        for question in ("status of a call", "status of all 3 live calls"):
            assert rows[f"{question}, {transport}, p99"]["aim"] == 5.0
            assert (
                0
                < rows[f"{question}, {transport}, p50"]["value"]
                <= rows[f"{question}, {transport}, p99"]["value"]
            )
    assert "aim" not in rows["health page, HTTP alone, p99"]


def test_every_window_asks_as_often_as_it_should() -> None:
    asked: list[None] = []

    waits = waits_in_windows(lambda: asked.append(None), 10)

    assert len(asked) == 50 + 3 * 10
    assert 0 <= waits.p50 <= waits.p99

"""The start of a process is measured with past calls and with live ones."""

import pytest

from voice_entrypoints.bench import recovery


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("the file is read on threads; one event loop is enough for a measurement")
async def test_a_short_run_measures_past_and_live_calls() -> None:
    measured = await recovery.measure(past=(2, 4), live=2)

    assert [row["what"] for row in measured["rows"]] == [
        "start after 2 calls that are over",
        "start after 4 calls that are over",
        "start with 2 live calls to be resumed",
    ]
    assert all(row["value"] > 0 for row in measured["rows"])

"""A gateway under calls without end: for a moment here, and for as long as one likes by `benchmarks/soak.py`."""

import pytest

from voice_entrypoints.endurance.soak import Sample, slope_per_hour, soak


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("the carrier's twin listens with uvicorn")
async def test_a_short_run_counts_what_the_process_holds_and_leaves_nothing() -> None:
    measured = await soak("twilio", seconds=1.0, live=3, every=0.4, streamed=False, patient=False)

    rows = {row["what"]: row["value"] for row in measured["rows"]}
    assert len(measured["samples"]) >= 2
    assert rows["calls placed"] > 0
    assert rows["calls over"] > 0
    assert 0 < rows["memory, idle"] < 200
    assert rows["tasks, after the last call"] <= rows["tasks, most"]
    assert rows["event-loop lag, p99 below"] > 0
    assert (rows["legs alive at the end"], rows["exit code"]) == (0, 0)


def sample(at_seconds: float, rss_kib: float) -> Sample:
    return Sample(at_seconds=at_seconds, rss_kib=rss_kib, handles=9, threads=1, tasks=5, calls=0, ended=0)


def test_a_process_that_grows_by_a_kibibyte_a_second_is_seen_to() -> None:
    grows = [sample(at, 80_000 + at) for at in range(0, 100, 5)]

    assert slope_per_hour(grows, "rss_kib") == pytest.approx(3_600)
    assert slope_per_hour(grows, "handles") == pytest.approx(0)
    assert slope_per_hour(grows[:1], "rss_kib") == 0

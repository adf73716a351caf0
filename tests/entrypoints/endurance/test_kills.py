"""Real processes, killed while calls are up: a few times here, and as often as one likes by `benchmarks/kills.py`."""

import pytest

from voice_entrypoints.endurance.kills import kill_again_and_again


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("the carrier's twin listens with uvicorn")
async def test_a_gateway_that_is_killed_loses_nothing_dials_nobody_twice_and_leaves_no_leg() -> None:
    killed = await kill_again_and_again("telnyx", kills=2, seed=4, patient=False)

    assert killed.findings == ()
    assert (killed.kills.total(), killed.exit_code, killed.tracebacks) == (2, 0, 0)
    assert min(killed.calls, killed.legs, killed.acknowledged) > 0

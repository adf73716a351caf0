"""The media path is measured beside a bare echo, in processes of their own."""

import anyio
import pytest

from voice_entrypoints.bench import media
from voice_entrypoints.bench.media.measurement import BusyMachineError, checked

pytestmark = [pytest.mark.anyio, pytest.mark.real_time]


def test_figures_of_a_machine_that_does_not_keep_up_are_refused() -> None:
    checked("ours at 20 streams", 0.8)

    with pytest.raises(BusyMachineError, match="Only 71% of the frames came back from ours at 200 streams"):
        checked("ours at 200 streams", 0.71)


@pytest.mark.asyncio_only("the measured servers run in processes of their own; one event loop here is enough")
async def test_a_short_run_compares_the_whole_path_with_a_bare_echo() -> None:
    with anyio.fail_after(60):
        measured = await media.measure(streams=(2,), seconds=0.3)

    rows = {row["what"]: row for row in measured["rows"]}
    assert rows["whole path to bare wsproto, 2 streams"]["aim"] == 1.3
    assert rows["whole path, frame in and out, 2 streams"]["returned"] > 0.8
    assert rows["bare wsproto echo, frame in and out, 2 streams"]["returned"] > 0.8
    assert 0 < rows["first frame after first audio, p50"]["value"] < 20
    assert all(row["value"] > 0 for row in rows.values())

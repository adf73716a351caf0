"""A program that is measured runs in a process of its own, and its end is noticed."""

import anyio
import pytest

from voice_entrypoints.measured_process import ProcessEndedError, measured_process

SILENT = "__future__"  # a module of the standard library that does nothing when it is run


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("processes are anyio's business; one event loop here is enough")
async def test_a_program_that_ends_early_is_an_error_that_names_it() -> None:
    with anyio.fail_after(60):
        async with measured_process(SILENT) as program:
            with pytest.raises(ProcessEndedError, match=f"{SILENT} ended early"):
                await program.answer()

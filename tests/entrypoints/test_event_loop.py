"""What our programs run on."""

import sys

from voice_entrypoints.event_loop import run


async def switch_seconds() -> float:
    return sys.getswitchinterval()


def test_a_thread_waits_half_a_millisecond_for_the_interpreter_while_a_program_runs() -> None:
    before = sys.getswitchinterval()

    during = run(switch_seconds)

    assert round(during, 6) == 0.0005
    assert sys.getswitchinterval() == before

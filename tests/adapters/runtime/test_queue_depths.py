"""What waits, and what the carrier did not do, can be read at any moment."""

import anyio
import pytest
from support.telephone import Line, World, answered, call_to, over

from voice_domain.identity import SpeechId
from voice_domain.inputs import HangUpRequested, SpeakRequested
from voice_domain.ports.carrier import CarrierError
from voice_domain.vocabulary import EndReason

pytestmark = pytest.mark.anyio

NOTHING = {"mailbox": 0, "errands": 0, "speech": 0, "strays": 0}


async def test_queues_tell_what_waits_and_are_empty_when_the_call_is_over() -> None:
    async with World().running() as world:
        before = dict(world.calls.queue_depths())
        call = await world.calls.open(call_to(opening="A long opening."))
        await answered(world, call)
        for number in range(2):
            await world.calls.submit(call.call_id, SpeakRequested(SpeechId(f"more-{number}"), "And more."))
        during = dict(world.calls.queue_depths())
        world.line.hang_up_seconds = 3
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(world.calls.submit, call.call_id, HangUpRequested(EndReason.HANGUP_BOT))
            await anyio.sleep(1)
            hanging_up = dict(world.calls.queue_depths())
        await over(world, call.call_id)
        after = dict(world.calls.queue_depths())

    assert (before, after) == (NOTHING, NOTHING)
    assert during["speech"] == 3
    assert hanging_up["errands"] == 1


async def test_every_attempt_that_the_carrier_failed_is_counted_by_its_code() -> None:
    line = Line()
    line.refuse_dial = True
    async with World(line=line).running() as world:
        with pytest.raises(CarrierError):
            await world.calls.open(call_to())
        line.refuse_dial, line.refusals_of_hang_up = False, 2
        call = await world.calls.open(call_to())
        await answered(world, call)
        with pytest.raises(CarrierError):
            await world.calls.submit(call.call_id, HangUpRequested(EndReason.HANGUP_BOT))
        await over(world, call.call_id)

    assert world.services.carrier_failures == {"404": 1, "unknown": 2}

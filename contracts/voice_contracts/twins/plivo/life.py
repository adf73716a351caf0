"""The life of a leg at the twin: from the queue to its end, with every limit that Plivo keeps."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio

from voice_contracts.twins.callee import Outcome
from voice_contracts.twins.keys import press
from voice_contracts.twins.plivo.detection import detect_machine
from voice_contracts.twins.plivo.endings import Ending, LegStatus
from voice_contracts.twins.plivo.leg import Leg
from voice_contracts.twins.plivo.switch import Switch

__all__ = ("Talk", "live_inbound", "live_outbound")

Talk = Callable[[Leg], Awaitable[Ending]]
"""What happens between the answer and the end, and how it ends; for a call to us, from the first ring on."""

_UNKNOWN, _NOWHERE, _BUSY, _TIME_LIMIT, _RING_TIMEOUT = 0, 2000, 3010, 6000, 6010


async def live_outbound(switch: Switch, leg: Leg, talk: Talk, queue_seconds: float = 0.0) -> None:
    """Dial, ring, and talk, until somebody or something ends it."""
    async with _alive(leg):
        await anyio.sleep(queue_seconds)
        if not await _rings_and_is_answered(switch, leg):
            return
        leg.answer()
        with anyio.move_on_after(leg.orders.time_limit_seconds):
            await press(leg.line, leg.orders.send_digits)
            await detect_machine(switch, leg)
            ending = await talk(leg)
            leg.end(ending.by, ending)
        leg.end("time-limit", Ending(_TIME_LIMIT))


async def live_inbound(leg: Leg, talk: Talk) -> None:
    """Ring at one of our numbers, and do what the document says; it may answer or refuse."""
    async with _alive(leg):
        with anyio.move_on_after(leg.orders.time_limit_seconds):
            ending = await talk(leg)
            leg.end(ending.by, ending)
        leg.end("time-limit", Ending(_TIME_LIMIT))


@asynccontextmanager
async def _alive(leg: Leg) -> AsyncIterator[None]:
    """Own everything that the leg does; however the block is left, the leg is ended after it."""
    try:
        async with anyio.create_task_group() as tasks:
            leg.tasks = tasks
            if leg.is_over:
                # It was ended before it began to live: the block stops at its first wait.
                tasks.cancel_scope.cancel()
            yield
            tasks.cancel_scope.cancel()
    finally:
        # Still alive if something took away the task it lived in: the leg that dialled it, or the twin's end.
        leg.end("parent" if leg.record.parent_id else "twin", Ending(_UNKNOWN, "Unknown"))
        leg.line.ear.end()


async def _rings_and_is_answered(switch: Switch, leg: Leg) -> bool:
    callee = leg.line.callee
    await anyio.sleep(callee.ring_after_ms / 1000)
    if callee.outcome is Outcome.FAILS:
        leg.end("network", Ending(_NOWHERE, "Carrier"))
        return False
    leg.move(LegStatus.RINGING)
    if leg.orders.hangup_on_ring_seconds is not None:
        assert leg.tasks is not None
        leg.tasks.start_soon(_end_after, leg, leg.orders.hangup_on_ring_seconds)
    with anyio.move_on_after(leg.orders.ring_timeout_seconds) as patience:
        if callee.outcome is Outcome.NO_ANSWER:
            await anyio.sleep_forever()
        await anyio.sleep(callee.answer_after_ms / 1000)
    if patience.cancelled_caught:
        leg.end("timeout", Ending(_RING_TIMEOUT))
        return False
    if callee.outcome is Outcome.BUSY:
        leg.end("callee", Ending(_BUSY, switch.account.callee_word))
        return False
    return True


async def _end_after(leg: Leg, seconds: float) -> None:
    await anyio.sleep(seconds)
    leg.end("time-limit", Ending(_TIME_LIMIT))

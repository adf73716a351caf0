"""The life of a leg at the twin: from the queue to its end, with every limit that Twilio keeps."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio

from voice_contracts.twins.callee import Outcome
from voice_contracts.twins.keys import press
from voice_contracts.twins.twilio.detection import detect_machine
from voice_contracts.twins.twilio.leg import Leg, LegStatus
from voice_contracts.twins.twilio.switch import Switch

__all__ = ("Talk", "answer", "live_inbound", "live_outbound")

_S = LegStatus
_BUSY, _NOT_FOUND = 486, 404

Talk = Callable[[Leg], Awaitable[None]]
"""What happens between the answer and the end; for a called leg, from the first ring on."""


async def live_outbound(switch: Switch, leg: Leg, talk: Talk, queue_seconds: float = 0.0) -> None:
    """Dial, ring, and talk, until somebody or something ends it."""
    async with _alive(leg):
        await anyio.sleep(queue_seconds)
        if leg.ended.is_set():
            return  # in the very moment in which it would have begun
        leg.move(_S.INITIATED)
        if not await _rings_and_is_answered(leg):
            return
        answer(leg)
        with anyio.move_on_after(leg.orders.time_limit_seconds) as limit:
            await press(leg.line, leg.orders.send_digits)
            await detect_machine(switch, leg)
            await talk(leg)
        leg.end("time-limit" if limit.cancelled_caught else "document")


async def live_inbound(leg: Leg, talk: Talk) -> None:
    """Ring at one of our numbers, and do what the document says; it may answer or refuse."""
    async with _alive(leg):
        with anyio.move_on_after(leg.orders.time_limit_seconds) as limit:
            await talk(leg)
        leg.end("time-limit" if limit.cancelled_caught else "document")


def answer(leg: Leg) -> None:
    """Let the callee and us hear each other from now on; harmless when they do already, or it is over."""
    if leg.status is not _S.RINGING:
        return
    assert leg.tasks is not None
    leg.move(_S.IN_PROGRESS)
    leg.tasks.start_soon(leg.line.run)


@asynccontextmanager
async def _alive(leg: Leg) -> AsyncIterator[None]:
    """Own everything that the leg does; however the block is left, the leg is ended after it."""
    try:
        async with anyio.create_task_group() as tasks:
            leg.tasks = tasks
            if leg.ended_by is not None:
                # It was ended before it began to live: the block stops at its first wait.
                tasks.cancel_scope.cancel()
            yield
            tasks.cancel_scope.cancel()
    finally:
        # Still alive if something took away the task it lived in: the leg that dialled it, or the twin's end.
        leg.end("parent" if leg.record.parent_id else "twin")
        leg.line.ear.end()


async def _rings_and_is_answered(leg: Leg) -> bool:
    callee = leg.line.callee
    await anyio.sleep(callee.ring_after_ms / 1000)
    if leg.ended.is_set():
        return False  # in the very moment in which it would have rung
    if callee.outcome is Outcome.FAILS:
        leg.sip_code = _NOT_FOUND
        leg.end("network", _S.FAILED)
        return False
    leg.move(_S.RINGING)
    with anyio.move_on_after(leg.orders.timeout_seconds) as patience:
        if callee.outcome is Outcome.NO_ANSWER:
            await anyio.sleep_forever()
        await anyio.sleep(callee.answer_after_ms / 1000)
    if patience.cancelled_caught:
        leg.end("timeout", _S.NO_ANSWER)
        return False
    if callee.outcome is Outcome.BUSY:
        leg.sip_code = _BUSY
        leg.end("callee", _S.BUSY)
        return False
    return True

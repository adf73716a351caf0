"""Calls of which nothing is heard any more: the carrier is asked now and then whether they still live."""

from collections.abc import Callable, Iterable

import anyio

from voice_adapters.runtime.asking import leg_status, told_of
from voice_adapters.runtime.process import CallProcess
from voice_adapters.runtime.services import CallServices
from voice_domain.inputs import LineEnded
from voice_domain.vocabulary import EndReason

__all__ = ("watch_legs",)

_QUIET_MS = 30_000
_LOOK_SECONDS = 30.0
_AT_ONCE = 5


async def watch_legs(processes: Callable[[], Iterable[CallProcess]], services: CallServices) -> None:
    """Ask, until cancelled, about every call in which nothing has happened for half a minute.

    News of an end that got lost would leave such a call up until its longest duration is over; news of an answer, its
    callee without a word from us.
    """
    limiter = anyio.CapacityLimiter(_AT_ONCE)
    while True:
        await anyio.sleep(_LOOK_SECONDS)
        since_ms = services.clock.now_ms() - _QUIET_MS
        async with anyio.create_task_group() as tasks:
            for process in processes():
                if _is_quiet(process, since_ms):
                    tasks.start_soon(_look, process, services, limiter)


def _is_quiet(process: CallProcess, since_ms: int) -> bool:
    call = process.call
    return call.final_reason is None and call.last_at_ms <= since_ms


async def _look(process: CallProcess, services: CallServices, limiter: anyio.CapacityLimiter) -> None:
    call = process.call
    if call.carrier_call_id is None:
        return
    async with limiter:
        status = await leg_status(services, call.call_id, call.carrier_call_id)
    answered = status.answered or call.answered_at_ms is not None
    if status.answered and call.answered_at_ms is None:
        process.post(told_of(status))
    if status.alive is False:
        reason = status.reason or (EndReason.COMPLETED if answered else EndReason.NO_ANSWER)
        process.post(LineEnded(services.clock.now_ms(), reason, status.cause))

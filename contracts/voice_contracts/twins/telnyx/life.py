"""The life of a leg at the twin: from the dial to its end, with every limit that Telnyx keeps."""

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from voice_contracts.twins.callee import Outcome
from voice_contracts.twins.line import BothWays, Listener
from voice_contracts.twins.person import KeyPressed, News
from voice_contracts.twins.telnyx.leg import Ending, Leg
from voice_contracts.twins.telnyx.reading import read_texts
from voice_contracts.twins.telnyx.switch import Switch

__all__ = ("live_incoming", "live_outgoing")

_DETECTION_SECONDS = 3.0


class _Keys(Listener):
    """Tells every key that the other end presses."""

    wants_frames = False

    def __init__(self, leg: Leg) -> None:
        self._leg = leg

    def frame(self, sounds: BothWays) -> None:
        """Frames are not wanted."""

    def learn(self, news: News) -> None:
        """Tell a key."""
        if isinstance(news, KeyPressed):
            self._leg.tell("call.dtmf.received", {"digit": news.digit})


async def live_outgoing(switch: Switch, leg: Leg) -> None:
    """Dial and ring; once answered, do what commands say until somebody or something ends it."""
    async with _alive(leg):
        leg.tell("call.initiated", {"direction": "outgoing", "state": "bridging"})
        if await _is_answered(leg):
            leg.answer()
            await _talk(switch, leg)


async def live_incoming(switch: Switch, leg: Leg) -> None:
    """Wait, parked, for somebody to answer; then the same."""
    async with _alive(leg):
        leg.tell("call.initiated", {"direction": "incoming", "state": "parked"})
        await leg.answered.wait()
        await _talk(switch, leg)


async def _talk(switch: Switch, leg: Leg) -> None:
    assert leg.tasks is not None
    leg.line.add(_Keys(leg))
    leg.tasks.start_soon(read_texts, switch, leg)
    if leg.orders.machine_detection != "disabled":
        leg.tasks.start_soon(_detect, leg)
    await anyio.sleep(leg.orders.time_limit_seconds)
    leg.end("time-limit", Ending("time_limit"))


async def _detect(leg: Leg) -> None:
    await anyio.sleep(_DETECTION_SECONDS)
    is_machine = leg.line.callee.outcome is Outcome.MACHINE
    premium = leg.orders.machine_detection == "premium"
    event = "call.machine.premium.detection.ended" if premium else "call.machine.detection.ended"
    person = "human_residence" if premium else "human"
    leg.tell(event, {"result": "machine" if is_machine else person})


async def _is_answered(leg: Leg) -> bool:
    callee = leg.line.callee
    await anyio.sleep(callee.ring_after_ms / 1000)
    if callee.outcome is Outcome.FAILS:
        leg.end("network", Ending("not_found", "unknown", "404"))
        return False
    silent = callee.outcome is Outcome.NO_ANSWER
    with anyio.move_on_after(leg.orders.timeout_seconds) as patience:
        await anyio.sleep(math.inf if silent else callee.answer_after_ms / 1000)
    if patience.cancelled_caught:
        leg.end("timeout", Ending("timeout", "unknown", "487"))
        return False
    if callee.outcome is Outcome.BUSY:
        leg.end("person", Ending("user_busy", "callee", "486"))
        return False
    return True


@asynccontextmanager
async def _alive(leg: Leg) -> AsyncIterator[None]:
    """Own everything that the leg does; however the block is left, the leg is ended after it."""
    try:
        async with anyio.create_task_group() as tasks:
            leg.tasks = tasks
            if leg.ended.is_set():
                tasks.cancel_scope.cancel()
            yield
            tasks.cancel_scope.cancel()
    finally:
        leg.end("twin", Ending("unspecified"))
        leg.line.ear.end()

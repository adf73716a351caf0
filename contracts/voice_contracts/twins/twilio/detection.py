"""Answering-machine detection (www.twilio.com/docs/voice/answering-machine-detection)."""

import anyio

from voice_contracts.twins.callee import Outcome
from voice_contracts.twins.line import BothWays, Listener
from voice_contracts.twins.person import News, SpeechEnded
from voice_contracts.twins.twilio.leg import Leg
from voice_contracts.twins.twilio.switch import Switch

__all__ = ("detect_machine",)

_HUMAN_SECONDS = 2.0
_MACHINE_SECONDS = 3.0
_BEEP_SECONDS = 0.5


class _Greeting(Listener):
    """Waits for the end of a machine's greeting."""

    wants_frames = False

    def __init__(self) -> None:
        self.over = anyio.Event()

    def frame(self, sounds: BothWays) -> None:
        """Frames are not wanted."""

    def learn(self, news: News) -> None:
        """Note the end of the first speech."""
        if isinstance(news, SpeechEnded):
            self.over.set()


async def detect_machine(switch: Switch, leg: Leg) -> None:
    """Find out who answered, if that was asked for; in the background when it was asked for so."""
    if leg.orders.machine_detection is None:
        return
    if leg.orders.async_amd:
        assert leg.tasks is not None
        leg.tasks.start_soon(_detect, switch, leg)
    else:
        await _detect(switch, leg)


async def _detect(switch: Switch, leg: Leg) -> None:
    began = anyio.current_time()
    verdict = "unknown"
    with anyio.move_on_after(leg.orders.machine_detection_timeout_seconds):
        verdict = await _verdict(leg)
    leg.answered_by = verdict
    if leg.orders.async_amd and leg.orders.async_amd_callback:
        took_ms = round((anyio.current_time() - began) * 1000)
        fields = (("MachineDetectionDuration", str(took_ms)),)
        switch.courier.tell(leg, leg.orders.async_amd_callback, fields)


async def _verdict(leg: Leg) -> str:
    if leg.line.callee.outcome is not Outcome.MACHINE:
        await anyio.sleep(_HUMAN_SECONDS)
        return "human"
    if leg.orders.machine_detection != "DetectMessageEnd":
        await anyio.sleep(_MACHINE_SECONDS)
        return "machine_start"
    greeting = _Greeting()
    leg.line.add(greeting)
    try:
        await greeting.over.wait()
    finally:
        leg.line.remove(greeting)
    await anyio.sleep(_BEEP_SECONDS)
    return "machine_end_beep"

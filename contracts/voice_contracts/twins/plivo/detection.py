"""Answering-machine detection (www.plivo.com/docs/voice/api/call, machine detection)."""

import anyio

from voice_contracts.twins.callee import Outcome
from voice_contracts.twins.plivo.endings import Ending
from voice_contracts.twins.plivo.leg import Detection, Leg
from voice_contracts.twins.plivo.switch import Switch

__all__ = ("detect_machine",)

_HUMAN_SECONDS = 2.0
_MACHINE = 9100


async def detect_machine(switch: Switch, leg: Leg) -> None:
    """Find out who answered, if that was asked for; in the background when a callback waits for the verdict.

    The call ends here if a machine answered and that was asked for too.
    """
    ordered = leg.orders.detection
    if ordered is None:
        return
    if ordered.callback is None:
        await _detect(switch, leg, ordered)
    else:
        assert leg.tasks is not None
        leg.tasks.start_soon(_detect, switch, leg, ordered)


async def _detect(switch: Switch, leg: Leg, ordered: Detection) -> None:
    machine = leg.line.callee.outcome is Outcome.MACHINE
    await anyio.sleep(ordered.seconds if machine else min(ordered.seconds, _HUMAN_SECONDS))
    if ordered.callback is not None:
        fields = (
            ("Event", "MachineDetection"),
            ("Machine", "true" if machine else "false"),
            ("IfMachine", "hangup" if ordered.hangs_up else "continue"),
        )
        switch.courier.tell(leg, ordered.callback, fields)
    leg.machine = machine
    if machine and ordered.hangs_up:
        leg.end("machine", Ending(_MACHINE))

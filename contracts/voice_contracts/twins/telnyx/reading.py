"""Speech and keys of Telnyx's own: texts that wait to be read, one after the other, and tones."""

import anyio

from voice_contracts.twins.sound import hum
from voice_contracts.twins.telnyx.leg import Leg
from voice_contracts.twins.telnyx.switch import Switch

__all__ = ("press_keys", "read_texts")

_TONE = hum("key")
_PAUSES = {"w": 0.5, "W": 1.0}


async def read_texts(switch: Switch, leg: Leg) -> None:
    """Read what commands give, until cancelled; a text that is cut is told of only if the call ended."""
    while True:
        if not leg.texts:
            leg.more_texts = anyio.Event()
            await leg.more_texts.wait()
        spoken = leg.texts.popleft()
        state = {"client_state": spoken.client_state}
        leg.tell("call.speak.started", state)
        with anyio.CancelScope() as leg.reading:
            try:
                await leg.line.play_out("say", spoken.text, switch.speak(spoken.text), spoken.manner)
            finally:
                if leg.ended.is_set():
                    leg.tell("call.speak.ended", {**state, "status": "call_hangup"})
            leg.tell("call.speak.ended", {**state, "status": "completed"})
        leg.reading = None
        if leg.stream is not None and not leg.texts:
            leg.line.play(leg.stream)


async def press_keys(leg: Leg, digits: str) -> None:
    """Let the other end hear keys, one after the other."""
    for digit in digits:
        if digit in _PAUSES:
            await anyio.sleep(_PAUSES[digit])
        else:
            await leg.line.play_out("digits", digit, _TONE)
    if leg.stream is not None:
        leg.line.play(leg.stream)

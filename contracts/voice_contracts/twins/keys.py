"""Keys that the carrier presses for us."""

import anyio

from voice_contracts.twins.line import Line
from voice_contracts.twins.sound import hum

__all__ = ("press",)

_TONE = hum("key")
_PAUSES_SECONDS = {"w": 0.5, "W": 1.0}


async def press(line: Line, digits: str) -> None:
    """Let the callee hear *digits*, one after the other; `w` is half a second of silence, `W` a whole one."""
    for digit in digits:
        if digit in _PAUSES_SECONDS:
            await anyio.sleep(_PAUSES_SECONDS[digit])
        else:
            await line.play_out("digits", digit, _TONE)

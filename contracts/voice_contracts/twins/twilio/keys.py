"""Keys that the carrier presses for us (www.twilio.com/docs/voice/twiml/play)."""

import anyio

from voice_contracts.twins.line import Line
from voice_contracts.twins.sound import hum

__all__ = ("press",)

_TONE = hum("key")
_PAUSE_SECONDS = 0.5


async def press(line: Line, digits: str) -> None:
    """Let the callee hear *digits*, one after the other; `w` is half a second of silence."""
    for digit in digits:
        if digit in "wW":
            await anyio.sleep(_PAUSE_SECONDS)
        else:
            await line.play_out("digits", digit, _TONE)

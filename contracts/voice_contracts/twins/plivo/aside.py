"""What the API lets be heard beside the document: texts, files and keys, one after the other."""

from collections.abc import Awaitable, Callable

import anyio

from voice_contracts.twins.line import Recorded
from voice_contracts.twins.plivo.leg import Leg
from voice_contracts.twins.sound import FRAME_SECONDS

__all__ = ("be_heard",)


async def be_heard(leg: Leg, play: Callable[[], Awaitable[None]]) -> None:
    """Let *play* be heard as soon as no element of the document sounds; a stream goes on after it.

    Plivo would mix the two; the twin's line carries one sound at a time.
    """
    async with leg.turn_aside:
        with anyio.CancelScope() as leg.aside:
            # A sound that is cut short tells nobody, so its end is looked for.
            while isinstance(leg.line.sound, Recorded):  # noqa: ASYNC110 - see the line above
                await anyio.sleep(FRAME_SECONDS)
            await play()
        leg.aside = None
        if leg.stream is not None:
            leg.line.play(leg.stream)

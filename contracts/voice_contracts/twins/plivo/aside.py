"""What the API lets be heard beside the document: texts, files and keys, one after the other."""

import anyio

from voice_contracts.twins.line import Recorded
from voice_contracts.twins.plivo.leg import Aside, Leg
from voice_contracts.twins.sound import FRAME_SECONDS

__all__ = ("let_be_heard",)


def let_be_heard(leg: Leg, play: Aside) -> None:
    """Let *play* be heard as soon as no element of the document sounds; a stream goes on after it.

    Plivo would mix the two; the twin's line carries one sound at a time.
    """
    leg.asides.append(play)
    if len(leg.asides) == 1:
        assert leg.tasks is not None
        leg.tasks.start_soon(_all_heard, leg)


async def _all_heard(leg: Leg) -> None:
    while leg.asides:
        with anyio.CancelScope() as leg.aside:
            # A sound that is cut short tells nobody, so its end is looked for.
            while isinstance(leg.line.sound, Recorded):  # noqa: ASYNC110 - see the line above
                await anyio.sleep(FRAME_SECONDS)
            await leg.asides[0]()
        leg.aside = None
        leg.asides.popleft()
        if leg.stream is not None:
            leg.line.play(leg.stream)

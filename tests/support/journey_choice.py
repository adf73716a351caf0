"""On which carriers a journey is played. It is chosen here and nowhere else, by what carriers declare that they can do.

A journey that asks for `open_rig` is played on every carrier. One that is marked `needs("transfer")` is played where
the carrier declares that ability, one that is marked `lacks("transfer")` where it does not. One that asks for
`streamed` is played with a media stream and without one, where there is a choice. One that costs real time and shows
nothing of the carrier's is marked `one_carrier(reason)`.
"""

import itertools
from collections.abc import Mapping, Sequence

import attrs
import pytest
from _pytest.mark import ParameterSet
from support.carrier_rig import Habits, Rig
from support.carrier_rigs import RIGS

from voice_domain.ports.carrier import Capabilities

__all__ = ("ABILITIES", "Journey", "cases", "lacks", "needs", "played_on")

ABILITIES = frozenset(attrs.fields_dict(Capabilities)) | {
    "commands",
    "listens_while_reading",
    "tells_answers",
    "trial_account",
}
_ONE_LOOP = pytest.mark.asyncio_only(
    "what depends on the event loop lies below the carriers: on trio, the journeys of the first one prove it"
)

needs = pytest.mark.needs
"""The journey needs abilities of the carrier, by their names in `Habits.can`."""
lacks = pytest.mark.lacks
"""The journey shows what is done without abilities."""


@attrs.frozen
class Journey:
    """One test, as far as it decides where it is played."""

    needed: frozenset[str] = frozenset()
    lacking: frozenset[str] = frozenset()
    both_ways: bool = False
    """Whether it asks for `streamed`."""
    once: bool = False
    """Whether it is played on the first carrier that fits, and on no other."""

    @classmethod
    def of(cls, marks: Sequence[pytest.Mark], arguments: Sequence[str]) -> "Journey":
        """Read a test's markers and the names of its arguments."""
        named = {
            name: frozenset(ability for mark in marks if mark.name == name for ability in mark.args)
            for name in ("needs", "lacks")
        }
        unknown = (named["needs"] | named["lacks"]) - ABILITIES
        assert not unknown, f"there is no such ability: {sorted(unknown)}"
        once = any(mark.name == "one_carrier" for mark in marks)
        return cls(named["needs"], named["lacks"], "streamed" in arguments, once)

    def fits(self, habits: Habits) -> bool:
        """Whether a carrier can play it."""
        return all(map(habits.can, self.needed)) and not any(map(habits.can, self.lacking))


def played_on(journey: Journey, rigs: Mapping[str, Rig] = RIGS) -> list[tuple[str, bool | None]]:
    """Return the carriers, each with whether its calls are streamed; None: that is the journey's own affair."""
    fitting = {name: rig.habits.able for name, rig in rigs.items() if journey.fits(rig.habits)}
    if journey.once:
        fitting = dict(itertools.islice(fitting.items(), 1))
    if not journey.both_ways:
        return [(name, None) for name in fitting]
    return [
        (name, streamed)
        for name, able in fitting.items()
        for streamed in (True, False)
        if able.media_stream or not streamed
    ]


def cases(journey: Journey) -> list[ParameterSet]:
    """Return the values of `open_rig`, and of `streamed` where it is asked for."""
    first = next(iter(RIGS))
    return [
        pytest.param(
            RIGS[name].open,
            *([] if streamed is None else [streamed]),
            id=name + {None: "", True: "-streamed", False: "-native"}[streamed],
            marks=[] if name == first else [_ONE_LOOP],
        )
        for name, streamed in played_on(journey)
    ]

"""Which journeys a carrier does not play, counted: none is left out by mistake, and what it lacks is shown instead."""

import importlib
import inspect
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from support.carrier_rig import Rig
from support.carrier_rigs import RIGS
from support.carrier_world import Scene, carrier_world
from support.journey_choice import Journey, played_on

LACKING = {
    "twilio": frozenset[str](),
    "telnyx": frozenset({"tells_answers", "trial_account"}),
    "plivo": frozenset({"listens_while_reading"}),
    "aliyun": frozenset(
        {"commands", "digits", "inbound", "media_stream", "tells_answers", "transfer", "trial_account"}
    ),
}
"""For each carrier, what it lacks and journeys need."""
PLAYED_AT_LEAST = {"twilio": 55, "telnyx": 51, "plivo": 54, "aliyun": 24}
"""How many journeys each carrier plays; whoever makes them fewer says why in the commit."""
ONCE = 3
"""How many are played on one carrier only, because of the time that they take."""
NOTHING_TO_SHOW = {"trial_account"}
"""What nobody misses who lacks it."""


def _journeys() -> Iterator[Journey]:
    """Every test of this folder that is played on carriers."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"journeys.{path.stem}")
        shared = getattr(module, "pytestmark", [])
        for name, test in inspect.getmembers(module, inspect.iscoroutinefunction):
            arguments = list(inspect.signature(test).parameters)
            if name.startswith("test_") and "open_rig" in arguments:
                marks = [
                    *getattr(test, "pytestmark", []),
                    *(shared if isinstance(shared, list) else [shared]),
                ]
                yield Journey.of([getattr(mark, "mark", mark) for mark in marks], arguments)


@pytest.mark.parametrize("name", RIGS)
def test_a_journey_is_left_out_only_for_what_the_carrier_declares_that_it_lacks(name: str) -> None:
    habits = RIGS[name].habits
    lacking = {one for journey in _journeys() for one in journey.needed if not habits.can(one)}

    assert lacking == LACKING[name]


@pytest.mark.parametrize("name", RIGS)
def test_whatever_a_carrier_lacks_has_a_journey_that_shows_what_is_done_instead(name: str) -> None:
    shown = {one for journey in _journeys() for one in journey.lacking}

    assert LACKING[name] - NOTHING_TO_SHOW <= shown


def test_every_carrier_plays_as_many_journeys_as_it_can() -> None:
    journeys = list(_journeys())
    played = Counter(name for journey in journeys for name in {where for where, _ in played_on(journey)})

    assert RIGS.keys() == LACKING.keys() == PLAYED_AT_LEAST.keys()
    assert {name: played[name] for name in RIGS if played[name] < PLAYED_AT_LEAST[name]} == {}
    assert sum(journey.once for journey in journeys) == ONCE


@pytest.mark.anyio
@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("rig", RIGS.values(), ids=RIGS)
async def test_journeys_expect_what_the_adapter_declares(rig: Rig, *, streamed: bool) -> None:
    async with carrier_world(rig.open, Scene(streamed=streamed)) as world:
        declared = world.container.carrier().capabilities

    able = rig.habits.able
    assert declared == attrs.evolve(able, media_stream=able.media_stream and streamed)

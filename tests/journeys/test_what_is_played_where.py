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

NOT_PLAYED = {
    "twilio": {},
    "telnyx": {"trial_account": 1},
    "aliyun": {
        "commands": 3,
        "digits": 1,
        "inbound": 6,
        "media_stream": 20,
        "transfer": 1,
        "trial_account": 1,
    },
}
"""For each carrier, how many journeys need what it lacks. Whoever changes a number says why in the commit."""
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
def test_no_journey_is_left_out_but_for_what_the_carrier_declares(name: str) -> None:
    habits = RIGS[name].habits
    lacking = Counter(one for journey in _journeys() for one in journey.needed if not habits.can(one))

    assert dict(sorted(lacking.items())) == NOT_PLAYED[name]
    assert sum(journey.once for journey in _journeys()) == ONCE


@pytest.mark.parametrize("name", RIGS)
def test_whatever_a_carrier_lacks_has_a_journey_that_shows_what_is_done_instead(name: str) -> None:
    shown = {one for journey in _journeys() for one in journey.lacking}

    assert NOT_PLAYED[name].keys() - NOTHING_TO_SHOW <= shown


@pytest.mark.parametrize("name", RIGS)
def test_every_carrier_plays_whole_conversations(name: str) -> None:
    played = Counter(where for journey in _journeys() for where, _ in played_on(journey))

    assert played[name] >= 20


@pytest.mark.anyio
@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("rig", RIGS.values(), ids=RIGS)
async def test_journeys_expect_what_the_adapter_declares(rig: Rig, *, streamed: bool) -> None:
    async with carrier_world(rig.open, Scene(streamed=streamed)) as world:
        declared = world.container.carrier().capabilities

    able = rig.habits.able
    assert declared == attrs.evolve(able, media_stream=able.media_stream and streamed)

"""Journeys are played on every carrier that has a twin and can do what they need."""

import pytest
from support.journey_choice import Journey, cases


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Play a journey on one carrier after the other."""
    if "open_rig" not in metafunc.fixturenames:
        return
    journey = Journey.of(list(metafunc.definition.iter_markers()), metafunc.fixturenames)
    names = ("open_rig", "streamed") if journey.both_ways else ("open_rig",)
    metafunc.parametrize(names, cases(journey))

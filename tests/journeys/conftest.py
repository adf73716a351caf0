"""Journeys are played on every carrier that has a twin."""

import pytest
from support.carrier_rigs import RIGS, OpenRig


@pytest.fixture(params=sorted(RIGS))
def open_rig(request: pytest.FixtureRequest) -> OpenRig:
    """One carrier after the other."""
    return RIGS[request.param]

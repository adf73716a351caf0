"""One gateway for all tests of a module that look at it from outside; its threads would hold up virtual time."""

from collections.abc import Iterator

import attrs
import pytest
from support.gateway import started_gateway
from support.recorder import Recorder, recorder
from support.stranger import Api
from support.twilio_stranger import SETTINGS, TOKEN, Stranger


@attrs.frozen
class Scenery:
    """A gateway, and what it asks of others."""

    stranger: Stranger
    far: Recorder
    """Its carrier, and the service of its language model."""


@pytest.fixture(scope="module")
def scenery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenery]:
    home = tmp_path_factory.mktemp("hardened") / "home"
    with recorder() as far:
        document = {
            **SETTINGS,
            "twilio": {**SETTINGS["twilio"], "apiBaseUrl": far.url},
            "responseModel": "openai/gpt-4o-mini",
            "models": {"providers": {"openai": {"apiKey": "a-key-0123456789", "baseUrl": f"{far.url}/v1"}}},
        }
        with started_gateway(home, document) as gateway:
            made = Stranger(Api(gateway))
            yield Scenery(made, far)
            made.hang_up()
    log = (home / "stderr.txt").read_text()
    assert "Traceback" not in log
    assert TOKEN not in log


@pytest.fixture
def stranger(scenery: Scenery) -> Stranger:
    return scenery.stranger


@pytest.fixture
def far(scenery: Scenery) -> Recorder:
    return scenery.far

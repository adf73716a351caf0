"""Every carrier's twin is set up in the same words, and what the settings say leads to it."""

import re

import pytest

from voice_contracts.settings import CARRIERS
from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.aliyun.as_dialled import CalleesAsDialled
from voice_contracts.twins.callee import Callee, HangUp, callee_of
from voice_contracts.twins.stage import Arrangement
from voice_contracts.twins.staged import STAGED, NoTwinError, stage_of
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.errors import VoiceError

OURS = "+15550000000"
ARRANGED = Arrangement(
    number=OURS, webhook_url="https://voice.example.com/voice/webhook", secret="s3cret-0123456789"
)


def test_every_carrier_but_the_built_in_one_has_a_stage() -> None:
    assert tuple(name for name in CARRIERS if name != "mock") == STAGED
    assert tuple(stage_of(name).facts.name for name in STAGED) == STAGED


def test_a_carrier_without_a_twin_is_named_and_so_are_the_others() -> None:
    with pytest.raises(NoTwinError, match=re.escape(f"mock has no twin; use one of {', '.join(STAGED)}")):
        stage_of("mock")


@pytest.mark.parametrize("carrier", STAGED)
def test_the_settings_of_a_stage_are_complete(carrier: str) -> None:
    of_carrier = stage_of(carrier).settings(ARRANGED, "http://127.0.0.1:4000")
    general = {"fromNumber": OURS, "publicUrl": ARRANGED.webhook_url}

    settings = read_settings({**general, **of_carrier}, {}).require()

    assert settings.provider == carrier
    assert "http://127.0.0.1:4000" in of_carrier[carrier].values()
    assert "http://127.0.0.1:4000" not in stage_of(carrier).settings(ARRANGED)[carrier].values()


@pytest.mark.parametrize("carrier", STAGED)
def test_the_secrets_of_a_stage_are_those_of_its_arrangement_and_not_shown(carrier: str) -> None:
    other = Arrangement(number=OURS, webhook_url=ARRANGED.webhook_url, secret="another-0123456789")
    settings = read_settings(stage_of(carrier).settings(ARRANGED), {}).settings

    assert stage_of(carrier).settings(ARRANGED) != stage_of(carrier).settings(other)
    assert ARRANGED.secret not in repr(ARRANGED)
    assert ARRANGED.secret not in repr(settings)


@pytest.mark.parametrize("carrier", STAGED)
async def test_people_call_in_where_the_carrier_takes_calls(carrier: str) -> None:
    stage = stage_of(carrier)

    async with stage.open(ARRANGED, Surroundings()) as twin:
        if stage.facts.takes_calls:
            name = twin.call_in("+15550005678", OURS, Callee())
            assert [leg.leg_id for leg in twin.ledger.legs_alive()] == [name]
        else:
            with pytest.raises(VoiceError, match="dialled instead"):
                twin.call_in("+15550005678", OURS, Callee())


def test_callees_are_found_by_the_number_that_is_dialled_in_china() -> None:
    busy, known = Callee((HangUp(),)), dict[str, Callee]()
    callees = CalleesAsDialled(known)
    known |= {"+8613900000000": busy, "+15550005678": busy, "+1666*": busy}

    found = [callee_of(number, callees) for number in ("13900000000", "15550005678", "16660000000", "1777")]

    assert found == [busy, busy, busy, Callee()]
    assert len(callees) == 3

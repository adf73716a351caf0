"""Whole calls whose dial was never answered to us: the leg is found at the carrier, and nobody is dialled twice."""

from typing import cast

import anyio
import attrs
import pytest
from support.carrier_rig import OpenRig
from support.carrier_world import THEIRS, Scene, carrier_world
from support.journey_checks import check_journey, said_by
from support.journey_choice import needs

from voice_contracts.twins.callee import Callee, HangUp, Say
from voice_contracts.twins.faults import ApiFault
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId
from voice_domain.ports.dial_finder import DialFinder, LostDial
from voice_domain.vocabulary import Speaker

pytestmark = [pytest.mark.anyio, needs("commands")]

QUESTION = "Is it open today?"
ASKS = Callee((Say(QUESTION), HangUp(7_000)))
SLOW = attrs.evolve(ASKS, answer_after_ms=20_000)
LOST = ApiFault(status=None, takes_effect=True, method="POST")


@pytest.mark.parametrize("callee", [ASKS, SLOW], ids=["answers meanwhile", "rings on"])
async def test_a_dial_whose_answer_is_lost_is_not_repeated_and_the_call_goes_on(
    open_rig: OpenRig, callee: Callee
) -> None:
    async with carrier_world(open_rig, Scene(callee=callee)) as world:
        world.rig.twin.faults.break_api(LOST)
        placed = await world.place()
        await world.over(placed.call_id)
        call = await check_journey(world, placed.call_id)
        legs = world.rig.twin.ledger.legs

    assert len(legs) == 1
    assert said_by(call, Speaker.COUNTERPART) == [QUESTION]


async def test_a_carrier_shows_which_leg_a_dial_made_and_no_other(open_rig: OpenRig) -> None:
    async with carrier_world(open_rig, Scene(callee=SLOW)) as world:
        placed = await world.place()
        await anyio.sleep(2)
        carrier, live = cast("DialFinder", world.container.carrier()), world.phone.live()[0]
        opened = placed.opened
        assert opened.caller is not None
        lost = LostDial(
            call_id=placed.call_id, caller=opened.caller, callee=PhoneNumber(THEIRS), at_ms=opened.at_ms
        )
        elsewhere = attrs.evolve(lost, call_id=CallId("another"), callee=PhoneNumber("+15550009999"))
        found = [await carrier.find_dial(each) for each in (lost, elsewhere)]
        await world.phone.end(placed.call_id)
        await world.over(placed.call_id)
        after = await carrier.find_dial(lost)

    assert found == [(live.carrier_call_id,), ()]
    assert after == ()

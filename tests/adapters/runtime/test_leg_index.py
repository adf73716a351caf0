"""The names that live calls have at the carrier lead to them, for as long as they have them."""

import attrs
import pytest
from support.telephone import World, call_to, over

from voice_adapters.runtime.leg_index import LegIndex
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import LineAnswered, LineEnded
from voice_domain.vocabulary import EndReason

pytestmark = pytest.mark.anyio


async def test_a_call_is_found_by_the_name_that_the_carrier_has_for_it_now() -> None:
    new = CarrierCallId("its new name")
    async with World().running() as world:
        other = await world.calls.open(call_to("+15550000009"))
        call = await world.calls.open(call_to())
        first = str(call.carrier_call_id)
        named_first = world.calls.find(first)
        await world.calls.submit(call.call_id, LineAnswered(world.now_ms(), "a", carrier_call_id=new))
        named_later = (world.calls.find(first), world.calls.find(new))
        await world.calls.submit(call.call_id, LineEnded(world.now_ms(), EndReason.BUSY))
        await over(world, call.call_id)
        left = world.calls.find(new)
        still = world.calls.find(str(other.carrier_call_id))

    assert named_first is not None
    assert named_first.call_id == call.call_id
    assert named_later[0] is None
    assert named_later[1] is not None
    assert named_later[1].call_id == call.call_id
    assert left is None
    assert still is not None
    assert still.call_id == other.call_id
    assert len(world.services.legs) == 0


async def test_a_name_that_another_call_has_taken_over_stays_with_that_call() -> None:
    index, begun = LegIndex(), call_to().call
    leg = CarrierCallId("leg")
    one = attrs.evolve(begun, carrier_call_id=leg)
    other = attrs.evolve(
        begun, opened=attrs.evolve(begun.opened, call_id=CallId("other")), carrier_call_id=leg
    )
    index.note(one)
    index.note(other)

    index.forget(one.call_id)

    assert index.find(leg) == other.call_id
    assert len(index) == 1

"""The cost cap: as many dials an hour as the settings say, no more and no fewer."""

import anyio
import pytest
from support.telephone import US, World, over

from voice_adapters.clock import RandomIdentities
from voice_adapters.stores.memory import MemoryStore
from voice_domain.call import Call
from voice_domain.dial_policy import DialPolicy
from voice_domain.dial_verdict import HourlyCapReachedError
from voice_domain.errors import VoiceError
from voice_domain.inputs import HangUpRequested
from voice_domain.ports.carrier import CarrierError
from voice_domain.ports.switchboard import LimitReachedError
from voice_domain.terms import CallTerms
from voice_domain.use_cases.place_call import OutboundRules, PlaceCall

pytestmark = pytest.mark.anyio

CALLEE = "+12025550123"


def place_of(world: World, *, cap: int) -> PlaceCall:
    assert isinstance(world.store, MemoryStore)
    return PlaceCall(
        rules=OutboundRules(own_number=US, policy=DialPolicy(max_calls_per_hour=cap), terms=CallTerms()),
        switchboard=world.calls,
        history=world.store,
        carrier=world.line,
        clock=world.services.clock,
        identities=RandomIdentities(),
    )


async def outcomes(place: PlaceCall, count: int) -> list[object]:
    results: list[object] = []

    async def one() -> None:
        try:
            results.append(await place(to=CALLEE, message="Hello."))
        except VoiceError as error:
            results.append(error)

    async with anyio.create_task_group() as tasks:
        for _ in range(count):
            tasks.start_soon(one)
            await anyio.sleep(0.1)
    return results


async def test_dials_under_way_are_counted_once() -> None:
    async with World(limit=20).running() as world:
        world.line.dial_seconds = 5
        results = await outcomes(place_of(world, cap=10), 15)

    assert sum(isinstance(result, Call) for result in results) == 10
    assert sum(isinstance(result, HourlyCapReachedError) for result in results) == 5


async def test_calls_of_the_process_before_count_and_those_of_an_hour_ago_do_not() -> None:
    store = MemoryStore()
    async with World(store=store, limit=20).running() as world:
        await outcomes(place_of(world, cap=10), 4)
    await anyio.sleep(1_800)
    async with World(store=store, limit=20).running() as world:
        place = place_of(world, cap=10)
        first = await outcomes(place, 10)
        for call in world.calls.live():
            await world.calls.submit(call.call_id, HangUpRequested())
            await over(world, call.call_id)
        await anyio.sleep(1_800)
        second = await outcomes(place, 10)
        for call in world.calls.live():
            await world.calls.submit(call.call_id, HangUpRequested())
            await over(world, call.call_id)
        await anyio.sleep(1_800)
        third = await outcomes(place, 10)

    assert [sum(isinstance(result, Call) for result in results) for results in (first, second, third)] == [
        6,
        4,
        6,
    ]


async def test_what_was_not_dialled_does_not_count_and_what_the_carrier_refused_does() -> None:
    async with World(limit=1).running() as world:
        place = place_of(world, cap=3)
        world.line.refuse_dial = True
        refused = await outcomes(place, 1)
        world.line.refuse_dial = False
        placed = await outcomes(place, 5)
        plan = await place.plan(to=CALLEE)

    assert isinstance(refused[0], CarrierError)
    assert [type(result) for result in placed] == [Call, *[LimitReachedError] * 4]
    assert plan.allowed

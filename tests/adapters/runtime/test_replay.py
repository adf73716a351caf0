"""Stored calls, decided again."""

import anyio
import attrs
import pytest
from support.telephone import World, answered, call_to, over

from voice_domain.call import Call
from voice_domain.effects import AskResponder, HangUp
from voice_domain.evolve import fold
from voice_domain.inputs import DigitsRequested, HangUpRequested, WordsHeard
from voice_domain.ports.event_store import Ruling
from voice_domain.use_cases.replay_call import Replay, ReplayCall, replay

pytestmark = pytest.mark.anyio


async def _lived(world: World) -> Call:
    call = await world.calls.open(call_to())
    await answered(world, call)
    await anyio.sleep(5)
    await world.calls.submit(call.call_id, WordsHeard(world.now_ms(), "Who is it?", event_id="w1"))
    await anyio.sleep(5)
    await world.calls.submit(call.call_id, HangUpRequested())
    return await over(world, call.call_id)


async def _replayed(world: World, call: Call, *changes: tuple[type, dict[str, object]]) -> Replay:
    events = await world.store.load(call.call_id)
    rulings = [_changed(each, changes) for each in await world.store.rulings(call.call_id)]
    return replay(events, rulings)


def _changed(ruling: Ruling, changes: tuple[tuple[type, dict[str, object]], ...]) -> Ruling:
    for kind, values in changes:
        if isinstance(ruling.given, kind):
            return attrs.evolve(ruling, **values)
    return ruling


async def test_the_decisions_of_a_call_come_out_as_they_did() -> None:
    async with World().running() as world:
        call = await _lived(world)
        again = await ReplayCall(history=world.store)(call.call_id)

    assert again.same
    assert again.call == call
    assert again.undecided == 0
    assert again.decisions > 8
    assert again.effects > again.decisions


async def test_an_effect_that_is_ordered_no_more_is_a_difference() -> None:
    async with World().running() as world:
        call = await _lived(world)
        again = await _replayed(world, call, (WordsHeard, {"effects": (AskResponder(7),)}))

    assert again.difference is not None
    assert isinstance(again.difference.given, WordsHeard)
    assert AskResponder(7) in again.difference.kept
    assert AskResponder(7) not in again.difference.now


async def test_an_event_that_follows_no_more_is_a_difference() -> None:
    async with World().running() as world:
        call = await _lived(world)
        other = WordsHeard(world.now_ms(), "Something else.", event_id="w1")
        again = await _replayed(world, call, (WordsHeard, {"given": other}))

    assert again.difference is not None
    assert again.difference.kept[0] != again.difference.now[0]


async def test_what_is_refused_today_is_a_difference_that_says_why() -> None:
    async with World().running() as world:
        call = await _lived(world)
        events = await world.store.load(call.call_id)
        rulings = await world.store.rulings(call.call_id)
    hang_up = next(each for each in rulings if isinstance(each.given, HangUpRequested))
    late = attrs.evolve(hang_up, version=len(events), events=0, given=DigitsRequested("1"))
    again = replay(events, [*rulings, late])

    assert again.difference is not None
    assert call.call_id in again.difference.refusal
    assert any(isinstance(effect, HangUp) for effect in again.difference.kept)


async def test_events_that_nobody_decided_are_counted_and_no_difference() -> None:
    async with World().running() as world:
        call = await _lived(world)
        events = await world.store.load(call.call_id)
    again = replay(events, [])

    assert again.same
    assert again.undecided == len(events)
    assert again.call == fold(events)

"""Calls whose end nobody tells: the carrier is asked, and its word is taken."""

import anyio
import pytest
from support.telephone import Line, World, answered, call_to, over

from voice_domain.events import Ended
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import LineStatus
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import EndReason

pytestmark = pytest.mark.anyio

LONG = CallTerms(max_ms=600_000)


class Knowing(Line):
    """A carrier that can be asked."""

    def __init__(self) -> None:
        super().__init__()
        self.status = LineStatus(alive=True)

    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        self.asked.append(("look up", carrier_call_id))
        return self.status


async def test_a_call_that_ended_without_news_is_over_within_a_minute() -> None:
    line = Knowing()
    async with World(line=line).running() as world:
        call = await world.calls.open(call_to(terms=LONG))
        await answered(world, call)
        line.status = LineStatus(alive=False, reason=EndReason.HANGUP_USER, cause="gone")
        with anyio.fail_after(61):
            ended = await over(world, call.call_id)

    assert (ended.end_reason, ended.cause) == (EndReason.HANGUP_USER, "gone")
    assert world.asked("hang up") == 0


@pytest.mark.parametrize("alive", [True, None])
async def test_a_call_that_lives_or_of_which_nothing_is_known_goes_on(alive: bool | None) -> None:  # noqa: FBT001 - a parameter of the test
    line = Knowing()
    line.status = LineStatus(alive=alive)
    async with World(line=line).running() as world:
        call = await world.calls.open(call_to(terms=LONG))
        await answered(world, call)
        await anyio.sleep(200)
        events = await world.store.load(call.call_id)
        lives = world.calls.find(call.call_id) is not None

    assert lives
    assert not any(isinstance(event, Ended) for event in events)
    assert 4 <= world.asked("look up") <= 7


async def test_a_call_that_rings_is_not_asked_about() -> None:
    line = Knowing()
    async with World(line=line).running() as world:
        call = await world.calls.open(call_to(terms=CallTerms(ring_ms=100_000, stale_ms=0)))
        await anyio.sleep(95)
        assert world.asked("look up") == 0
        await over(world, call.call_id)

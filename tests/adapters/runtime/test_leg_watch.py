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


RINGS_LONG = CallTerms(ring_ms=100_000, stale_ms=0)


async def test_a_call_whose_answer_nobody_told_is_spoken_in_within_a_minute() -> None:
    line = Knowing()
    async with World(line=line).running() as world:
        call = await world.calls.open(call_to(terms=RINGS_LONG))
        answered_at_ms = world.now_ms() + 4_000
        line.status = LineStatus(alive=True, answered=True, answered_at_ms=answered_at_ms)
        await anyio.sleep(61)
        live = world.calls.find(call.call_id)

    assert live is not None
    assert live.answered_at_ms == answered_at_ms
    assert [entry.text for entry in live.transcript] == ["Hello."]


async def test_a_call_that_rings_goes_on_ringing_until_its_time_is_over() -> None:
    line = Knowing()
    line.status = LineStatus(alive=True, answered=False)
    async with World(line=line).running() as world:
        call = await world.calls.open(call_to(terms=RINGS_LONG))
        await anyio.sleep(99)
        assert world.calls.find(call.call_id) is not None
        record = await over(world, call.call_id)

    assert (record.end_reason, record.answered_at_ms) == (EndReason.NO_ANSWER, None)
    assert world.asked("hang up") == 1


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (LineStatus(alive=False), EndReason.NO_ANSWER),
        (LineStatus(alive=False, answered=True, answered_at_ms=1), EndReason.COMPLETED),
    ],
    ids=["it rang", "it was answered"],
)
async def test_a_call_that_rang_and_is_gone_without_a_reason_ends_as_far_as_it_came(
    status: LineStatus, reason: EndReason
) -> None:
    line = Knowing()
    line.status = status
    async with World(line=line).running() as world:
        call = await world.calls.open(call_to(terms=RINGS_LONG))
        with anyio.fail_after(61):
            record = await over(world, call.call_id)

    assert record.end_reason is reason
    assert (record.answered_at_ms is not None) == bool(status.answered)

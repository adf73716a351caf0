"""A new process looks at the carrier for the legs of dials that the old one had no answer to."""

import pytest
from support.telephone import Line, World, answered, call_to, over

from voice_adapters.runtime.outbox import outbox_of
from voice_adapters.runtime.recovery import Recovery
from voice_adapters.stores.memory import MemoryStore
from voice_domain.call import Call
from voice_domain.decide import Decision, decide
from voice_domain.events import Dialled
from voice_domain.evolve import fold
from voice_domain.identity import CarrierCallId
from voice_domain.inputs import HangUpRequested
from voice_domain.ports.carrier import CarrierError, LineStatus
from voice_domain.ports.dial_finder import DialFinder, LostDial
from voice_domain.vocabulary import EndReason

pytestmark = pytest.mark.anyio


class Register(Line, DialFinder):
    """A carrier that can be asked what lives."""

    def __init__(self, *found: str) -> None:
        super().__init__()
        self.legs = set(found)
        self.found = tuple(CarrierCallId(leg) for leg in found)
        self.looked_for: list[LostDial] = []
        self.broken = False

    async def find_dial(self, lost: LostDial) -> tuple[CarrierCallId, ...]:
        self.looked_for.append(lost)
        if self.broken:
            raise CarrierError("line", "cannot be reached", retryable=True)
        return self.found


class Requests(Register):
    """A carrier that answers a dial with the name of the request, and knows no call by it."""

    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        return LineStatus(alive=True if carrier_call_id in self.legs else None)


async def dialling(store: MemoryStore) -> Decision:
    """Leave behind a call whose dial was not answered when the process was killed."""
    decision = call_to()
    await store.append(decision.call.call_id, decision.events, expected_version=0, outbox=outbox_of(decision))
    return decision


async def recovered(world: World) -> None:
    await Recovery(store=world.store, calls=world.calls, carrier=world.line, clock=world.services.clock)()


async def closed(store: MemoryStore, decision: Decision) -> Call:
    call = fold(await store.load(decision.call.call_id))
    assert (call.end_reason, call.error) == (EndReason.ERROR, "the gateway stopped during this call")
    return call


async def test_a_leg_that_is_found_is_the_calls_own_and_the_call_goes_on() -> None:
    line, store = Register("leg-1"), MemoryStore()
    decision = await dialling(store)
    async with World(store=store, line=line).running() as world:
        await recovered(world)
        (live,) = world.calls.live()
        await answered(world, live)
        line.legs.clear()
        kept = await store.load(live.call_id)

    opened = decision.call.opened
    assert live.carrier_call_id == "leg-1"
    assert [event.carrier_call_id for event in kept if isinstance(event, Dialled)] == ["leg-1"]
    assert [(lost.call_id, lost.callee, lost.at_ms) for lost in line.looked_for] == [
        (opened.call_id, opened.callee, opened.at_ms)
    ]
    assert "dial" not in [asked for asked, _ in line.asked]
    assert await store.outstanding() == ()


@pytest.mark.parametrize("found", [(), ("leg-1",)])
async def test_a_leg_is_found_that_has_another_name_than_its_dial_was_answered_with(
    found: tuple[str, ...],
) -> None:
    line, store = Requests(*found), MemoryStore()
    decision = await dialling(store)
    opened = decision.call.opened
    dialled = Dialled(opened.at_ms, CarrierCallId("request-1"))
    await store.append(opened.call_id, (dialled,), expected_version=len(decision.events))
    async with World(store=store, line=line).running() as world:
        await recovered(world)
        names = [call.carrier_call_id for call in world.calls.live() if call.closing_reason is None]
        line.legs.clear()

    assert names == list(found)
    assert len(line.looked_for) == 1


async def test_a_dial_that_made_no_leg_is_closed() -> None:
    line, store = Register(), MemoryStore()
    decision = await dialling(store)
    async with World(store=store, line=line).running() as world:
        await recovered(world)

    await closed(store, decision)
    assert line.asked == []


async def test_of_several_legs_none_is_taken_by_chance() -> None:
    line, store = Register("leg-1", "leg-2"), MemoryStore()
    decision = await dialling(store)
    async with World(store=store, line=line).running() as world:
        await recovered(world)

    await closed(store, decision)
    assert line.asked == []
    assert line.legs == {"leg-1", "leg-2"}


async def test_a_leg_of_another_call_is_not_taken() -> None:
    line, store = Register(), MemoryStore()
    async with World(store=store, line=line).running() as world:
        other = await world.calls.open(call_to())
        assert other.carrier_call_id is not None
        line.found = (other.carrier_call_id,)
        decision = await dialling(store)
        await recovered(world)

    await closed(store, decision)


async def test_a_carrier_that_cannot_be_asked_leaves_a_call_that_is_closed() -> None:
    line, store = Register("leg-1"), MemoryStore()
    line.broken = True
    decision = await dialling(store)
    async with World(store=store, line=line).running() as world:
        await recovered(world)

    await closed(store, decision)


async def test_a_leg_that_is_found_for_a_call_that_was_to_end_is_hung_up() -> None:
    line, store = Register("leg-1"), MemoryStore()
    decision = await dialling(store)
    before = decision.call
    ending = decide(before, HangUpRequested(EndReason.HANGUP_BOT), before.last_at_ms)
    await store.append(before.call_id, ending.events, expected_version=before.version)
    async with World(store=store, line=line).running() as world:
        await recovered(world)
        record = await over(world, before.call_id)

    assert record.end_reason is EndReason.HANGUP_BOT
    assert line.asked == [("hang up", "leg-1")]
    assert line.legs == set()

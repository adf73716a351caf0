"""A carrier's news: to their call, to nobody, or to a leg that nobody owns any more."""

from pathlib import Path

import anyio
import pytest
from support.telephone import US, Line, World, call_to, over

from voice_adapters.clock import RandomIdentities
from voice_adapters.runtime.exchange import CallExchange
from voice_adapters.stores.memory import MemoryStore
from voice_adapters.stores.pairing_file import PairingFile, PairingMemory
from voice_domain.call import Call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import CallEvent
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inbound_policy import InboundPolicy
from voice_domain.inputs import LineEnded, LineRang
from voice_domain.ports.carrier import CarrierError, CarrierSignal, UnsupportedError
from voice_domain.ports.event_store import OutboxItem, Ruling, StoreError
from voice_domain.ports.pairing_store import PairingStore
from voice_domain.terms import CallTerms
from voice_domain.use_cases.admit_call import AdmitCall, InboundRules
from voice_domain.vocabulary import Direction, EndReason

pytestmark = pytest.mark.anyio

CALLER = PhoneNumber("+15550001234")


def exchange_of(
    world: World, policy: InboundPolicy = InboundPolicy.OPEN, pairing: PairingStore | None = None
) -> CallExchange:
    assert isinstance(world.store, MemoryStore)
    admit = AdmitCall(
        rules=InboundRules(own_number=US, policy=policy, terms=CallTerms()),
        switchboard=world.calls,
        pairing=pairing or PairingMemory(),
        carrier=world.line,
        clock=world.services.clock,
        identities=RandomIdentities(),
    )
    return CallExchange(world.calls, world.store, admit)


def rang(world: World, leg: str, caller: PhoneNumber = CALLER) -> CarrierSignal:
    return CarrierSignal(
        news=LineRang(world.now_ms(), f"ring of {leg}"),
        carrier_call_id=CarrierCallId(leg),
        direction=Direction.INBOUND,
        caller=caller,
        callee=US,
    )


class Unlucky(MemoryStore):
    """A store that takes a second for everything, and fails at the first append."""

    failures = 1

    async def append(
        self,
        call_id: CallId,
        events: tuple[CallEvent, ...],
        *,
        expected_version: int,
        outbox: tuple[OutboxItem, ...] = (),
        rulings: tuple[Ruling, ...] = (),
    ) -> int:
        await anyio.sleep(1)
        if self.failures:
            self.failures -= 1
            raise StoreError("disk full")
        return await super().append(
            call_id, events, expected_version=expected_version, outbox=outbox, rulings=rulings
        )


@pytest.mark.parametrize("failures", [0, 1])
async def test_an_inbound_call_that_is_announced_again_and_again_is_one_call(failures: int) -> None:
    store = Unlucky()
    store.failures = failures
    results: list[object] = []
    async with World(store=store).running() as world:
        exchange = exchange_of(world)

        async def announce() -> None:
            try:
                results.append(await exchange.receive(rang(world, "theirs")))
            except StoreError as error:
                results.append(error)

        async with anyio.create_task_group() as tasks:
            for _ in range(2):
                tasks.start_soon(announce)
            await anyio.sleep(1.5)  # the first has failed, the second is being admitted
            for _ in range(8):
                tasks.start_soon(announce)
        calls = await store.page(limit=100)

    assert len(calls) == 1
    assert world.asked("answer") == 1
    assert sum(isinstance(result, StoreError) for result in results) == failures


async def test_an_inbound_call_while_we_drain_hears_that_we_are_busy() -> None:
    async with World().running() as world:
        exchange = exchange_of(world)
        await world.calls.open(call_to())
        async with anyio.create_task_group() as tasks:

            async def drain() -> None:
                await world.calls.drain(seconds=60)

            tasks.start_soon(drain)
            await anyio.sleep(1)
            refused = await exchange.receive(rang(world, "theirs"))

    assert refused is not None
    assert ("busy", "theirs") in world.line.asked
    assert world.asked("answer") == 0


async def test_a_leg_that_turns_up_after_its_call_was_given_up_is_hung_up() -> None:
    async with World().running() as world:
        exchange = exchange_of(world)
        world.line.dial_seconds = 100
        decision = call_to(terms=CallTerms(ring_ms=60_000))
        with pytest.raises(CarrierError, match="did not answer within 30 s"):
            await world.calls.open(decision)
        record = await over(world, decision.call.call_id)
        leg = CarrierCallId("late leg")
        world.line.legs.add(leg)
        world.line.refusals_of_hang_up = 2
        for number in range(3):
            await exchange.receive(
                CarrierSignal(
                    news=LineRang(world.now_ms(), f"late {number}"),
                    carrier_call_id=leg,
                    call_id=decision.call.call_id,
                    direction=Direction.OUTBOUND,
                )
            )
        await anyio.sleep(10)

    assert record.end_reason is EndReason.FAILED
    assert world.line.legs == set()
    assert world.asked("hang up") == 3
    assert len(await world.store.load(decision.call.call_id)) == record.version


async def test_late_news_of_the_leg_that_was_ours_hang_nothing_up() -> None:
    async with World().running() as world:
        exchange = exchange_of(world)
        call = await world.calls.open(call_to())
        await world.calls.submit(call.call_id, LineEnded(world.now_ms(), EndReason.BUSY))
        await over(world, call.call_id)
        late = await exchange.receive(
            CarrierSignal(news=LineRang(world.now_ms(), "late"), carrier_call_id=call.carrier_call_id)
        )

    assert late is not None
    assert late.is_over
    assert world.asked("hang up") == 0


async def test_news_of_a_call_that_nobody_knows_change_nothing() -> None:
    async with World().running() as world:
        exchange = exchange_of(world)
        strange = CarrierSignal(
            news=LineRang(world.now_ms(), "x"),
            carrier_call_id=CarrierCallId("strange"),
            call_id=CallId("unheard of"),
            direction=Direction.OUTBOUND,
        )

        assert await exchange.receive(strange) is None
    assert world.line.asked == []


class Plain(Line):
    """A carrier that rejects nothing, and takes no calls."""

    async def reject(self, carrier_call_id: CarrierCallId, *, busy: bool) -> None:
        raise UnsupportedError("line", "rejecting calls")

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        raise UnsupportedError("line", "answering calls")


async def test_a_call_that_the_carrier_cannot_reject_is_hung_up() -> None:
    async with World(line=Plain()).running() as world:
        world.line.legs.add("theirs")
        refused = await exchange_of(world, InboundPolicy.DISABLED).receive(rang(world, "theirs"))
        assert refused is not None
        with anyio.fail_after(5):
            record = await over(world, refused.call_id)

    assert record.end_reason is EndReason.HANGUP_BOT
    assert world.line.legs == set()


async def test_a_call_that_the_carrier_cannot_answer_fails() -> None:
    async with World(line=Plain(), limit=1).running() as world:
        call = await exchange_of(world).receive(rang(world, "theirs"))
        assert call is not None
        with anyio.fail_after(5):
            record = await over(world, call.call_id)

    assert record.end_reason is EndReason.FAILED


async def test_callers_who_need_pairing_at_the_same_moment_each_get_a_code_that_counts(
    tmp_path: Path,
) -> None:
    pairing = PairingFile(tmp_path / "pairing.json")
    async with World().running() as world:
        exchange = exchange_of(world, InboundPolicy.PAIRING, pairing)
        told: list[Call | None] = []

        async def ring(number: int) -> None:
            caller = PhoneNumber(f"+1555000111{number}")
            told.append(await exchange.receive(rang(world, f"leg {number}", caller)))

        async with anyio.create_task_group() as tasks:
            for number in range(5):
                tasks.start_soon(ring, number)
        codes = {request.code for request in (await pairing.load()).pending}

    assert len(codes) == 5
    assert all(
        call is not None and any(" ".join(code) in call.opened.opening for code in codes) for call in told
    )

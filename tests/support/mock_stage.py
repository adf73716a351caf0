"""The mock carrier on the stage of the conformance suites, whole or with a fault built in."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import attrs
from support.mock_network import SpellingSynthesizer

from voice_adapters.carriers.mock import MockCarrier, MockOutcome, MockScript
from voice_adapters.carriers.mock.webhooks import signals_of
from voice_adapters.clock import EventLoopClock
from voice_adapters.speech.scripted import ScriptedTranscriber
from voice_contracts.conformance.carrier_stage import CarrierStage
from voice_domain.call import Call
from voice_domain.decide import open_call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import Opened
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import Exchange
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction

__all__ = ("MockStage", "mock_stage", "offered_call")


def offered_call(carrier_call_id: str, call_id: str = "ours") -> Call:
    """Return an inbound call as the application has it once it was admitted."""
    return open_call(
        Opened(
            at_ms=0,
            call_id=CallId(call_id),
            carrier="mock",
            direction=Direction.INBOUND,
            caller=None,
            callee=PhoneNumber("+15550000000"),
            mode=Mode.CONVERSATION,
            locale="zh-CN",
            terms=CallTerms(),
            carrier_call_id=CarrierCallId(carrier_call_id),
        )
    ).call


@attrs.frozen
class MockStage(CarrierStage):
    """People who do what they are told, by events from outside, as a host's tests would."""

    carrier: MockCarrier
    exchange: Exchange
    _numbers: "itertools.count[int]" = attrs.field(factory=itertools.count)

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        await self._happens(carrier_call_id, type="call.answered")

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        await self._happens(carrier_call_id, type="call.ended", reason="hangup-user")

    async def ring_in(self) -> CarrierCallId:
        name = CarrierCallId("mock-caller")
        await self._happens(name, type="call.initiated", direction="inbound")
        return name

    async def _happens(self, carrier_call_id: CarrierCallId, **event: str) -> None:
        entry = {"callId": carrier_call_id.removeprefix("mock-"), **event}
        source = f"outside-{next(self._numbers)}"
        now_ms = EventLoopClock().now_ms()
        for signal in signals_of({"event": entry}, now_ms=now_ms, source=source):
            await self.exchange.tell(signal)
            self.carrier.follow(signal, offered_call(carrier_call_id))


@asynccontextmanager
async def mock_stage(
    exchange: Exchange,
    make: type[MockCarrier] = MockCarrier,
    spoil: Callable[[Exchange], Exchange] = lambda exchange: exchange,
) -> AsyncIterator[CarrierStage]:
    """Run a mock carrier of a class; whatever it tells goes through *spoil*."""
    carrier = make(
        MockScript(outcome=MockOutcome.NO_ANSWER),
        synthesizer=SpellingSynthesizer(),
        transcriber=ScriptedTranscriber(),
        clock=EventLoopClock(),
    )
    spoiled = spoil(exchange)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(carrier.run, spoiled)
        yield MockStage(carrier, spoiled)
        tasks.cancel_scope.cancel()

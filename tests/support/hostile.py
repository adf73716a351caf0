"""A store and a carrier that fail as those in the world do: at times, in bursts, and after having done the work."""

import random

import anyio

from voice_adapters.carriers.mock import MockCarrier
from voice_adapters.stores.memory import MemoryStore
from voice_domain.events import CallEvent
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.carrier import CarrierError, DialRequest, Exchange
from voice_domain.ports.event_store import OutboxItem, Ruling, StoreError

__all__ = ("HostileCarrier", "HostileStore")


class HostileStore(MemoryStore):
    """Slow by chance, failing by chance, and out of order for whole spans of time."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance
        self.peaceful = False
        self.severity = 1.0
        """1 for failures all the time, less for fewer."""
        self._broken_until = 0.0

    async def _suffer(self) -> None:
        if self.peaceful:
            return
        await anyio.sleep(self.chance.choice((0.0, 0.0, 0.001, 0.01, 0.3)))
        now = anyio.current_time()
        if self.chance.random() < 0.02 * self.severity:
            self._broken_until = now + self.chance.choice((0.2, 2.0, 6.0))
        if now < self._broken_until or self.chance.random() < 0.05 * self.severity:
            raise StoreError("disk full")

    async def append(
        self,
        call_id: CallId,
        events: tuple[CallEvent, ...],
        *,
        expected_version: int,
        outbox: tuple[OutboxItem, ...] = (),
        rulings: tuple[Ruling, ...] = (),
    ) -> int:
        await self._suffer()
        return await super().append(
            call_id, events, expected_version=expected_version, outbox=outbox, rulings=rulings
        )

    async def settle(self, effect_id: str) -> None:
        await self._suffer()
        await super().settle(effect_id)


class HostileCarrier(MockCarrier):
    """Refuses, hangs, breaks, and says no after having done it."""

    chance = random.Random(0)
    peaceful = False
    severity = 1.0
    left: tuple[str, ...] = ()
    """The legs that lived when the network was let go."""

    async def run(self, exchange: Exchange) -> None:
        async def watched() -> None:
            try:
                await anyio.sleep_forever()
            finally:
                self.left = self.living  # before the network forgets them

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watched)
            await super().run(exchange)

    @property
    def living(self) -> tuple[str, ...]:
        """The legs that cost money now."""
        return tuple(name for name, leg in self._legs.items() if leg.ending is None)

    async def _suffer(self) -> None:
        if self.peaceful:
            return
        await anyio.sleep(self.chance.choice((0.0, 0.0, 0.05, 0.4)))
        fate = self.chance.random() / self.severity
        if fate < 0.1:
            raise CarrierError("mock", "busy now", status=503, retryable=True)
        if fate < 0.13:
            raise KeyError("sid")
        if fate < 0.15:
            await anyio.sleep(1_000)

    async def dial(self, request: DialRequest) -> CarrierCallId:
        await self._suffer()
        name = await super().dial(request)
        await self._suffer()
        return name

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        await self._suffer()
        await super().answer(carrier_call_id)
        await self._suffer()

    async def reject(self, carrier_call_id: CarrierCallId, *, busy: bool) -> None:
        await self._suffer()
        await super().reject(carrier_call_id, busy=busy)
        await self._suffer()

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        await self._suffer()
        await super().hang_up(carrier_call_id)
        await self._suffer()

    async def send_digits(self, carrier_call_id: CarrierCallId, digits: str) -> None:
        await self._suffer()
        await super().send_digits(carrier_call_id, digits)

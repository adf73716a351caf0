"""What the suites for carriers share: how the carrier under test is opened, and what the checks do with it."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import anyio

from voice_contracts.conformance.carrier_stage import CarrierStage, NotingExchange
from voice_contracts.conformance.promise import BrokenPromiseError, promise, promise_in_time
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import LineAnswered, LineEnded
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import DialRequest, Exchange, LineStatus

__all__ = ("CarrierSuite",)

_POLL_SECONDS = 0.5


class CarrierSuite(ABC):
    """Gives the checks a stage. A subclass says how to open it."""

    deadline_seconds: float = 30.0
    """How long the carrier may take to tell what happened, or to return."""
    callee: PhoneNumber = PhoneNumber("+15550005678")
    caller: PhoneNumber = PhoneNumber("+15550000000")

    @abstractmethod
    def open_stage(self, exchange: Exchange) -> AbstractAsyncContextManager[CarrierStage]:
        """Return the context in which a fresh carrier works, telling *exchange* everything."""

    async def dial(
        self, stage: CarrierStage, call_id: str = "call-1", *, ring_ms: int = 60_000, cap_ms: int = 600_000
    ) -> CarrierCallId:
        """Dial; the name that the carrier gives is checked."""
        request = DialRequest(
            call_id=CallId(call_id),
            caller=self.caller,
            callee=self.callee,
            ring_ms=ring_ms,
            cap_ms=cap_ms,
            mode=Mode.CONVERSATION,
            opening="Hello.",
            locale="en-US",
        )
        with promise_in_time("`dial` returns in time.", deadline_seconds=self.deadline_seconds):
            name: object = await stage.carrier.dial(request)
        sentence = "`dial` returns the carrier's name for the call, a text that is not empty."
        promise(sentence, kept=isinstance(name, str) and name != "", seen=name)
        return CarrierCallId(str(name))

    async def answered(
        self, stage: CarrierStage, exchange: NotingExchange, *, cap_ms: int = 600_000
    ) -> CarrierCallId:
        """Dial, and have the callee answer."""
        leg = await self.dial(stage, cap_ms=cap_ms)
        await stage.answer(leg)
        await self.told_answer(exchange, leg)
        return leg

    async def told_answer(self, exchange: NotingExchange, leg: CarrierCallId) -> LineAnswered:
        """Wait until the carrier tells that a leg was answered."""
        await exchange.until(
            "An answer is told as LineAnswered, with the name that the carrier gave the call.",
            lambda: bool(exchange.news(LineAnswered, leg)),
            deadline_seconds=self.deadline_seconds,
        )
        return exchange.news(LineAnswered, leg)[0]

    async def told_end(
        self,
        exchange: NotingExchange,
        leg: CarrierCallId,
        sentence: str = "The end of a call is told as LineEnded.",
        *,
        after_seconds: float = 0,
    ) -> LineEnded:
        """Wait until the carrier tells that a leg is over, which is due *after_seconds*."""
        await exchange.until(
            sentence,
            lambda: bool(exchange.news(LineEnded, leg)),
            deadline_seconds=after_seconds + self.deadline_seconds,
        )
        return exchange.news(LineEnded, leg)[0]

    async def look_up(self, stage: CarrierStage, leg: CarrierCallId) -> LineStatus:
        """Ask the carrier about a leg."""
        with promise_in_time("`look_up` returns in time.", deadline_seconds=self.deadline_seconds):
            return await stage.carrier.look_up(leg)

    async def status_once_over(self, stage: CarrierStage, leg: CarrierCallId) -> LineStatus:
        """Ask until the carrier does not say any more that a leg is alive, at most until the deadline."""
        status = await self.look_up(stage, leg)
        for _ in range(round(self.deadline_seconds / _POLL_SECONDS)):
            if not status.alive:
                break
            await anyio.sleep(_POLL_SECONDS)
            status = await self.look_up(stage, leg)
        return status

    async def does(self, sentence: str, action: Callable[[], Awaitable[object]]) -> None:
        """Do something that must neither fail nor take for ever."""
        try:
            with promise_in_time(sentence, deadline_seconds=self.deadline_seconds):
                await action()
        except BrokenPromiseError:
            raise
        # Whatever the carrier raises here, the promise was that it does not.
        except Exception as error:
            raise BrokenPromiseError(sentence, error) from error

"""The promises about failures of a carrier, as checks; used like those of the carrier."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import cast

from voice_contracts.conformance.about import Area, about
from voice_contracts.conformance.carrier_stage import FailingStage, NotingExchange
from voice_contracts.conformance.carrier_suite import CarrierSuite
from voice_contracts.conformance.promise import BrokenPromiseError, promise, promise_in_time
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError

__all__ = ("CarrierErrorsConformance",)


class CarrierErrorsConformance(CarrierSuite):
    """Everything that the core relies on when the carrier's network is out of order. The stage has `fail`."""

    @about(Area.ERRORS, shows="fail")
    async def test_a_dial_that_fails_is_a_carrier_error(self) -> None:
        """The call is recorded as failed, with a sentence."""
        async with self.open_stage(NotingExchange()) as stage:
            await cast("FailingStage", stage).fail()
            error = await self._failure(lambda: self.dial(stage))
            name = stage.carrier.name

        self._check(error, name, "`dial` raises CarrierError when the network refuses.")

    @about(Area.ERRORS, shows="fail")
    async def test_a_status_that_cannot_be_had_is_a_carrier_error(self) -> None:
        """Recovery must know whether a call is over, or nobody could say."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            leg = await self.answered(stage, exchange)
            await cast("FailingStage", stage).fail()
            error = await self._failure(partial(stage.carrier.look_up, leg))
            name = stage.carrier.name

        self._check(error, name, "`look_up` raises CarrierError when the network refuses.")

    @about(Area.ERRORS, shows="fail")
    async def test_a_hang_up_that_fails_is_a_carrier_error_too(self) -> None:
        """It is asked for again then; any other error would leave a leg behind."""
        exchange = NotingExchange()
        async with self.open_stage(exchange) as stage:
            leg = await self.answered(stage, exchange)
            await cast("FailingStage", stage).fail()
            error = await self._failure(partial(stage.carrier.hang_up, leg))
            name = stage.carrier.name

        # A carrier that ends calls by its next answer to a webhook asks for nothing, so that nothing fails.
        if error is not None:
            self._check(error, name, "`hang_up` raises CarrierError, or nothing, when the network refuses.")

    async def _failure(self, action: Callable[[], Awaitable[CarrierCallId | object]]) -> Exception | None:
        sentence = "An operation that fails does so in time."
        try:
            with promise_in_time(sentence, deadline_seconds=self.deadline_seconds):
                await action()
        except BrokenPromiseError:
            raise
        # Which exception it is, is what is checked.
        except Exception as error:  # noqa: BLE001 - returned, and judged by whoever asked
            return error
        return None

    def _check(self, error: Exception | None, name: str, sentence: str) -> None:
        promise(sentence, kept=isinstance(error, CarrierError), seen=error or "no error")
        assert isinstance(error, CarrierError)  # the promise was kept
        promise("A CarrierError names the carrier.", kept=error.carrier == name, seen=error.carrier)

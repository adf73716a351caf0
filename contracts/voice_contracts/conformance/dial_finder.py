"""The promises of `DialFinder`, as checks; used like those of the carrier, where it has `find_dial`."""

from typing import cast

import attrs

from voice_contracts.conformance.about import Area, about
from voice_contracts.conformance.carrier_stage import CarrierStage, NotingExchange
from voice_contracts.conformance.carrier_suite import CarrierSuite
from voice_contracts.conformance.promise import promise, promise_in_time
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.dial_finder import DialFinder, LostDial

__all__ = ("DialFinderConformance",)

_NOBODY = PhoneNumber("+15550009999")


class DialFinderConformance(CarrierSuite):
    """Everything that recovery relies on when the answer to a dial was lost."""

    @about(Area.IDEMPOTENCY, role="find_dial")
    async def test_a_dial_without_an_answer_is_found_at_once(self) -> None:
        """A process that was killed knows no name of its leg, and nobody may be dialled again to learn it."""
        async with self.open_stage(NotingExchange()) as stage:
            leg = await self.dial(stage)
            found = await self._found(stage, self._lost())
            promise(
                "`find_dial` finds the one leg of a dial while it rings.", kept=len(found) == 1, seen=found
            )
            await stage.carrier.hang_up(found[0])
            status = await self.status_once_over(stage, leg)

        sentence = "What `find_dial` returns is a name of the leg that was dialled."
        promise(sentence, kept=not status.alive, seen=status)

    @about(Area.IDEMPOTENCY, role="find_dial")
    async def test_the_leg_of_another_dial_is_not_taken_for_it(self) -> None:
        """A leg that is somebody else's would be talked into, or hung up."""
        async with self.open_stage(NotingExchange()) as stage:
            await self.dial(stage)
            other = attrs.evolve(self._lost(), call_id=CallId("call-2"), callee=_NOBODY)
            found = await self._found(stage, other)

        promise("`find_dial` returns no leg to another number for another call.", kept=not found, seen=found)

    @about(Area.IDEMPOTENCY, role="find_dial")
    async def test_a_leg_that_is_over_is_not_found(self) -> None:
        """A call whose leg is over is closed, and does not wait for news that have come already."""
        async with self.open_stage(NotingExchange()) as stage:
            leg = await self.dial(stage)
            await stage.carrier.hang_up(leg)
            await self.status_once_over(stage, leg)
            found = await self._found(stage, self._lost())

        promise("`find_dial` returns no leg that is over.", kept=not found, seen=found)

    async def _found(self, stage: CarrierStage, lost: LostDial) -> tuple[CarrierCallId, ...]:
        finder = cast("DialFinder", stage.carrier)
        with promise_in_time("`find_dial` returns in time.", deadline_seconds=self.deadline_seconds):
            return await finder.find_dial(lost)

    def _lost(self) -> LostDial:
        """Return the dial of this suite; whose clock a stage has is not known, and any dial is later than zero."""
        return LostDial(call_id=CallId("call-1"), caller=self.caller, callee=self.callee, at_ms=0)

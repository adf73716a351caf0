"""What becomes of calls that were live when the process died: nothing is dialled, nothing stays up unowned."""

import logging

import anyio
import attrs

from voice_domain.call import Call
from voice_domain.events import CallEvent, ClosingBegan, Ended, WaiterOutcome, WaiterReleased
from voice_domain.evolve import fold
from voice_domain.identity import CallId
from voice_domain.ports.carrier import Carrier, CarrierError, LineStatus
from voice_domain.ports.clock import Clock
from voice_domain.ports.event_store import EventStore
from voice_domain.vocabulary import EndReason

__all__ = ("Recovery",)

_log = logging.getLogger(__name__)

_DEADLINE_SECONDS = 20.0
_STOPPED = "the gateway stopped during this call"


@attrs.frozen(kw_only=True)
class Recovery:
    """Closes the calls of a process that is gone, each with the true reason as far as the carrier knows it."""

    store: EventStore
    carrier: Carrier
    clock: Clock

    async def __call__(self) -> tuple[CallId, ...]:
        """Close every call that is not over; returns those that were closed.

        A call whose leg could not be hung up stays open in the store and is tried again at the next start.

        Raises:
            StoreError: if the store cannot be read.
        """
        closed: list[CallId] = []
        for call_id in await self.store.unfinished():
            call = fold(await self.store.load(call_id))
            try:
                with anyio.fail_after(_DEADLINE_SECONDS):
                    status = await self._end_leg(call)
            except (CarrierError, TimeoutError) as error:
                _log.warning("call %s: its leg could not be ended: %s", call_id, error)
                continue
            events = self._closing_events(call, status)
            await self.store.append(call_id, events, expected_version=call.version)
            closed.append(call_id)
        for item in await self.store.outstanding():
            if item.call_id in closed or not await self._is_open(item.call_id):
                await self.store.settle(item.effect_id)
        return tuple(closed)

    async def _is_open(self, call_id: CallId) -> bool:
        return call_id in await self.store.unfinished()

    async def _end_leg(self, call: Call) -> LineStatus:
        if call.carrier_call_id is None:
            return LineStatus(alive=False)
        status = await self.carrier.look_up(call.carrier_call_id)
        if status.alive is not False:
            await self.carrier.hang_up(call.carrier_call_id)
        return status

    def _closing_events(self, call: Call, status: LineStatus) -> tuple[CallEvent, ...]:
        at = max(call.last_at_ms, self.clock.now_ms())
        reason = call.closing_reason or status.reason or EndReason.ERROR
        error = "" if call.closing_reason or status.reason else _STOPPED
        events: list[CallEvent] = []
        if status.alive is not False and call.closing_reason is None:
            events.append(ClosingBegan(at, reason, error))
        if call.waiter_id is not None:
            events.append(WaiterReleased(at, call.waiter_id, WaiterOutcome.CALL_ENDED, reason.value))
        return (*events, Ended(at, reason, error, status.cause))

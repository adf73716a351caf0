"""What becomes of calls that were live when the process died: nothing is dialled, nothing stays up unowned."""

import logging
from functools import partial

import anyio
import attrs

from voice_adapters.runtime.asking import ask, pauses, told_of
from voice_adapters.runtime.lost_dials import leg_of_lost_dial
from voice_adapters.runtime.rulings import ruling_of
from voice_adapters.runtime.switchboard import LiveCalls
from voice_domain.call import Call
from voice_domain.decide import decide
from voice_domain.errors import VoiceError
from voice_domain.evolve import BrokenHistoryError, fold
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import CallInput, DialAccepted, LineEnded, LineRang
from voice_domain.ports.carrier import Carrier, LineStatus
from voice_domain.ports.clock import Clock
from voice_domain.ports.event_store import EventStore
from voice_domain.states import Line
from voice_domain.vocabulary import EndReason

__all__ = ("Recovery",)

_log = logging.getLogger(__name__)

_AT_ONCE = 20
_LOOK_UP_SECONDS = 15.0
"""What is still not known then is not known: the leg is hung up, for it costs money."""
_STOPPED = "the gateway stopped during this call"


@attrs.frozen(kw_only=True)
class Recovery:
    """Asks the carrier about each call of a process that is gone: it lives on, or is closed with the true reason.

    A call that lives goes on with what its timers have left. One that we were ending, or of which the carrier cannot
    say whether it lives, is hung up until that is confirmed. A dial that was under way is looked for at the carrier,
    and never repeated; where that finds nothing, news of its leg find a call that is over, and it is hung up then.

    `begin` is quick, and `run` need not be waited for: nobody does anything with a call that is not decided.
    """

    store: EventStore
    calls: LiveCalls
    """Takes those that are not over; runs already when they are decided."""
    carrier: Carrier
    clock: Clock

    async def __call__(self) -> None:
        """Decide about every call that is not over; a second time changes nothing.

        Raises:
            StoreError: if the store cannot be read or written.
        """
        await self.begin()
        await self._decide()

    async def begin(self) -> None:
        """Have all calls that are not over wait for their decision; before anything new begins.

        Raises:
            StoreError: if the store cannot be read.
        """
        for call_id in await self.store.unfinished():
            if self.calls.find(call_id) is not None:
                continue
            try:
                self.calls.expect(fold(await self.store.load(call_id)))
            except BrokenHistoryError as error:
                _log.error("call %s cannot be recovered: %s", call_id, error)
        for item in await self.store.outstanding():
            if self.calls.find(item.call_id) is None:
                # Decided by the call's events alone: performed, given up, or to be under way again.
                await self.store.settle(item.effect_id)

    async def run(self) -> None:
        """Decide about each call that waits, for as long as the store fails; all others go on meanwhile."""
        for pause in pauses():
            try:
                await self._decide()
            except VoiceError as error:
                _log.error("%d calls are not recovered yet: %s", len(self.calls.undecided), error)
                await anyio.sleep(pause)
            else:
                return

    async def _decide(self) -> None:
        problems: list[VoiceError] = []
        limiter = anyio.CapacityLimiter(_AT_ONCE)
        async with anyio.create_task_group() as tasks:
            for call_id in self.calls.undecided.ids:
                tasks.start_soon(self._recovered, call_id, limiter, problems)
        if problems:
            raise problems[0]

    async def _recovered(
        self, call_id: CallId, limiter: anyio.CapacityLimiter, problems: list[VoiceError]
    ) -> None:
        async with limiter:
            try:
                call = fold(await self.store.load(call_id))
                if not call.is_over:
                    await self._recover(call)
            except VoiceError as error:
                problems.append(error)
            else:
                self.calls.decided(call_id)

    async def _recover(self, call: Call) -> None:
        if call.carrier_call_id is None:
            call = await self._found(call)
        if call.carrier_call_id is None:
            await self._close(call, LineStatus(alive=False))
            return
        call, status = await self._asked(call, call.carrier_call_id)
        if status.alive is False:
            await self._close(call, status)
        elif status.alive and call.closing_reason is None:
            await self.calls.resume(call, status)
        else:
            await self.calls.give_up(call, error=_STOPPED)

    async def _asked(self, call: Call, name: CarrierCallId) -> tuple[Call, LineStatus]:
        """Return what the carrier says of the leg with this *name*, and *call*, whose leg may have got another one."""
        try:
            status = await ask(
                partial(self.carrier.look_up, name), self.carrier.name, seconds=_LOOK_UP_SECONDS
            )
        except VoiceError as error:
            _log.warning("call %s: nothing is known of its leg: %s", call.call_id, error)
            return call, LineStatus(alive=None)
        if status.alive is None and call.line is Line.DIALLING:
            # A dial can be answered with the name of the request, which is no name of the call that comes of it.
            call = await self._found(call)
        if call.carrier_call_id is None or call.carrier_call_id == name:
            return call, status
        return await self._asked(call, call.carrier_call_id)

    async def _found(self, call: Call) -> Call:
        """Return *call* with the name of the leg that it has at the carrier, if it has one, and keep that name."""
        leg = await leg_of_lost_dial(call, self.carrier, self.store)
        if leg is None or leg == call.carrier_call_id:
            return call
        # Where a name is known, only news bring another one: that there is a leg at all.
        news = LineRang(self.clock.now_ms(), event_id=f"{leg}:found", carrier_call_id=leg)
        found = await self._decided_on(DialAccepted(leg) if call.carrier_call_id is None else news, call)
        _log.info("call %s: its leg was found at the carrier", call.call_id)
        return found

    async def _close(self, call: Call, status: LineStatus) -> None:
        unheard_of = call.answered_at_ms is None and call.closing_reason is None
        if status.answered and status.answered_at_ms is not None and unheard_of:
            call = await self._decided_on(told_of(status), call)
        if call.is_over:
            return
        ended = LineEnded(
            self.clock.now_ms(),
            status.reason or EndReason.ERROR,
            status.cause,
            error="" if status.reason else _STOPPED,
        )
        await self._decided_on(ended, call)

    async def _decided_on(self, given: CallInput, call: Call) -> Call:
        """Keep what *given* means for *call*, and return the call after it. What it orders is nobody's task here."""
        now_ms = max(call.last_at_ms, self.clock.now_ms())
        decision = decide(call, given, now_ms)
        await self.store.append(
            call.call_id,
            decision.events,
            expected_version=call.version,
            rulings=(ruling_of(decision, given, now_ms),),
        )
        return decision.call

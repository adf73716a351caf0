"""The twin of Telnyx as a whole: within the process, and on a loopback socket when asked to listen."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import anyio

from voice_contracts.twins.callee import Callee, Step, callee_of
from voice_contracts.twins.ear import Ear
from voice_contracts.twins.faults import Faults
from voice_contracts.twins.first_of import first_of
from voice_contracts.twins.http_client import InProcess, posting
from voice_contracts.twins.ledger import Ledger, LegRecord
from voice_contracts.twins.moments import TwinClock
from voice_contracts.twins.serving import serve_on_loopback
from voice_contracts.twins.socket_client import dial_over
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.api import TelnyxApi
from voice_contracts.twins.telnyx.courier import PATIENCE_SECONDS, Courier
from voice_contracts.twins.telnyx.leg import Leg, LegState, Orders
from voice_contracts.twins.telnyx.life import live_incoming, live_outgoing
from voice_contracts.twins.telnyx.switch import Switch

__all__ = ("TelnyxTwin", "telnyx_twin")


class TelnyxTwin:
    """A running twin; made by `telnyx_twin`."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self.account = switch.account
        self.ledger: Ledger = switch.ledger
        self.faults: Faults = switch.faults
        self.api = TelnyxApi(switch, self._place)
        self.transport = InProcess(self.api.handle)
        """For an HTTP client that speaks to the twin without a socket, whatever host it names."""

    def listening(self, port: int = 0) -> AbstractAsyncContextManager[str]:
        """Serve the API on loopback for as long as the block lasts, and give its URL (asyncio only)."""
        return serve_on_loopback(self.api.handle, port=port)

    @property
    def application(self) -> Mapping[str, Any]:
        """What the portal says of the application at the moment."""
        return self._switch.portal.application

    def legs_alive(self) -> tuple[LegRecord, ...]:
        """Return the legs that have not ended: at the end of a test there should be none."""
        return self.ledger.legs_alive()

    def ear(self, name: str) -> Ear:
        """Return what the other end of a leg has heard."""
        return self._switch.legs[name].line.ear

    async def answered(self, name: str) -> LegRecord:
        """Wait until a leg has been answered or has ended."""
        leg = self._switch.legs[name]
        await first_of(leg.answered, leg.ended)
        return leg.record

    async def ended(self, name: str) -> LegRecord:
        """Wait until a leg has ended."""
        leg = self._switch.legs[name]
        await leg.ended.wait()
        return leg.record

    def ask(self, name: str, step: Step) -> None:
        """Have the other end of a leg do one more thing, after its script."""
        self._switch.legs[name].line.ask(step)

    def hang_up(self, name: str) -> None:
        """Let the other end hang up now, whatever its script says; a caller who still hears ringing gives up."""
        self._switch.legs[name].left_by_person()

    def call_in(self, caller: str, number: str, callee: Callee | None = None) -> str:
        """Let somebody call one of our numbers, and return the leg's name.

        *callee* says what they do; None: what the account says about their number.
        """
        person = callee or callee_of(caller, self.account.callees)
        record = LegRecord(self._switch.new_name("v3:leg-"), "incoming", caller, number)
        leg = self._switch.new_leg(record, Orders(self._switch.portal.webhook_url), person, LegState.PARKED)
        self._switch.tasks.start_soon(live_incoming, self._switch, leg)
        return leg.name

    def _place(self, caller: str, callee: str, orders: Orders) -> Leg:
        record = LegRecord(self._switch.new_name("v3:leg-"), "outgoing", caller, callee)
        person = callee_of(callee, self.account.callees)
        leg = self._switch.new_leg(record, orders, person, LegState.BRIDGING)
        self._switch.tasks.start_soon(live_outgoing, self._switch, leg)
        return leg


@asynccontextmanager
async def telnyx_twin(
    account: TelnyxAccount | None = None, surroundings: Surroundings | None = None
) -> AsyncIterator[TelnyxTwin]:
    """Run a twin for as long as the block lasts; legs that are alive at its end are dropped."""
    around = surroundings or Surroundings()
    clock = TwinClock.starting_now() if around.epoch_ms is None else TwinClock(around.epoch_ms)
    async with (
        posting(around.webhooks, around.ways, PATIENCE_SECONDS) as post,
        anyio.create_task_group() as tasks,
    ):
        known = account or TelnyxAccount()
        ledger, faults = Ledger(clock.now_ms), Faults(around.faults)
        courier = Courier(known, post, ledger, clock, faults, tasks)
        dial_media = around.dial_media or dial_over(around.ways)
        try:
            yield TelnyxTwin(Switch(known, ledger, clock, faults, courier, around.speak, dial_media, tasks))
        finally:
            tasks.cancel_scope.cancel()

"""The twin of Plivo as a whole: within the process, and on a loopback socket when asked to listen."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import ClassVar

import anyio

from voice_contracts.twins.callee import Callee, Step, callee_of
from voice_contracts.twins.ear import Ear
from voice_contracts.twins.faults import Faults
from voice_contracts.twins.first_of import first_of
from voice_contracts.twins.http_client import InProcess, posting
from voice_contracts.twins.ledger import Ledger, LegRecord
from voice_contracts.twins.moments import TwinClock
from voice_contracts.twins.plivo.account import Application, PlivoAccount
from voice_contracts.twins.plivo.api import PlivoApi
from voice_contracts.twins.plivo.courier import PATIENCE_SECONDS, Courier
from voice_contracts.twins.plivo.endings import Ending, LegStatus
from voice_contracts.twins.plivo.interpreter import Interpreter
from voice_contracts.twins.plivo.leg import Callback, Leg, Orders
from voice_contracts.twins.plivo.life import live_inbound, live_outbound
from voice_contracts.twins.plivo.notices import Fields
from voice_contracts.twins.plivo.pages import Jump, Origin
from voice_contracts.twins.plivo.switch import Switch
from voice_contracts.twins.serving import serve_on_loopback
from voice_contracts.twins.socket_client import dial_over
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.errors import VoiceError

__all__ = ("NobodyThereError", "PlivoTwin", "plivo_twin")


class NobodyThereError(VoiceError):
    """A call to a number that nothing is set up for."""

    kind: ClassVar[str] = "nobody_there"

    def __init__(self) -> None:
        super().__init__("the number has no application; give it one in PlivoAccount.numbers")


class PlivoTwin:
    """A running twin; made by `plivo_twin`. A leg is found by the call's name and by that of its request."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._next_dial = -float("inf")
        self.account = switch.account
        self.ledger: Ledger = switch.ledger
        self.faults: Faults = switch.faults
        self.api = PlivoApi(switch, self._place)
        self.transport = InProcess(self.api.handle)
        """For an HTTP client that speaks to the twin without a socket, whatever host it names."""

    def listening(self, port: int = 0) -> AbstractAsyncContextManager[str]:
        """Serve the API on loopback for as long as the block lasts, and give its URL (asyncio only)."""
        return serve_on_loopback(self.api.handle, port=port)

    def application_of(self, number: str) -> Application | None:
        """Return what the console says about calls to one of the account's numbers at the moment."""
        return self._switch.applications.of(number)

    def legs_alive(self) -> tuple[LegRecord, ...]:
        """Return the legs that have not ended: at the end of a test there should be none."""
        return self.ledger.legs_alive()

    def ear(self, name: str) -> Ear:
        """Return what the other end of a leg has heard."""
        return self._switch.find(name).line.ear

    def leg(self, name: str) -> LegRecord:
        """Return what the ledger holds of a leg."""
        return self._switch.find(name).record

    async def answered(self, name: str) -> LegRecord:
        """Wait until a leg has been answered or has ended."""
        leg = self._switch.find(name)
        await first_of(leg.answered, leg.ended)
        return leg.record

    async def ended(self, name: str) -> LegRecord:
        """Wait until a leg has ended."""
        leg = self._switch.find(name)
        await leg.ended.wait()
        return leg.record

    def ask(self, name: str, step: Step) -> None:
        """Have the other end of a leg do one more thing, after its script."""
        self._switch.find(name).line.ask(step)

    def hang_up(self, name: str) -> None:
        """Let the other end hang up now, whatever its script says; a caller who still hears ringing gives up."""
        self._switch.find(name).left_by_person(self.account.callee_word)

    def call_in(self, caller: str, number: str, callee: Callee | None = None) -> str:
        """Let somebody call one of our numbers, and return the call's name.

        Args:
            caller: Their number, E.164, or the word that stands for a withheld one.
            number: Ours.
            callee: What they do; None: what the account says about their number.

        Raises:
            NobodyThereError: if the number has no application.
        """
        application = self._switch.applications.of(number)
        if application is None:
            raise NobodyThereError
        hangup, fallback = application.hangup_url, application.fallback_url
        orders = Orders(
            Callback(application.answer_url, application.answer_method),
            hangup=Callback(hangup, application.hangup_method) if hangup else None,
            fallback=Callback(fallback, application.fallback_method) if fallback else None,
        )
        person = callee or callee_of(caller, self.account.callees)
        record = LegRecord(self._switch.new_uuid(), "inbound", caller, number)
        leg = self._switch.new_leg(record, orders, person, LegStatus.RINGING)
        self._switch.tasks.start_soon(live_inbound, leg, partial(_talk, self._switch))
        return leg.uuid

    def _place(self, caller: str, callee: str, orders: Orders) -> Leg:
        request_uuid = self._switch.new_uuid()
        record = LegRecord(self._switch.new_uuid(), "outbound", caller, callee, request_id=request_uuid)
        leg = self._switch.new_leg(record, orders, callee_of(callee, self.account.callees))
        leg.request_uuid = request_uuid
        self._switch.requests[request_uuid] = leg
        talk = partial(_talk, self._switch)
        self._switch.tasks.start_soon(live_outbound, self._switch, leg, talk, self._queue_seconds())
        return leg

    def _queue_seconds(self) -> float:
        if not self.account.calls_per_second:
            return 0.0
        now = anyio.current_time()
        begins = max(now, self._next_dial)
        self._next_dial = begins + 1 / self.account.calls_per_second
        return begins - now


async def _talk(switch: Switch, leg: Leg) -> Ending:
    fields: Fields = (("Event", "StartApp"), *((("Machine", "true"),) if leg.machine else ()))
    return await Interpreter(switch, leg).run(Jump(leg.orders.answer, Origin.ANSWER, fields))


@asynccontextmanager
async def plivo_twin(
    account: PlivoAccount | None = None, surroundings: Surroundings | None = None
) -> AsyncIterator[PlivoTwin]:
    """Run a twin for as long as the block lasts; legs that are alive at its end are dropped."""
    around = surroundings or Surroundings()
    clock = TwinClock.starting_now() if around.epoch_ms is None else TwinClock(around.epoch_ms)
    async with (
        posting(around.webhooks, around.ways, PATIENCE_SECONDS) as post,
        anyio.create_task_group() as tasks,
    ):
        known = account or PlivoAccount()
        ledger, faults = Ledger(clock.now_ms), Faults(around.faults)
        courier = Courier(known, post, ledger, clock, faults, tasks)
        dial_media = around.dial_media or dial_over(around.ways)
        try:
            yield PlivoTwin(Switch(known, ledger, clock, faults, courier, around.speak, dial_media, tasks))
        finally:
            tasks.cancel_scope.cancel()

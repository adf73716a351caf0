"""The twin of Twilio as a whole: within the process, and on a loopback socket when asked to listen."""

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
from voice_contracts.twins.serving import serve_on_loopback
from voice_contracts.twins.socket_client import dial_over
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.api import TwilioApi
from voice_contracts.twins.twilio.courier import PATIENCE_SECONDS, Courier
from voice_contracts.twins.twilio.interpreter import Interpreter
from voice_contracts.twins.twilio.leg import Leg, LegStatus, Orders, Update
from voice_contracts.twins.twilio.life import live_inbound, live_outbound
from voice_contracts.twins.twilio.pages import Jump, Target, target_of
from voice_contracts.twins.twilio.switch import Switch
from voice_domain.errors import VoiceError

__all__ = ("NobodyThereError", "TwilioTwin", "twilio_twin")


class NobodyThereError(VoiceError):
    """A call to a number that nothing is set up for."""

    kind: ClassVar[str] = "nobody_there"

    def __init__(self) -> None:
        super().__init__("the number has no voice URL; give it NumberSettings in TwilioAccount.numbers")


class TwilioTwin:
    """A running twin; made by `twilio_twin`."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._next_dial = -float("inf")
        self.account = switch.account
        self.ledger: Ledger = switch.ledger
        self.faults: Faults = switch.faults
        self.api = TwilioApi(switch, self._place)
        self.transport = InProcess(self.api.handle)
        """For an HTTP client that speaks to the twin without a socket, whatever host it names."""

    def listening(self, port: int = 0) -> AbstractAsyncContextManager[str]:
        """Serve the API on loopback for as long as the block lasts, and give its URL (asyncio only)."""
        return serve_on_loopback(self.api.handle, port=port)

    def settings_of(self, number: str) -> NumberSettings | None:
        """Return what is set up for calls to one of the account's numbers at the moment; None if nothing is."""
        return self._switch.numbers.settings_of(number)

    def legs_alive(self) -> tuple[LegRecord, ...]:
        """Return the legs that have not ended: at the end of a test there should be none."""
        return self.ledger.legs_alive()

    def ear(self, sid: str) -> Ear:
        """Return what the other end of a leg has heard."""
        return self._switch.legs[sid].line.ear

    async def answered(self, sid: str) -> LegRecord:
        """Wait until a leg has been answered or has ended."""
        leg = self._switch.legs[sid]
        await first_of(leg.answered, leg.ended)
        return leg.record

    async def ended(self, sid: str) -> LegRecord:
        """Wait until a leg has ended."""
        leg = self._switch.legs[sid]
        await leg.ended.wait()
        return leg.record

    def ask(self, sid: str, step: Step) -> None:
        """Have the other end of a leg do one more thing, after its script."""
        self._switch.legs[sid].line.ask(step)

    def hang_up(self, sid: str) -> None:
        """Let the other end hang up now, whatever its script says; a caller who still hears ringing gives up."""
        self._switch.legs[sid].end("callee")

    def call_in(self, caller: str, number: str, callee: Callee | None = None) -> str:
        """Let somebody call one of our numbers, and return the leg's SID.

        Args:
            caller: Their number, as the webhook gives it.
            number: Ours.
            callee: What they do; None: what the account says about their number.

        Raises:
            NobodyThereError: if the number has no voice URL.
        """
        settings = self._switch.numbers.settings_of(number)
        if settings is None:
            raise NobodyThereError
        orders = Orders(status_callback=settings.status_callback)
        person = callee or callee_of(caller, self.account.callees)
        record = LegRecord(self._switch.new_sid("CA"), "inbound", caller, number)
        leg = self._switch.new_leg(record, orders, person, LegStatus.RINGING)
        first = Jump(settings.voice_url, settings.voice_method)
        talk = partial(_talk, self._switch, first)
        self._switch.tasks.start_soon(live_inbound, leg, talk)
        return leg.sid

    def _place(self, caller: str, callee: str, orders: Orders) -> Leg:
        record = LegRecord(self._switch.new_sid("CA"), "outbound-api", caller, callee)
        leg = self._switch.new_leg(record, orders, callee_of(callee, self.account.callees))
        first = target_of(Update(orders.url, orders.method, orders.twiml))
        talk = partial(_talk, self._switch, first)
        self._switch.tasks.start_soon(live_outbound, self._switch, leg, talk, self._queue_seconds())
        return leg

    def _queue_seconds(self) -> float:
        if not self.account.calls_per_second:
            return 0.0
        now = anyio.current_time()
        begins = max(now, self._next_dial)
        self._next_dial = begins + 1 / self.account.calls_per_second
        return begins - now


async def _talk(switch: Switch, first: Target, leg: Leg) -> None:
    await Interpreter(switch, leg).run(first)


@asynccontextmanager
async def twilio_twin(
    account: TwilioAccount | None = None, surroundings: Surroundings | None = None
) -> AsyncIterator[TwilioTwin]:
    """Run a twin for as long as the block lasts; legs that are alive at its end are dropped."""
    around = surroundings or Surroundings()
    clock = TwinClock.starting_now() if around.epoch_ms is None else TwinClock(around.epoch_ms)
    async with (
        posting(around.webhooks, around.ways, PATIENCE_SECONDS) as post,
        anyio.create_task_group() as tasks,
    ):
        known = account or TwilioAccount()
        ledger, faults = Ledger(clock.now_ms), Faults(around.faults)
        courier = Courier(known, post, ledger, clock, faults, tasks)
        dial_media = around.dial_media or dial_over(around.ways)
        switch = Switch(known, ledger, clock, faults, courier, around.speak, dial_media, tasks)
        try:
            yield TwilioTwin(switch)
        finally:
            tasks.cancel_scope.cancel()

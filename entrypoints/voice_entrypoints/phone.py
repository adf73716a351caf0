"""The telephone: everything that a host, a client or an agent can ask, behind one object."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

import anyio
import attrs

from voice_adapters.runtime.exchange import CallExchange
from voice_adapters.runtime.hub import CallUpdate
from voice_adapters.runtime.switchboard import LiveCalls
from voice_domain.call import Call
from voice_domain.identity import CallId
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import CarrierSignal, UnsupportedError
from voice_domain.ports.event_store import CallHistory, JournalRow
from voice_domain.ports.switchboard import UnavailableError
from voice_domain.refusals import CallNotFoundError
from voice_domain.use_cases.call_route import CallRoute
from voice_domain.use_cases.converse import Converse
from voice_domain.use_cases.find_call import FindCall
from voice_domain.use_cases.place_call import PlaceCall, Plan
from voice_domain.use_cases.steer_call import SteerCall
from voice_entrypoints.reporter import Reporter

__all__ = ("Injectable", "Phone", "Readiness")


@attrs.frozen
class Readiness:
    """Whether calls can be taken and placed now."""

    ready: bool
    problem: str = ""
    """Why not, for a person; empty when ready."""


class Injectable(Protocol):
    """A carrier that can be told from outside what happened; only the mock carrier can."""

    def translate_events(self, events: list[object]) -> tuple[CarrierSignal, ...]:
        """Understand events as a test writes them.

        Raises:
            BadWebhookError: if one makes no sense.
        """
        ...

    def follow(self, signal: CarrierSignal, call: Call | None) -> None:
        """Do to the leg what a signal says that was taken."""
        ...


@attrs.frozen(kw_only=True)
class Phone:
    """Places calls, talks in them, ends them, tells of them. Every method raises `VoiceError`s only.

    Calls are named by our id or by the carrier's.
    """

    place: PlaceCall
    converse: Converse
    steer: SteerCall
    find: FindCall
    calls: LiveCalls
    exchange: CallExchange
    history_of: CallHistory
    mock: Injectable | None = None
    reporter: Reporter | None = None
    """None where the store keeps no reports."""
    route_of: Callable[[Mode], CallRoute]
    """Tells which way a call would take."""
    unreachable: Callable[[], str] = lambda: ""
    """Tells why the carrier cannot reach us at the moment; empty when it can."""

    async def call(
        self, *, to: str | None = None, message: str, mode: str | None = None, session_key: str = ""
    ) -> Call:
        """Place a call; see `PlaceCall`.

        Raises:
            UnavailableError: if the carrier could not tell us what becomes of it.
        """
        problem = self.unreachable()
        if problem:
            raise UnavailableError(f"No new calls are placed while the carrier cannot reach us: {problem}")
        return await self.place(to=to, message=message, mode=mode, session_key=session_key)

    async def speak(self, call_id: str, message: str) -> Call:
        """Say something; see `Converse.speak`."""
        return await self.converse.speak(call_id, message)

    async def continue_call(self, call_id: str, message: str) -> str:
        """Say something and return what the counterpart answers; see `Converse.continue_call`."""
        return await self.converse.continue_call(call_id, message)

    async def end(self, call_id: str) -> Call:
        """Hang up; see `SteerCall.end`."""
        return await self.steer.end(call_id)

    def waits(self, call: Call) -> bool:
        """Whether what was wanted of a call waits for its carrier; see `SteerCall.waits`."""
        return self.steer.waits(call)

    async def send_digits(self, call_id: str, digits: str) -> Call:
        """Press keys; see `SteerCall.send_digits`."""
        return await self.steer.send_digits(call_id, digits)

    async def transfer(self, call_id: str, to: str) -> Call:
        """Hand the counterpart over; see `SteerCall.transfer`."""
        return await self.steer.transfer(call_id, to)

    async def status(self, key: str) -> Call | None:
        """Return a call, live or past; None if there is none."""
        return await self.find(key)

    def live(self) -> tuple[Call, ...]:
        """Return the live calls, oldest first."""
        return self.calls.live()

    async def history(
        self, *, limit: int = 50, before_ms: int | None = None, state: str | None = None
    ) -> tuple[Call, ...]:
        """Return past and live calls, newest first; see `CallHistory.page`."""
        return await self.history_of.page(limit=limit, before_ms=before_ms, word=state)

    async def journal(self, *, after: int, limit: int, call_id: str | None = None) -> tuple[JournalRow, ...]:
        """Return kept events, oldest first; see `CallHistory.journal`."""
        wanted = None if call_id is None else CallId(call_id)
        return await self.history_of.journal(after=after, limit=limit, call_id=wanted)

    async def plan(self, *, to: str, mode: str | None = None) -> Plan:
        """Return the dial policy's verdict, and the way that a call would take; nothing is dialled."""
        plan = await self.place.plan(to=to, mode=mode)
        return attrs.evolve(plan, route=self.route_of(plan.mode))

    async def inject(self, events: list[object]) -> int:
        """Let the mock carrier tell *events*; returns how many were understood.

        Raises:
            UnsupportedError: if the carrier is not the mock.
            BadWebhookError: if an event makes no sense.
        """
        if self.mock is None:
            raise UnsupportedError(self.place.carrier.name, "injected events")
        signals = self.mock.translate_events(events)
        for signal in signals:
            self.mock.follow(signal, await self.exchange.receive(signal))
        return len(signals)

    def subscribe(self, call_id: str | None = None) -> AbstractAsyncContextManager[AsyncIterator[CallUpdate]]:
        """Give updates of one call, or of all, while the context is open."""
        return self.calls.hub.subscribe(None if call_id is None else CallId(call_id))

    def reports(
        self, call_id: str | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[Mapping[str, Any]]]:
        """Give the reports of one call, or of all, while the context is open; see `voice_contracts.report`."""
        wanted = None if call_id is None else CallId(call_id)
        return _no_reports() if self.reporter is None else self.reporter.reports(wanted)

    async def report(self, key: str) -> Mapping[str, Any] | None:
        """Return the report of a call by our id or the carrier's; None as long as there is none.

        Raises:
            CallNotFoundError: if there is no such call.
        """
        call = await self._known(key)
        return None if self.reporter is None else await self.reporter.report(call.call_id)

    async def ended(self, call_id: str) -> Call:
        """Wait until a call is over and return it.

        Raises:
            CallNotFoundError: if there is no such call.
        """
        call = await self._known(call_id)
        while not call.is_over:
            async with self.calls.hub.subscribe(call.call_id) as updates:
                call = await self._known(call_id)  # it may have ended before we listened
                while not call.is_over:
                    update = await anext(updates, None)
                    if update is None:
                        break  # too much happened at once: listen anew
                    call = update.call
        return call

    async def _known(self, call_id: str) -> Call:
        call = await self.find(call_id)
        if call is None:
            raise CallNotFoundError(call_id)
        return call

    @property
    def readiness(self) -> Readiness:
        """Whether calls can be taken and placed now."""
        if self.calls.draining:
            return Readiness(ready=False, problem="draining: no new calls are taken")
        problem = self.calls.store_problem or self.unreachable()
        return Readiness(ready=not problem, problem=problem)


@asynccontextmanager
async def _no_reports() -> AsyncIterator[AsyncIterator[Mapping[str, Any]]]:
    """Give a stream on which nothing ever comes."""
    send, receive = anyio.create_memory_object_stream[Mapping[str, Any]]()
    with send, receive:
        yield receive

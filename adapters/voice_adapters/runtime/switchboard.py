"""The live calls of this process: slots, processes, and an orderly end."""

import logging
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import cast

import anyio
from anyio.abc import TaskGroup

from voice_adapters.runtime.asking import hang_up_for_sure, told_of
from voice_adapters.runtime.burial import bury
from voice_adapters.runtime.hub import Hub
from voice_adapters.runtime.leg_watch import watch_legs
from voice_adapters.runtime.outbox import outbox_of
from voice_adapters.runtime.process import CallProcess
from voice_adapters.runtime.resumption import given_up, missed, resumed
from voice_adapters.runtime.rulings import ruling_of
from voice_adapters.runtime.services import CallServices
from voice_adapters.runtime.store_health import Checkable
from voice_adapters.runtime.undecided import UndecidedCalls
from voice_domain.call import Call
from voice_domain.decide import Decision
from voice_domain.events import WaiterReleased
from voice_domain.identity import CallId, CarrierCallId, SpeechId, WaiterId
from voice_domain.inputs import (
    CallInput,
    ContinueRequested,
    GoodbyeRequested,
    HangUpRequested,
    WaiterWithdrawn,
)
from voice_domain.phrases import phrase
from voice_domain.ports.carrier import LineStatus, SpeechPlayed
from voice_domain.ports.event_store import OutboxItem, StoreError
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.ports.switchboard import LimitReachedError, Switchboard, UnavailableError
from voice_domain.refusals import CallNotFoundError
from voice_domain.vocabulary import EndReason

__all__ = ("LiveCalls",)

_log = logging.getLogger(__name__)

_GOODBYE_SECONDS = 15.0
_HANG_UP_SECONDS = 15.0
_DIAL_SECONDS = 40.0
"""How long a dial may take, and the hang-up of its leg: before it has a name nobody can end it."""


class LiveCalls(Switchboard):
    """Holds one process for each live call; enter `running` once, before anything else."""

    def __init__(self, services: CallServices, *, limit: int) -> None:
        self._services = services
        self._limit = limit
        self._processes: dict[CallId, CallProcess] = {}
        self._slots: set[CallId] = set()
        self._beginning = 0
        self._strays: set[CarrierCallId] = set()
        self._draining = False
        self._hanging_up = False
        self._left = anyio.Event()
        self._tasks: TaskGroup | None = None
        self._undecided = UndecidedCalls()

    @property
    def hub(self) -> Hub:
        """Where subscribers hear what happens."""
        return self._services.hub

    @property
    def store_problem(self) -> str:
        """Why calls cannot be kept at the moment; empty when they can."""
        return self._services.health.problem

    @property
    def taken(self) -> int:
        """How many calls count against the limit now."""
        return len(self._slots)

    @property
    def draining(self) -> bool:
        """Whether no new calls are taken any more."""
        return self._draining

    @asynccontextmanager
    async def running(self) -> AsyncIterator["LiveCalls"]:
        """Own the tasks of all calls; on leaving, live calls are hung up first."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            store = self._services.store
            tasks.start_soon(watch_legs, lambda: tuple(self._processes.values()), self._services)
            if hasattr(store, "check"):
                tasks.start_soon(self._services.health.watch, cast("Checkable", store))
            try:
                yield self
            finally:
                with anyio.CancelScope(shield=True):
                    await self.drain(seconds=0)
                self._tasks = None
                tasks.cancel_scope.cancel()

    async def open(self, decision: Decision, *, counted: bool = True) -> Call:
        """Begin a call; see the port."""
        # Calls that are only refused are taken while draining too: their callers are told that we are busy.
        if self._tasks is None or (self._draining and counted):
            raise UnavailableError("No new calls are taken: the gateway is shutting down; try again later")
        call_id = decision.call.call_id
        if counted:
            if len(self._slots) >= self._limit:
                raise LimitReachedError(self._limit)
            self._slots.add(call_id)
        try:
            # A caller who leaves must not leave behind a call that is kept and lives nowhere.
            with anyio.CancelScope(shield=True):
                process = await self._begin(decision, outbox_of(decision))
        except BaseException:
            self._slots.discard(call_id)
            raise
        await process.started.wait()
        for errand in process.first_errands:
            await errand.done.wait()
            if errand.error is not None:
                if process.call.is_over:  # nobody was dialled: whoever is told so may call again at once
                    self._slots.discard(call_id)
                raise errand.error
        return process.call

    @property
    def undecided(self) -> UndecidedCalls:
        """The calls of a process that is gone of which nobody knows yet whether they live."""
        return self._undecided

    def expect(self, call: Call) -> None:
        """Have a call of a process that is gone count, and its news wait, until it is `decided`."""
        self._undecided.add(call)
        self._slots.add(call.call_id)

    def decided(self, call_id: CallId) -> None:
        """Let the news of a call that was expected come: it is over, was resumed, or given up."""
        if call_id not in self._processes:
            self._slots.discard(call_id)
        self._undecided.remove(call_id)

    async def resume(self, call: Call, status: LineStatus) -> None:
        """Live on with a call of a process that is gone, whose leg lives; it counts, whatever the limit.

        An answer of which only the *status* tells is taken before a timer that waited for it.
        """
        self._slots.add(call.call_id)
        now_ms = self._services.clock.now_ms()
        process = await self._begin(resumed(call, now_ms), ())
        for given in missed(call, now_ms, self._services.carrier.capabilities):
            process.post(given)
        if status.answered and call.answered_at_ms is None:
            process.post(told_of(status))

    async def give_up(self, call: Call, *, error: str) -> None:
        """Take a call of a process that is gone only to hang it up, until the carrier confirms.

        Raises:
            StoreError: if it could not be kept that it is being hung up.
        """
        self._slots.add(call.call_id)
        decision = given_up(call, error, self._services.clock.now_ms())
        await self._begin(decision, (), given=HangUpRequested(EndReason.ERROR, error))

    async def _begin(
        self, decision: Decision, outbox: tuple[OutboxItem, ...], *, given: CallInput | None = None
    ) -> CallProcess:
        if self._tasks is None:
            raise UnavailableError("The gateway is shutting down; nothing is begun any more")
        call_id, before = decision.call.call_id, decision.call.version - len(decision.events)
        process = CallProcess(decision, self._services)
        self._beginning += 1
        last = 0
        try:
            if decision.events:
                last = await self._services.store.append(
                    call_id,
                    decision.events,
                    expected_version=before,
                    outbox=outbox,
                    rulings=(ruling_of(decision, given, self._services.clock.now_ms()),),
                )
                self._services.health.worked()
        except StoreError as error:
            self._services.health.failed(error)
            raise
        finally:
            self._beginning -= 1
            self._left.set()
        self._processes[call_id] = process
        self._services.legs.note(decision.call)
        for place, event in enumerate(decision.events, start=last - len(decision.events) + 1):
            self._services.hub.publish(place, decision.call, event)
        if self._hanging_up:
            process.post(HangUpRequested(EndReason.HANGUP_BOT))
        assert self._tasks is not None  # whoever ends us waits for what is beginning
        self._tasks.start_soon(self._run, process)
        return process

    async def submit(self, call_id: CallId, given: CallInput) -> Call:
        """Give a call an input; see the port."""
        await self._undecided.wait(call_id)
        process = self._process(call_id)
        if process is None:
            raise CallNotFoundError(call_id)
        if not isinstance(given, ContinueRequested):
            return await process.submit(given)
        self._services.waiting.expect(given.waiter_id)
        try:
            return await process.submit(given)
        except BaseException:
            # Whoever leaves before the answer must not keep the call's one place for waiting.
            self._services.waiting.forget(given.waiter_id)
            process.post(WaiterWithdrawn(given.waiter_id))
            raise

    def end_stray(self, carrier_call_id: CarrierCallId) -> None:
        """Hang up a leg that belongs to no live call, until the carrier confirms; repeating it is harmless."""
        if self._tasks is not None and carrier_call_id not in self._strays:
            self._strays.add(carrier_call_id)
            self._tasks.start_soon(self._end_stray, carrier_call_id)

    async def _end_stray(self, carrier_call_id: CarrierCallId) -> None:
        try:
            await hang_up_for_sure(self._services.carrier, carrier_call_id)
        finally:
            self._strays.discard(carrier_call_id)
            self._left.set()

    async def utterance(self, call_id: CallId, waiter_id: WaiterId) -> WaiterReleased:
        """Wait for the outcome of a `ContinueRequested`; see the port."""
        try:
            return await self._services.waiting.outcome(call_id, waiter_id)
        finally:
            process = self._processes.get(call_id)
            if process is not None and process.call.waiter_id == waiter_id:
                process.post(WaiterWithdrawn(waiter_id))

    def find(self, key: str) -> Call | None:
        """Return the live call with this id, ours or the carrier's."""
        process = self._process(key)
        return None if process is None else process.call

    def live(self) -> tuple[Call, ...]:
        """Return all live calls, oldest first."""
        calls = (process.call for process in self._processes.values())
        return tuple(call for call in calls if not call.is_over)

    def queue_depths(self) -> Mapping[str, int]:
        """Return what waits in the queues of all calls, and how many legs without a call are being hung up."""
        depths = Counter({"mailbox": 0, "errands": 0, "speech": 0, "strays": len(self._strays)})
        for process in self._processes.values():
            depths.update(process.queue_depths)
        return depths

    def attach(self, call_id: CallId, link: MediaLink) -> MediaListener:
        """Give a call its media link; see `Exchange`."""
        process = self._processes.get(call_id)
        if process is None:
            raise CallNotFoundError(call_id)
        return process.attach(link)

    def played(self, call_id: CallId, played: SpeechPlayed) -> None:
        """The carrier's own voice has read a part to its end; a call that is gone does not mind."""
        process = self._processes.get(call_id)
        if process is not None:
            process.played(played)

    async def drain(self, *, seconds: float) -> None:
        """Take no new calls; give live ones *seconds* to end, then a spoken goodbye, then hang up."""
        self._draining = True
        if self._hanging_up or await self._empty_within(seconds):
            return  # whoever hung up before has waited already
        if seconds > 0:
            for process in tuple(self._processes.values()):
                farewell = phrase("goodbye", process.call.opened.locale)
                process.post(GoodbyeRequested(SpeechId("goodbye"), farewell))
            if await self._empty_within(_GOODBYE_SECONDS):
                return
        self._hanging_up = True
        for process in tuple(self._processes.values()):
            process.post(HangUpRequested(EndReason.HANGUP_BOT))
        dialling = any(process.dialling for process in self._processes.values())
        if not await self._empty_within(_DIAL_SECONDS if dialling else _HANG_UP_SECONDS):
            _log.error("%d calls are left: their hang-up was not confirmed", len(self._processes))

    async def _empty_within(self, seconds: float) -> bool:
        with anyio.move_on_after(seconds):
            while not self._empty:
                if self._left.is_set():
                    self._left = anyio.Event()
                await self._left.wait()
        return self._empty

    @property
    def _empty(self) -> bool:
        return not (self._processes or self._beginning or self._strays)

    def _process(self, key: str) -> CallProcess | None:
        call_id = CallId(key)
        if call_id not in self._processes:
            call_id = self._services.legs.find(key) or call_id
        return self._processes.get(call_id)

    async def _run(self, process: CallProcess) -> None:
        call_id = process.call.call_id
        leave = partial(self._leave, call_id)
        try:
            await process.run(leave)
        except Exception as error:  # noqa: BLE001 - one broken call must not take the others with it
            _log.exception("call %s broke", call_id)
            await bury(process.call, error, self._services)
        finally:
            leave()

    def _leave(self, call_id: CallId) -> None:
        self._processes.pop(call_id, None)
        self._services.legs.forget(call_id)
        self._slots.discard(call_id)
        self._left.set()

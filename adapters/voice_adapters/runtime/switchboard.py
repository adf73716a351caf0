"""The live calls of this process: slots, processes, and an orderly end."""

import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import cast

import anyio
from anyio.abc import TaskGroup

from voice_adapters.runtime.hub import Hub
from voice_adapters.runtime.process import CallProcess, outbox_of
from voice_adapters.runtime.services import CallServices
from voice_adapters.runtime.store_health import Checkable
from voice_domain.call import Call
from voice_domain.decide import Decision, decide
from voice_domain.errors import VoiceError
from voice_domain.events import Ended, WaiterReleased
from voice_domain.identity import CallId, SpeechId, WaiterId
from voice_domain.inputs import CallInput, GoodbyeRequested, HangUpRequested, WaiterWithdrawn
from voice_domain.phrases import phrase
from voice_domain.ports.carrier import SpeechPlayed
from voice_domain.ports.event_store import StoreError
from voice_domain.ports.media import MediaLink, MediaListener
from voice_domain.ports.switchboard import LimitReachedError, Switchboard, UnavailableError
from voice_domain.refusals import CallNotFoundError
from voice_domain.vocabulary import EndReason

__all__ = ("LiveCalls",)

_log = logging.getLogger(__name__)

_GOODBYE_SECONDS = 15.0
_HANG_UP_SECONDS = 10.0


class LiveCalls(Switchboard):
    """Holds one process for each live call; enter `running` once, before anything else."""

    def __init__(self, services: CallServices, *, limit: int) -> None:
        self._services = services
        self._limit = limit
        self._processes: dict[CallId, CallProcess] = {}
        self._slots = 0
        self._draining = False
        self._emptied = anyio.Event()
        self._tasks: TaskGroup | None = None

    @property
    def hub(self) -> Hub:
        """Where subscribers hear what happens."""
        return self._services.hub

    @property
    def store_problem(self) -> str:
        """Why calls cannot be kept at the moment; empty when they can."""
        return self._services.health.problem

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
            if hasattr(store, "check"):
                tasks.start_soon(self._services.health.watch, cast("Checkable", store))
            try:
                yield self
            finally:
                with anyio.CancelScope(shield=True):
                    await self.drain(seconds=0)
                tasks.cancel_scope.cancel()

    async def open(self, decision: Decision, *, counted: bool = True) -> Call:
        """Begin a call; see the port."""
        if self._draining or self._tasks is None:
            raise UnavailableError("No new calls are taken: the gateway is shutting down; try again later")
        if counted:
            if self._slots >= self._limit:
                raise LimitReachedError(self._limit)
            self._slots += 1
        # A caller who leaves must not leave behind a call that is kept and lives nowhere.
        with anyio.CancelScope(shield=True):
            process = await self._begin(decision, counted=counted)
        await process.started.wait()
        for errand in process.first_errands:
            await errand.done.wait()
            if errand.error is not None:
                raise errand.error
        return process.call

    async def _begin(self, decision: Decision, *, counted: bool) -> CallProcess:
        call_id = decision.call.call_id
        try:
            await self._services.store.append(
                call_id, decision.events, expected_version=0, outbox=outbox_of(decision)
            )
        except BaseException as error:
            self._slots -= counted
            if isinstance(error, StoreError):
                self._services.health.failed(error)
            raise
        self._services.health.worked()
        process = CallProcess(decision, self._services)
        self._processes[call_id] = process
        for event in decision.events:
            self._services.hub.publish(decision.call, event)
        assert self._tasks is not None  # `open` has looked
        self._tasks.start_soon(self._run, process, counted)
        return process

    async def submit(self, call_id: CallId, given: CallInput) -> Call:
        """Give a call an input; see the port."""
        process = self._process(call_id)
        if process is None:
            raise CallNotFoundError(call_id)
        return await process.submit(given)

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
        if await self._empty_within(seconds):
            return
        if seconds > 0:
            for process in tuple(self._processes.values()):
                farewell = phrase("goodbye", process.call.opened.locale)
                process.post(GoodbyeRequested(SpeechId("goodbye"), farewell))
            if await self._empty_within(_GOODBYE_SECONDS):
                return
        for process in tuple(self._processes.values()):
            process.post(HangUpRequested(EndReason.HANGUP_BOT))
        if not await self._empty_within(_HANG_UP_SECONDS):
            _log.error("%d calls are left: their hang-up was not confirmed", len(self._processes))

    async def _empty_within(self, seconds: float) -> bool:
        with anyio.move_on_after(seconds):
            while self._processes:
                self._emptied = anyio.Event()
                await self._emptied.wait()
        return not self._processes

    def _process(self, key: str) -> CallProcess | None:
        process = self._processes.get(CallId(key))
        if process is not None:
            return process
        for candidate in self._processes.values():
            if candidate.call.carrier_call_id == key:
                return candidate
        return None

    async def _run(self, process: CallProcess, counted: bool) -> None:  # noqa: FBT001 - start_soon has no keywords
        call_id = process.call.call_id
        try:
            await process.run()
        except Exception as error:  # noqa: BLE001 - one broken call must not take the others with it
            _log.exception("call %s broke", call_id)
            await self._bury(process.call, error)
        finally:
            self._processes.pop(call_id, None)
            self._slots -= counted
            self._emptied.set()

    async def _bury(self, call: Call, error: Exception) -> None:
        """End a call whose process failed: hang up, and say so in the record."""
        broken = list(_causes(error))
        problem = f"internal error: {type(broken[0]).__name__}" if broken else "internal error"
        with anyio.move_on_after(_HANG_UP_SECONDS):
            try:
                if call.carrier_call_id is not None:
                    await self._services.carrier.hang_up(call.carrier_call_id)
                closing = decide(
                    call, HangUpRequested(EndReason.ERROR, problem), self._services.clock.now_ms()
                )
                ended = Ended(closing.call.last_at_ms, EndReason.ERROR, problem)
                await self._services.store.append(
                    call.call_id, (*closing.events, ended), expected_version=call.version
                )
            except VoiceError as failure:
                _log.error("call %s: it could not be ended properly: %s", call.call_id, failure)


def _causes(error: BaseException) -> Iterable[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _causes(inner)
    else:
        yield error

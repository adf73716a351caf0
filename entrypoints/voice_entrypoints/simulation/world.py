"""Carries out a plan: the carrier's twin, the gateway, people, and everything that goes wrong; then looks closely."""

import tempfile
import traceback
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import anyio
import attrs
from anyio.abc import TaskGroup

from voice_adapters.clock import EventLoopClock
from voice_contracts.twins.callee import Say
from voice_contracts.twins.moments import TwinClock
from voice_contracts.twins.stage import Arrangement, CarrierTwin
from voice_contracts.twins.staged import stage_of
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.ports.responder import Responder
from voice_entrypoints.container import Container
from voice_entrypoints.rpc.lone_error import lone_errors
from voice_entrypoints.simulation.carrier_side import CARRIER, babbled, hummed
from voice_entrypoints.simulation.counterparts import Counterparts
from voice_entrypoints.simulation.delays import Delays
from voice_entrypoints.simulation.disk import Disk
from voice_entrypoints.simulation.fault_book import FaultBook
from voice_entrypoints.simulation.faults import Fault, FaultKind
from voice_entrypoints.simulation.gateway import GatewayLife, SimulatedGateway
from voice_entrypoints.simulation.http_wires import Ways, WebhookWire
from voice_entrypoints.simulation.life import ProcessGoneError
from voice_entrypoints.simulation.moody_responder import MoodyResponder
from voice_entrypoints.simulation.people import Client
from voice_entrypoints.simulation.plan import Plan, PlannedCall
from voice_entrypoints.simulation.seeded_identities import SeededIdentities
from voice_entrypoints.simulation.seen import Seen
from voice_entrypoints.simulation.settings import HOOK, OURS, settings_of
from voice_entrypoints.simulation.speech_side import SpeechSide, speech_side
from voice_entrypoints.simulation.stream_wires import StreamWires
from voice_entrypoints.simulation.trace import Trace
from voice_entrypoints.simulation.virtual_loop import pending_timers, run_virtually
from voice_entrypoints.simulation.whose import WHOSE
from voice_entrypoints.wiring_simulation import Alter, Answering, responder_of

__all__ = ("EPOCH_MS", "carry_out", "unaltered")

EPOCH_MS: Final = 1_750_000_000_000
_GRACE_SECONDS: Final = 240.0
"""How long after the last call begins everything must be over: the longest call, and the patience of everybody."""
_GLANCE_SECONDS: Final = 0.5
_PATIENCE_MS: Final = 60_000
"""How long callers hear it ring."""
_TOGETHER: Final = 7
"""Steps of the event loop, at most, from the moment of a death to the death itself."""


def unaltered(_container: Container) -> None:
    """Change nothing."""


def carry_out(
    plan: Plan,
    *,
    carrier: str = CARRIER,
    streamed: bool = False,
    responder: Answering | None = None,
    alter: Alter = unaltered,
    aloud: bool = False,
) -> Seen:
    """Carry *plan* out in virtual time, and return what was seen; the same plan is seen in the same way.

    *carrier* is one that has a twin, and can do what the plan holds; see `Plan.fitted`.

    *streamed* says whether its calls have media streams, all of them or none, whatever the plan says of each.

    *responder* answers callees instead of an echo. It must wait for nothing but the event loop's own timers. What
    breaks the run off is seen too: it says something about the plan, and nothing about the next one.
    """
    with tempfile.TemporaryDirectory(prefix="voicecall-") as folder:
        seen = Seen(plan, Trace(aloud=aloud), stage_of(carrier), streamed)
        world = _World(seen, Path(folder), responder_of(responder), alter)
        try:
            return run_virtually(world.run)
        except Exception as error:  # noqa: BLE001 - a bug anywhere in the gateway or the twin, which is what we look for
            world.seen.crash = _crash(error)
            return world.seen


def _crash(error: Exception) -> str:
    """Return what broke, and where."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} (in {place.name}, {Path(place.filename).name}:{place.lineno})"


class _World:
    def __init__(self, seen: Seen, folder: Path, responder: Responder, alter: Alter) -> None:
        self.seen = seen
        self.plan, self.trace = plan, trace = seen.plan, seen.trace
        self.book = FaultBook(plan, trace)
        self.responder = MoodyResponder(responder, self.book)
        self.clock = EventLoopClock(EPOCH_MS)
        self._folder = folder
        self._alter = alter
        self._twin: CarrierTwin | None = None
        self._stage = seen.stage
        callees = {call.phone: call.callee for call in plan.calls}
        self._arranged = Arrangement(number=OURS, webhook_url=HOOK, callees=callees)
        self._delays = Delays(plan.seed)
        self._ways = Ways(
            book=self.book,
            delays=self._delays,
            trace=trace,
            counterparts=Counterparts(lambda: self.twin.ledger, callees),
            telling=seen.stage.telling,
        )
        self.hooks = WebhookWire(self._here, self._ways)
        self.hooks.now_ms = self.clock.now_ms
        self.streams = StreamWires(self._ways) if seen.streamed else None
        self.speech: SpeechSide | None = None
        self.client = Client(self._here, trace, self.clock.now_ms)

    @property
    def twin(self) -> CarrierTwin:
        assert self._twin is not None  # the world runs
        return self._twin

    async def run(self) -> Seen:
        with lone_errors():
            async with AsyncExitStack() as stack:
                tasks = await self._surround(stack)
                self.gateway = self._gateway()
                tasks.start_soon(self.gateway.run)
                await self._play()
                await self._look()
                self.gateway.close()
        self.seen.leftovers |= {
            what: count
            for what, count in (("tasks", len(anyio.get_running_tasks()) - 1), ("timers", pending_timers()))
            if count
        }
        return self.seen

    async def _surround(self, stack: AsyncExitStack) -> TaskGroup:
        """Set up everything that is not the gateway; return where it has its tasks."""
        around = Surroundings(speak=hummed, webhooks=self.hooks, epoch_ms=EPOCH_MS)
        if self.streams is not None:
            around = attrs.evolve(around, speak=babbled, dial_media=self.streams.dial)
            side = speech_side(self._said(), self._ways, TwinClock(EPOCH_MS))
            self.speech = await stack.enter_async_context(side)
        self._twin = await stack.enter_async_context(self._stage.open(self._arranged, around))
        tasks = await stack.enter_async_context(anyio.create_task_group())
        self.hooks.tasks = tasks
        if self.streams is not None:
            self.streams.tasks = tasks
        return tasks

    def _said(self) -> tuple[str, ...]:
        """Return every text that a counterpart says in some call, in the same order in every run."""
        steps = (step for call in self.plan.calls for step in call.callee.steps)
        return tuple(dict.fromkeys(step.text for step in steps if isinstance(step, Say)))

    def _here(self) -> GatewayLife | None:
        return self.gateway.here()

    def _gateway(self) -> SimulatedGateway:
        return SimulatedGateway(
            settings=settings_of(self._stage.settings(self._arranged), streamed=self.seen.streamed),
            path=self._folder / "calls.sqlite3",
            api=self.twin.transport,
            responder=self.responder,
            ways=self._ways,
            disk=Disk(self._delays),
            trace=self.trace,
            clock=self.clock,
            identities=SeededIdentities(self.plan.seed),
            webhook_url=HOOK,
            alter=self._alter,
            media=None if self.streams is None else self.streams.media,
            speech=self.speech,
        )

    async def _play(self) -> None:
        """Let everything happen that is planned, and wait until it is over."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch, watching := anyio.CancelScope())
            async with anyio.create_task_group() as people:
                for at_seconds, work in self._planned():
                    await anyio.sleep_until(at_seconds)
                    people.start_soon(work)
            with anyio.move_on_after(_GRACE_SECONDS):
                while not await self._is_quiet():  # noqa: ASYNC110 - virtual time: looking costs nothing
                    await anyio.sleep(_GLANCE_SECONDS)
                self.seen.quiet = True
            watching.cancel()

    def _planned(self) -> list[tuple[float, Callable[[], Coroutine[Any, Any, None]]]]:
        """Return everything that is to happen at a moment, in order."""
        calls = [(call.at_seconds, partial(self._happen, call)) for call in self.plan.calls]
        faults = [(f.at, partial(self._strike, f)) for f in self.plan.faults if f.call is None]
        return sorted((*calls, *faults), key=itemgetter(0))

    async def _happen(self, call: PlannedCall) -> None:
        self.trace.note("call", call.number)
        WHOSE.set(call.phone)
        if call.inbound:
            self.twin.call_in(call.phone, OURS, call.callee)
        else:
            await self.client.carry_out(call)

    async def _strike(self, fault: Fault) -> None:
        began, life = self.clock.now_ms(), self.gateway.lives
        self.trace.strike(fault)
        match fault.kind:
            case FaultKind.DISK_FULL:
                self.gateway.disk.full += 1
                self.gateway.fill()
                await anyio.sleep(fault.seconds)
                self.gateway.disk.full -= 1
                self.gateway.fill()
            case FaultKind.DISK_SLOW:
                self.gateway.disk.slow += 1
                await anyio.sleep(fault.seconds)
                self.gateway.disk.slow -= 1
            case FaultKind.DEATH:
                for _ in range(fault.number % _TOGETHER):
                    await anyio.lowlevel.checkpoint()
                await self.gateway.kill(fault.seconds)
            case _:
                if await self.gateway.restart(fault.seconds):
                    life += 1
        while self.gateway.here() is None or self.gateway.lives < life:  # noqa: ASYNC110 - as above
            await anyio.sleep(_GLANCE_SECONDS)
        self.seen.disturbances.append((began, self.clock.now_ms()))

    async def _watch(self, scope: anyio.CancelScope) -> None:
        with scope:
            while True:
                here = self.gateway.here()
                if here is not None and here.phone is not None:
                    self.seen.most_live = max(self.seen.most_live, len(here.phone.live()))
                self._give_up()
                await anyio.sleep(_GLANCE_SECONDS)

    def _give_up(self) -> None:
        """Let callers go who hear nothing but ringing; some carriers let it ring for ever."""
        patient_since_ms = self.clock.now_ms() - _PATIENCE_MS
        for leg in self.twin.ledger.legs_alive():
            if leg.is_inbound and leg.answered_ms is None and leg.states[0].at_ms < patient_since_ms:
                self.twin.hang_up(leg.leg_id)

    async def _is_quiet(self) -> bool:
        here = self.gateway.here()
        if here is None or here.phone is None or self.twin.ledger.legs_alive():
            return False
        calls = here.phone.calls
        if here.phone.live() or any(calls.queue_depths().values()) or calls.taken:
            return False
        try:
            return not await here.life.within(here.store.outstanding)
        except ProcessGoneError:
            return False

    async def _look(self) -> None:
        """Take down what there is to see when everything is over."""
        seen, here = self.seen, self.gateway.here()
        seen.seconds = anyio.current_time()
        seen.legs = self.twin.ledger.legs
        seen.sounds = {leg.leg_id: self.twin.ear(leg.leg_id).sounds for leg in seen.legs}
        seen.replies = self.responder.counts
        seen.taken, seen.answers, seen.lives = self.hooks.taken, self.client.answers, self.gateway.lives
        if here is None or here.phone is None:
            return
        for call in await here.store.page(limit=1_000_000):
            seen.histories[call.call_id] = await here.store.load(call.call_id)
        await anyio.sleep(20)  # whoever still waits for an answer gives up
        phone = here.phone
        if self.speech is not None and self.streams is not None and self.streams.media.engine is not None:
            ears = self.speech.ears
            seen.told, seen.lies, seen.streams = ears.told, self.speech.lies, self.streams.media.dialled
            seen.leftovers["media streams"] = self.streams.media.engine.streams
            seen.leftovers["sockets to the transcriber"] = ears.opened - ears.closed
        depths = {**phone.calls.queue_depths(), "slots": phone.calls.taken, "live calls": len(phone.live())}
        depths["outbox"] = len(await here.store.outstanding())
        depths["tasks of the gateway"] = here.life.task_count() - self.gateway.idle_tasks
        depths["legs"] = len(self.twin.ledger.legs_alive())
        seen.leftovers = {what: count for what, count in (seen.leftovers | depths).items() if count}

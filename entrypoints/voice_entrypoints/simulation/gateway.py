"""The gateway in a simulation: one life of its process after the other, on the same disk."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

import anyio
import attrs
from anyio.abc import TaskGroup
from starlette.types import ASGIApp, Receive, Scope, Send

from voice_adapters.clock import EventLoopClock
from voice_adapters.transports.http_library import httpx
from voice_adapters.transports.media_engine import MediaEngine
from voice_contracts.settings import Settings
from voice_domain.errors import VoiceError
from voice_domain.ports.responder import Responder
from voice_entrypoints.container import Container
from voice_entrypoints.http.gateway import webhook_gate
from voice_entrypoints.http.public_app import public_app
from voice_entrypoints.http.serve import carry_media, gateway_parts, media_engine
from voice_entrypoints.phone import Phone
from voice_entrypoints.rpc.jsonrpc import Dispatcher
from voice_entrypoints.rpc.lone_error import lone_errors
from voice_entrypoints.rpc.methods import phone_handlers
from voice_entrypoints.rpc.operations import Operations
from voice_entrypoints.simulation.disk import Disk, DiskStore
from voice_entrypoints.simulation.http_wires import ApiWire, Ways, WiredHttp
from voice_entrypoints.simulation.life import Life, ProcessGoneError
from voice_entrypoints.simulation.memory_media import MemoryMedia
from voice_entrypoints.simulation.seeded_identities import SeededIdentities
from voice_entrypoints.simulation.speech_side import SpeechSide
from voice_entrypoints.simulation.trace import Trace
from voice_entrypoints.wiring_lifetimes import running
from voice_entrypoints.wiring_simulation import Alter, SimulatedParts, open_store, simulated_container

__all__ = ("GatewayLife", "SimulatedGateway")

_log = logging.getLogger(__name__)

_FIRST_PAUSE_SECONDS: Final = 0.2
_TO_BEGIN: Final = 3
"""Steps of the event loop until all tasks of a media engine are there."""
_LEAVES_SECONDS: Final = 12.0
"""How long a restart takes, at least: for one call as long as for many, so that it can be played again by itself."""


async def _nobody(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise ProcessGoneError


@attrs.define(eq=False)
class GatewayLife:
    """What one life is made of."""

    life: Life
    container: Container
    store: DiskStore
    tell_idle: Callable[[int], None]
    """Is told how many tasks it has when it is ready."""
    stopping: anyio.Event = attrs.field(factory=anyio.Event)
    app: ASGIApp = _nobody
    media: MemoryMedia | None = None
    """Carries its streams; None if its calls have none."""
    listening: bool = False
    phone: Phone | None = None
    rpc: Dispatcher | None = None

    async def work(self, life: Life) -> None:
        """Be the gateway until told to stop, then hang up."""
        settings = self.container.settings()
        async with running(self.container, home=None) as phone, anyio.create_task_group() as tasks:
            engine = await self._carry_media(tasks, settings)
            parts = gateway_parts(self.container, settings=settings, home=Path(), engine=engine)
            self.phone = phone
            self.rpc = Dispatcher(phone_handlers(parts.api, Operations(tasks)))
            self.app = public_app(webhook_gate(parts))
            self.listening = True
            self.store.fill()
            self.tell_idle(life.task_count())
            await self.stopping.wait()
            gone_at = anyio.current_time() + _LEAVES_SECONDS
            await phone.calls.drain(seconds=settings.serve.drain_seconds)
            await anyio.sleep_until(gone_at)
            tasks.cancel_scope.cancel()

    async def _carry_media(self, tasks: TaskGroup, settings: Settings) -> MediaEngine | None:
        if self.media is None:
            return None
        engine = self.media.engine = media_engine(self.container, settings)
        assert engine is not None  # its carrier has streams
        tasks.start_soon(carry_media, self.container, engine)
        tasks.start_soon(self.media.watch)
        for _ in range(_TO_BEGIN):
            await anyio.lowlevel.checkpoint()
        return engine


@attrs.define(kw_only=True)
class SimulatedGateway:
    """Keeps the gateway alive, as a supervisor of processes does."""

    settings: Settings
    path: Path
    """The file that calls are kept in."""
    api: httpx.AsyncBaseTransport
    """The carrier's interface."""
    responder: Responder
    ways: Ways
    trace: Trace
    clock: EventLoopClock
    identities: SeededIdentities
    webhook_url: str
    alter: Alter
    disk: Disk
    media: MemoryMedia | None = None
    """Carries media streams; None if calls have none."""
    speech: SpeechSide | None = None
    lives: int = 0
    idle_tasks: int = 0
    """How many tasks a life has that has no calls, as the first one showed."""
    now: GatewayLife | None = None
    """The life that answers; None while there is none."""
    _pause_seconds: float = _FIRST_PAUSE_SECONDS
    _closing: bool = False

    def here(self) -> GatewayLife | None:
        """Return the life that listens; None if none does."""
        now = self.now
        return now if now is not None and now.listening and not now.life.is_over else None

    async def run(self) -> None:
        """Start lives until closed."""
        while not self._closing:
            self.lives += 1
            self.trace.note("life", self.lives)
            born = self.now = self._born()
            try:
                with lone_errors():
                    # In a task of its own: it is that which is killed.
                    async with anyio.create_task_group() as tasks:
                        tasks.start_soon(born.life.run, born.work)
            except VoiceError as error:
                self.trace.note("life failed", type(error).__name__)
                _log.warning("a life failed: %s", error)
            finally:
                born.store.close()
                if self.media is not None:
                    self.media.leave()
                self.now = None
            pause, self._pause_seconds = self._pause_seconds, _FIRST_PAUSE_SECONDS
            if not self._closing:
                await anyio.sleep(pause)

    def _born(self) -> GatewayLife:
        life = Life()
        store = DiskStore(open_store(self.path), life, self.disk, self.trace)
        wire = ApiWire(self.api, life, self.ways)
        parts = SimulatedParts(
            clock=self.clock,
            identities=self.identities,
            http=WiredHttp(wire, None if self.speech is None else self.speech.mounts(life)),
            store=store,
            responder=self.responder,
            webhook_url=self.webhook_url,
            open_ear=None if self.speech is None else self.speech.open_ear(life),
        )
        container = simulated_container(self.settings, parts)
        self.alter(container)
        return GatewayLife(life, container, store, self._first_idle, media=self.media)

    def _first_idle(self, tasks: int) -> None:
        self.idle_tasks = self.idle_tasks or tasks

    async def kill(self, seconds: float) -> bool:
        """Kill the life that is there, and let *seconds* pass until the next; return whether there was one."""
        now = self.now
        if now is None or now.life.is_over:
            return False
        self._pause_seconds = seconds
        await now.life.kill()
        return True

    async def restart(self, seconds: float) -> bool:
        """Have the life that is there stop in order, and let *seconds* pass; return whether there was one."""
        here = self.here()
        if here is None or here.stopping.is_set():
            return False
        self._pause_seconds = seconds
        here.stopping.set()
        return True

    def close(self) -> None:
        """Have the life that is there stop in order, and begin no other."""
        self._closing = True
        if self.now is not None:
            self.now.stopping.set()

    def fill(self) -> None:
        """Let the file be on a disk that is as full as it is."""
        here = self.here()
        if here is not None:
            here.store.fill()

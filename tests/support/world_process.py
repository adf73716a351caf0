"""The application of a journey as one process after the other: what each is made of, and how it dies."""

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import attrs
import httpx
from anyio.abc import TaskStatus
from dependency_injector import providers
from starlette.types import ASGIApp
from support.carrier_rig import HOOK
from support.twin_socket import sockets_of

from voice_adapters.clock import EventLoopClock
from voice_adapters.speech.openai import OpenAiTranscriber
from voice_adapters.stores.memory import MemoryStore
from voice_adapters.stores.pairing_file import PairingMemory
from voice_adapters.transports.media_engine import MediaEngine
from voice_adapters.transports.shared_http import SharedHttp
from voice_contracts.settings import Settings
from voice_contracts.twins.openai.twin import OpenAiTwin
from voice_contracts.twins.sockets import Socket, SocketRefusedError
from voice_entrypoints.container import Container
from voice_entrypoints.embed import running
from voice_entrypoints.http.gateway import webhook_gate
from voice_entrypoints.http.public_app import public_app
from voice_entrypoints.http.serve import carry_media, gateway_parts, media_engine
from voice_entrypoints.phone import Phone
from voice_entrypoints.simulation.memory_media import MemoryMedia

__all__ = ("Process", "Surrounding", "WaysIn")

_MACHINES = 50


class WaysIn(httpx.AsyncBaseTransport):
    """Brings webhooks, from one of the carrier's machines after the other, to an application made later than it.

    Media streams come in by the same hosts.
    """

    def __init__(self, media: MemoryMedia) -> None:
        self.application: ASGIApp | None = None
        self.gone: set[str] = set()
        """Hosts at which nobody is any more."""
        self._media = media
        self._sent = 0

    async def dial(self, url: str, headers: Mapping[str, str]) -> Socket:
        if urlsplit(url).netloc in self.gone:
            raise SocketRefusedError(None)
        return await self._media.dial(url, headers)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.application is None or request.url.host in self.gone:
            raise httpx.ConnectError("nobody listens there")
        self._sent += 1
        machine = (f"203.0.113.{self._sent % _MACHINES}", 443)
        return await httpx.ASGITransport(self.application, client=machine).handle_async_request(request)


@attrs.frozen(kw_only=True)
class Surrounding:
    """What outlives every process."""

    settings: Settings
    service: OpenAiTwin
    key: str
    """That of the service."""
    routes: Mapping[str, httpx.AsyncBaseTransport]
    """Which twin plays which host."""
    media: MemoryMedia
    ways: WaysIn


@attrs.define(kw_only=True)
class Process:
    """One life of the application."""

    container: Container
    phone: Phone
    engine: MediaEngine | None
    store: MemoryStore
    _end: Callable[[], None] | None = None

    @classmethod
    async def run(
        cls, around: Surrounding, store: MemoryStore, *, task_status: TaskStatus["Process"]
    ) -> None:
        """Live until killed, on what *store* holds."""
        http = _ShortHttp(around.routes)
        container = _container(around, http, store)
        async with running(container, home=None) as phone, anyio.create_task_group() as tasks:
            engine = media_engine(container, around.settings)
            around.media.engine = engine
            if engine is not None:
                tasks.start_soon(carry_media, container, engine)
            parts = gateway_parts(container, settings=around.settings, home=Path(), engine=engine)
            around.ways.application = public_app(webhook_gate(parts))

            def end() -> None:
                http.cut()
                around.ways.application = around.media.engine = None
                tasks.cancel_scope.cancel()

            task_status.started(cls(container=container, phone=phone, engine=engine, store=store, end=end))
            await anyio.sleep_forever()

    def kill(self) -> MemoryStore:
        """Be gone for the world from now on, as by `kill -9`, and return what was kept; sockets stay for a moment."""
        assert self._end is not None
        self._end()
        return copy.deepcopy(self.store)


def _unknown_host(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"no twin plays {request.url.host}")


class _Route(httpx.AsyncBaseTransport):
    """The way to a twin, for as long as the process lives."""

    def __init__(self, behind: httpx.AsyncBaseTransport) -> None:
        self._behind = behind
        self.is_cut = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.is_cut:
            raise httpx.ConnectError("the process is gone")
        return await self._behind.handle_async_request(request)


class _ShortHttp(SharedHttp):
    """The shared client on short wires."""

    def __init__(self, routes: Mapping[str, httpx.AsyncBaseTransport]) -> None:
        super().__init__()
        self._routes = [_Route(transport) for transport in routes.values()]
        mounts = {f"all://{host}": route for host, route in zip(routes, self._routes, strict=True)}
        # A real transport would load every certificate of the machine, for each world anew.
        nowhere = httpx.MockTransport(_unknown_host)
        self._short = httpx.AsyncClient(timeout=None, mounts=mounts, transport=nowhere, trust_env=False)  # noqa: S113 - callers have deadlines

    def cut(self) -> None:
        for route in self._routes:
            route.is_cut = True

    def client(self) -> httpx.AsyncClient:
        return self._short

    async def close(self) -> None:
        await self._short.aclose()


def _container(around: Surrounding, http: _ShortHttp, store: MemoryStore) -> Container:
    clock = EventLoopClock(around.service.clock.epoch_ms)
    container = Container(settings=around.settings, home=Path())
    container.clock.override(providers.Object(clock))
    container.shared_http.override(providers.Object(http))
    container.store.override(providers.Object(store))
    container.pairing.override(providers.Object(PairingMemory()))
    ear = OpenAiTranscriber(
        api_key=around.key, clock=clock, silence_duration_ms=400, open_socket=sockets_of(around.service)
    )
    container.transcriber.override(providers.Object(ear))
    container.address().set(HOOK)
    return container

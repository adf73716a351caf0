"""A doctor's patient without a socket: a carrier's twin, services' twins, and our own webhooks behind a public name."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any, cast

import attrs
import httpx
from dependency_injector import providers

from voice_adapters.transports.http_client import HttpClient
from voice_adapters.transports.shared_http import SharedHttp
from voice_contracts.secret import Secret
from voice_contracts.settings_reading import read_settings
from voice_domain.ports.clock import Clock
from voice_domain.ports.webhook_reader import WebhookReader
from voice_entrypoints.container import Container
from voice_entrypoints.doctor.case import Case
from voice_entrypoints.doctor.examination import open_case
from voice_entrypoints.http.gateway import public_urls
from voice_entrypoints.http.public_app import public_app
from voice_entrypoints.http.self_probe import SelfProbe
from voice_entrypoints.http.webhook_gate import WebhookGate

__all__ = (
    "HOOK",
    "NOW_MS",
    "PUBLIC_HOST",
    "Meddle",
    "StoodClock",
    "Wires",
    "World",
    "patient",
    "public_side",
)

PUBLIC_HOST = "voice.example.com"
HOOK = f"https://{PUBLIC_HOST}/voice/webhook"
NOW_MS = 1_750_000_000_000

Meddle = Callable[[httpx.Request], httpx.Request | httpx.Response]
"""What something on the way makes of a request: another one, or an answer of its own."""


class StoodClock(Clock):
    """Shows one moment."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms


class Wires(SharedHttp):
    """Leads each host to a transport; every answer has a date, some seconds from ours. Other hosts are not reached."""

    def __init__(self, routes: Mapping[str, httpx.AsyncBaseTransport], *, ahead_seconds: int = 0) -> None:
        super().__init__()
        self._routes = routes
        self._date = formatdate(NOW_MS / 1000 + ahead_seconds, usegmt=True)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        transport = self._routes.get(request.url.host)
        if transport is None:
            raise httpx.ConnectError("no route", request=request)
        answer = await transport.handle_async_request(request)
        answer.headers.setdefault("date", self._date)
        return answer


def public_side(
    container: Container, secret: Secret, *, knows: str = HOOK, meddle: Meddle = lambda request: request
) -> httpx.AsyncBaseTransport:
    """Return our webhooks as they are reached from outside; the gateway there *knows* its own public address."""
    settings = container.settings()
    gate = WebhookGate(
        path=settings.serve.path,
        reader=cast("WebhookReader", container.carrier()),
        receive_signals=_nothing,
        urls=public_urls(settings, lambda: knows),
        count=lambda _: None,
        probe=SelfProbe(secret),
    )
    inside = httpx.ASGITransport(public_app(gate))

    async def answer(request: httpx.Request) -> httpx.Response:
        await request.aread()
        met = meddle(request)
        if isinstance(met, httpx.Response):
            return met
        if "upgrade" in met.headers and met.url.path.startswith("/voice/stream/"):
            return httpx.Response(401, text="The stream token is unknown, used or expired")
        return await inside.handle_async_request(met)

    return httpx.MockTransport(answer)


async def _nothing(signals: object) -> None:
    raise AssertionError(f"a call would have heard of {signals}")


@attrs.frozen(kw_only=True)
class World:
    """What is around a patient."""

    routes: Mapping[str, httpx.AsyncBaseTransport] = attrs.field(factory=dict)
    knows: str = HOOK
    """What the gateway takes for its public address."""
    meddle: Meddle = lambda request: request
    addresses: tuple[str, ...] | None = ("93.184.216.34",)
    """Where public names lead; None: nowhere."""
    ahead_seconds: int = 0
    """How far the carrier's clock is ahead of ours."""
    listens: bool = True
    """Whether somebody of ours listens."""
    now_ms: int = NOW_MS


@asynccontextmanager
async def patient(document: Mapping[str, Any], home: Path, world: World) -> AsyncIterator[Case]:
    """Give what a doctor looks at."""
    settings = read_settings(document, {}).require()
    container = Container(settings=settings, home=home)
    secret = Secret("a-token-that-only-its-owner-knows")
    async with AsyncExitStack():
        container.clock.override(providers.Object(StoodClock(world.now_ms)))
        routes = dict(world.routes)
        shared = Wires(routes, ahead_seconds=world.ahead_seconds)
        container.shared_http.override(providers.Object(shared))
        http = HttpClient(shared.client(), container.clock(), jitter=lambda: 0.0)
        container.http_client.override(providers.Object(http))
        case = await open_case(settings, home, {}, container=container)
        if case.carriers() is not None and hasattr(container.carrier(), "authenticate"):
            side = public_side(container, secret, knows=world.knows, meddle=world.meddle)
            routes.setdefault(PUBLIC_HOST, side)

        async def resolve(host: str) -> tuple[str, ...]:
            if world.addresses is None:
                raise OSError(f"{host} has no address")
            return world.addresses

        yield attrs.evolve(case, resolve=resolve, probe_token=secret if world.listens else None)

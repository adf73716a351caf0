"""The wires that requests travel on between the gateway and the carrier's twin, with everything that fails there."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

import anyio
import attrs
from anyio.abc import TaskGroup
from starlette.types import ASGIApp

from voice_adapters.transports.cookieless_client import CookielessClient
from voice_adapters.transports.http_library import httpx
from voice_adapters.transports.shared_http import SharedHttp
from voice_contracts.twins.stage import Telling
from voice_entrypoints.simulation.counterparts import Counterparts
from voice_entrypoints.simulation.delays import Delays
from voice_entrypoints.simulation.fault_book import FaultBook
from voice_entrypoints.simulation.faults import Fault, FaultKind, Place
from voice_entrypoints.simulation.life import Life, ProcessGoneError
from voice_entrypoints.simulation.trace import Trace

__all__ = ("ApiWire", "Taken", "Ways", "WebhookWire", "WiredHttp")

_K = FaultKind
_MACHINES: Final = 50
_WAYS_MS: Final = (1, 5, 20, 60)
_TAKEN = range(200, 300)


@attrs.frozen
class Taken:
    """A webhook that we have taken: from the answer on, it is ours."""

    at_ms: int
    told: Telling


class Gateway(Protocol):
    """The gateway as the world sees it."""

    @property
    def life(self) -> Life:
        """What ends with its process."""

    @property
    def app(self) -> ASGIApp:
        """Its public listener."""


@attrs.frozen(kw_only=True)
class Ways:
    """What happens to requests on their way: how long it takes, what goes wrong, and what is taken note of."""

    book: FaultBook
    delays: Delays
    trace: Trace
    counterparts: Counterparts
    telling: Callable[[bytes], Telling]
    """Reads webhooks of the carrier."""

    def seconds(self, phone: str, place: Place) -> float:
        """Return how long the next thing of a call takes one way."""
        return self.delays.seconds(phone, place, _WAYS_MS)


class WiredHttp(SharedHttp):
    """The client that all adapters share, with a wire where there was a network."""

    def __init__(
        self, wire: httpx.AsyncBaseTransport, mounts: Mapping[str, httpx.AsyncBaseTransport] | None = None
    ) -> None:
        super().__init__()
        self._wired = CookielessClient(timeout=None, transport=wire, mounts=mounts, trust_env=False)

    def client(self) -> httpx.AsyncClient:
        """Return the client."""
        return self._wired

    async def close(self) -> None:
        """Close it."""
        await self._wired.aclose()


class ApiWire(httpx.AsyncBaseTransport):
    """Carries what one life of the gateway asks of the carrier."""

    def __init__(self, twin: httpx.AsyncBaseTransport, life: Life, ways: Ways) -> None:
        self._twin = twin
        self._life = life
        self._ways = ways

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request there, and its answer back."""
        phone = await self._ways.counterparts.of_request(request)
        fault = self._ways.book.next(phone, Place.API)
        await anyio.sleep(self._ways.seconds(phone, Place.API))
        await self._life.reach()
        answer = await self._asked(request, fault)
        await anyio.sleep(self._ways.seconds(phone, Place.API))
        self._ways.trace.note("api", phone, request.method, request.url.path[-40:], answer.status_code)
        return answer

    async def _asked(self, request: httpx.Request, fault: Fault | None) -> httpx.Response:
        kind = None if fault is None else fault.kind
        if kind is _K.API_UNREACHABLE:
            raise httpx.ConnectError("no way there, as planned")
        if kind is _K.API_BUSY:
            return httpx.Response(429, headers={"retry-after": "1"}, json={"code": 20429})
        if kind is _K.API_BROKEN:
            return httpx.Response(503, content=b"<html></html>")
        if kind is _K.API_SILENT:
            await anyio.sleep_forever()
        self._ways.trace.note("effect", request.method, request.url.path[-40:])
        answer = await self._twin.handle_async_request(request)
        if kind is _K.API_ANSWER_LOST:
            await anyio.sleep_forever()
        return httpx.Response(500, content=b"") if kind is _K.API_BROKEN_AFTER else answer


class WebhookWire(httpx.AsyncBaseTransport):
    """Carries what the carrier tells and asks us, to whichever life of the gateway is there."""

    def __init__(self, gateway: Callable[[], Gateway | None], ways: Ways) -> None:
        self._gateway = gateway
        self._ways = ways
        self._sent = 0
        self.tasks: TaskGroup | None = None
        """Carries what comes later."""
        self.now_ms: Callable[[], int] = lambda: 0
        self.taken: list[Taken] = []
        """What we said yes to, in order."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one webhook to us, and our answer back."""
        told = self._ways.telling(await request.aread())
        phone = self._ways.counterparts.of_leg(told.leg)
        fault = self._ways.book.next(phone, Place.WEBHOOK)
        kind = None if fault is None else fault.kind
        await anyio.sleep(self._ways.seconds(phone, Place.WEBHOOK))
        if fault is not None:
            await self._go_wrong(fault, request)
        answer = await self._deliver(request)
        if kind is _K.WEBHOOK_UNANSWERED:
            raise httpx.ReadError("the answer is lost, as planned")
        self._ways.trace.note("webhook", phone, request.url.query.decode(), told.state, answer.status_code)
        if answer.status_code in _TAKEN:
            self.taken.append(Taken(self.now_ms(), told))
        return answer

    async def _go_wrong(self, fault: Fault, request: httpx.Request) -> None:
        if fault.kind is _K.WEBHOOK_LOST:
            await anyio.sleep_forever()
        if fault.kind is _K.WEBHOOK_LATE:
            await anyio.sleep(fault.seconds)
        if fault.kind is _K.WEBHOOK_REPEATED:
            assert self.tasks is not None  # the world runs
            self.tasks.start_soon(self._again, request, fault.seconds)

    async def _again(self, request: httpx.Request, seconds: float) -> None:
        await anyio.sleep(seconds)
        try:
            await self._deliver(request)
        except httpx.TransportError:
            self._ways.trace.note("webhook", "repeated in vain")

    async def _deliver(self, request: httpx.Request) -> httpx.Response:
        gateway = self._gateway()
        if gateway is None:
            raise httpx.ConnectError("nobody listens")
        self._sent += 1
        machine = (f"203.0.113.{self._sent % _MACHINES}", 443)
        carried = httpx.ASGITransport(gateway.app, client=machine)
        try:
            return await gateway.life.within(_bound(carried.handle_async_request, request))
        except ProcessGoneError as error:
            raise httpx.ReadError("the connection broke off") from error


def _bound(
    handle: Callable[[httpx.Request], Awaitable[httpx.Response]], request: httpx.Request
) -> Callable[[], Awaitable[httpx.Response]]:
    return lambda: handle(request)

"""`voicecall serve`: the gateway as a program, from settings to the last hang-up."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import cast

import anyio

from voice_adapters.runtime.exchange import CallExchange
from voice_adapters.transports.media_engine import MediaEngine, MediaParts
from voice_adapters.transports.media_limits import MediaLimits
from voice_adapters.transports.media_server import make_protocol
from voice_contracts.settings import Settings
from voice_domain.call import Call
from voice_domain.ports.carrier import Carrier, CarrierSignal
from voice_domain.ports.webhook_reader import WebhookReader
from voice_domain.refusals import NotEnabledError
from voice_entrypoints.call_log import CallLog
from voice_entrypoints.container import Container
from voice_entrypoints.exposure import Exposure
from voice_entrypoints.http.gateway import (
    GatewayParts,
    GatewaySockets,
    client_address,
    gateway_sockets,
    publish_address,
    running_gateway,
)
from voice_entrypoints.http.metrics import Metrics
from voice_entrypoints.http.readings import CountReading, GaugeReading
from voice_entrypoints.phone import Phone
from voice_entrypoints.rpc.discovery import Gateway
from voice_entrypoints.rpc.lone_error import lone_errors
from voice_entrypoints.settings_source import LoadedSettings
from voice_entrypoints.stop_signals import stop_signals
from voice_entrypoints.wiring_lifetimes import running

__all__ = ("carry_media", "gateway_parts", "media_engine", "open_gateway", "serve")

_log = logging.getLogger(__name__)


async def serve(loaded: LoadedSettings, *, home: Path, announce: Callable[[str], None]) -> int:
    """Run the gateway until the process is asked to stop; return the exit code.

    *announce* gets the one line `ready <apiUrl> <webhookUrl>` once calls can be taken. The first SIGTERM or SIGINT
    begins to drain: no new calls, live ones have `serve.drainSeconds`. The second one hangs up at once.

    Raises:
        NotEnabledError: if the settings say that no calls are made.
        AlreadyRunningError: if another process uses the state folder.
        PortBusyError, BindError: if it cannot listen.
        TokenFileError, StoreError: if the state folder cannot be used.
        NoPublicAddressError: if a real carrier cannot reach us.
    """
    settings = loaded.settings
    if not settings.enabled:
        raise NotEnabledError
    container = Container(settings=settings, home=home)
    turns_at = logging.INFO if settings.logging.show_transcripts else logging.DEBUG
    async with (
        open_gateway(container, settings=settings, home=home) as (phone, gateway),
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(CallLog(phone, turns_at).run)
        announce(f"ready {gateway.api_url} {gateway.webhook_url}")
        await _until_stopped(phone, settings.serve.drain_seconds)
        tasks.cancel_scope.cancel()
    return 0


@asynccontextmanager
async def open_gateway(
    container: Container, *, settings: Settings, home: Path
) -> AsyncIterator[tuple[Phone, Gateway]]:
    """Run a telephone with both listeners while the context is open.

    The public address is the one that the container has been told, else `publicUrl`, else the tunnel's.

    Raises:
        AlreadyRunningError, PortBusyError, BindError, TokenFileError, StoreError, NoPublicAddressError: see `serve`.
    """
    address, held = container.address(), list[GatewaySockets]()

    @asynccontextmanager
    async def reached() -> AsyncIterator[None]:
        with gateway_sockets(settings) as sockets:
            held.append(sockets)
            async with container.exposure().entered(sockets.public_root):
                yield

    with lone_errors():
        async with AsyncExitStack() as stack:
            phone = await stack.enter_async_context(running(container, home=home, reached=reached))
            tasks = await stack.enter_async_context(anyio.create_task_group())
            stack.callback(tasks.cancel_scope.cancel)
            engine = media_engine(container, settings)
            if engine is not None:
                tasks.start_soon(carry_media, container, engine)
            parts = gateway_parts(container, settings=settings, home=home, engine=engine)
            gateway = await stack.enter_async_context(running_gateway(parts, held[0]))
            stack.enter_context(address.followed(partial(publish_address, parts, gateway)))
            yield phone, gateway


def gateway_parts(
    container: Container, *, settings: Settings, home: Path, engine: MediaEngine | None
) -> GatewayParts:
    """Return what a gateway on this container is made of; *engine* carries its media streams."""
    phone, address = container.phone(), container.address()
    callback_url = container.carrier_set().callback_url

    def public_url() -> str | None:
        return address.webhook_url() if address.known else None

    return GatewayParts(
        settings=settings,
        home=home,
        api=phone,
        reader=_reader(container.carrier()),
        receive_signals=_receiver(container.exchange(), phone),
        metrics=_metrics(container, phone, engine),
        media=None if engine is None else make_protocol(engine),
        public_url=public_url,
        callback_url=callback_url,
    )


def _metrics(container: Container, phone: Phone, engine: MediaEngine | None) -> Metrics:
    def streams() -> Mapping[str, int]:
        if engine is None:
            return {}
        return {"pending": engine.pending, "started": engine.streams - engine.pending}

    def events() -> Mapping[str, int]:
        return (
            {} if engine is None else {what.replace(" ", "_"): count for what, count in engine.counts.items()}
        )

    return Metrics(
        phone.live,
        queue_depths=phone.calls.queue_depths,
        media_streams=streams,
        media_events=events,
        carrier_failures=lambda: container.services().carrier_failures,
        further=_tunnel_readings(container.exposure()),
    )


def _tunnel_readings(exposure: Exposure) -> tuple[GaugeReading, CountReading]:
    return (
        GaugeReading(
            "voicecall_tunnel_open", "1 while the tunnel is open, else 0.", "tunnel", exposure.open_tunnels
        ),
        CountReading(
            "voicecall_tunnel_events",
            "How often the tunnel was opened, moved to another address and lost.",
            "event",
            exposure.events,
        ),
    )


def media_engine(container: Container, settings: Settings) -> MediaEngine | None:
    """Return what carries the media streams of the carrier; None where no audio comes over a WebSocket."""
    dialect = container.carrier_set().dialect
    if dialect is None:
        return None
    streaming = settings.streaming
    limits = MediaLimits(
        connections=streaming.max_connections,
        pending=streaming.max_pending_connections,
        pending_per_address=streaming.max_pending_connections_per_ip,
        start_seconds=streaming.pre_start_timeout_ms / 1000,
    )
    parts = MediaParts(
        tokens=container.tokens(),
        dialect=dialect,
        exchange=container.exchange(),
        find_call=container.calls().find,
        clock=container.clock(),
        address_of=client_address(settings),
    )
    return MediaEngine(parts, stream_path=streaming.stream_path, limits=limits)


async def carry_media(container: Container, engine: MediaEngine) -> None:
    """Do what media streams need done beside their sockets, until cancelled."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(engine.run)
        tasks.start_soon(_forget_tokens, container)


async def _forget_tokens(container: Container) -> None:
    """Make what is left of a call's stream tokens worthless once the call is over."""
    tokens, hub = container.tokens(), container.calls().hub
    while True:
        async with hub.subscribe() as updates:
            async for update in updates:
                if update.call.is_over:
                    tokens.forget(update.call.call_id)


def _reader(carrier: Carrier) -> WebhookReader | None:
    return cast("WebhookReader", carrier) if hasattr(carrier, "authenticate") else None


def _receiver(
    exchange: CallExchange, phone: Phone
) -> Callable[[tuple[CarrierSignal, ...]], Awaitable[Call | None]]:
    async def receive(signals: tuple[CarrierSignal, ...]) -> Call | None:
        call: Call | None = None
        for each in signals:
            call = await exchange.receive(each)
            if phone.mock is not None:
                phone.mock.follow(each, call)
        return call

    return receive


async def _until_stopped(phone: Phone, drain_seconds: int) -> None:
    with anyio.open_signal_receiver(*stop_signals()) as signals:
        await anext(signals)
        _log.info("stopping: no new calls; live ones have %d seconds", drain_seconds)
        async with anyio.create_task_group() as tasks:

            async def hurry() -> None:
                await anext(signals)
                _log.info("stopping at once")
                tasks.cancel_scope.cancel()

            tasks.start_soon(hurry)
            await phone.calls.drain(seconds=drain_seconds)
            tasks.cancel_scope.cancel()

"""`voicecall serve`: the gateway as a program, from settings to the last hang-up."""

import logging
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import anyio

from voice_adapters.runtime.exchange import CallExchange
from voice_domain.call import Call
from voice_domain.ports.carrier import Carrier, CarrierSignal
from voice_domain.ports.webhook_reader import WebhookReader
from voice_domain.refusals import NotEnabledError
from voice_entrypoints.container import Container
from voice_entrypoints.embed import running
from voice_entrypoints.http.gateway import GatewayParts, running_gateway
from voice_entrypoints.http.metrics import Metrics
from voice_entrypoints.phone import Phone
from voice_entrypoints.rpc.lone_error import lone_errors
from voice_entrypoints.settings_source import LoadedSettings

__all__ = ("serve",)

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
    """
    settings = loaded.settings
    if not settings.enabled:
        raise NotEnabledError
    container = Container(settings=settings, home=home)
    with lone_errors():
        async with running(container, home=home) as phone:
            parts = GatewayParts(
                settings=settings,
                home=home,
                api=phone,
                reader=_reader(container.carrier()),
                receive_signals=_receiver(container.exchange(), phone),
                metrics=Metrics(phone.live),
            )
            async with running_gateway(parts) as gateway:
                announce(f"ready {gateway.api_url} {gateway.webhook_url}")
                await _until_stopped(phone, settings.serve.drain_seconds)
    return 0


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
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
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

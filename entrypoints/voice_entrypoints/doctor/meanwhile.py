"""Listening where the gateway would, for as long as the doctor looks: else nobody could say what comes through."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import cast

import anyio

from voice_adapters.transports.media_server import make_protocol
from voice_contracts.secret import Secret
from voice_domain.call import Call
from voice_domain.ports.carrier import CarrierSignal
from voice_domain.ports.switchboard import UnavailableError
from voice_domain.ports.webhook_reader import WebhookReader
from voice_entrypoints.doctor.case import Case
from voice_entrypoints.http.gateway import client_address, public_urls
from voice_entrypoints.http.public_app import public_app
from voice_entrypoints.http.self_probe import SelfProbe
from voice_entrypoints.http.serve import media_engine
from voice_entrypoints.http.server import BindError, PortBusyError, bind_socket, listening
from voice_entrypoints.http.webhook_gate import WebhookGate

__all__ = ("listening_meanwhile",)


@asynccontextmanager
async def listening_meanwhile(case: Case) -> AsyncIterator[Secret | None]:
    """Serve webhooks that no call learns of on `serve.port` while the context is open; give what recognises ours.

    None where that is no use or the port cannot be had.
    """
    serve, carrier = case.settings.serve, case.container.carrier()
    if not serve.port or case.public_url is None or not hasattr(carrier, "authenticate"):
        yield None
        return
    async with AsyncExitStack() as stack:
        try:
            bound = stack.enter_context(bind_socket("serve", serve.bind, serve.port))
        except (PortBusyError, BindError):
            yield None
            return
        token = Secret(secrets.token_urlsafe(32))
        engine = media_engine(case.container, case.settings)
        socket = None if engine is None else make_protocol(engine)
        app = public_app(_gate(case, cast("WebhookReader", carrier), token))
        await stack.enter_async_context(
            listening(app, bound, anyio.Event(), stop_seconds=1, websocket=socket)
        )
        yield token


def _gate(case: Case, reader: WebhookReader, token: Secret) -> WebhookGate:
    return WebhookGate(
        path=case.settings.serve.path,
        reader=reader,
        receive_signals=_later,
        urls=public_urls(case.settings, lambda: case.public_url),
        count=lambda _: None,
        address_of=client_address(case.settings),
        probe=SelfProbe(token),
    )


async def _later(signals: tuple[CarrierSignal, ...]) -> Call | None:
    """Take nothing: a carrier that comes now is to come again, when a gateway runs."""
    del signals
    raise UnavailableError("no gateway runs, only a doctor")

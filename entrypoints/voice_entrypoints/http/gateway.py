"""A running gateway: both listeners around one phone, and the files by which clients find it."""

import logging
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import anyio
import attrs

from voice_adapters.transports.client_address import ForwardedAddress
from voice_contracts.secret import Secret
from voice_contracts.settings import Settings
from voice_domain.ports.event_store import StoreError
from voice_domain.ports.webhook_reader import WebhookReader
from voice_entrypoints.http.allowed_hosts import AllowedHosts
from voice_entrypoints.http.metrics import Metrics
from voice_entrypoints.http.private_app import private_app
from voice_entrypoints.http.private_gate import PrivateGate
from voice_entrypoints.http.public_app import public_app
from voice_entrypoints.http.public_url import PublicUrls
from voice_entrypoints.http.self_probe import SelfProbe
from voice_entrypoints.http.server import Listener, WebSocketProtocol, bind_socket, listener_on, listening
from voice_entrypoints.http.unsigned_webhooks import UnsignedWebhooks
from voice_entrypoints.http.webhook_gate import ReceiveSignals, WebhookGate
from voice_entrypoints.rpc.api import PhoneApi
from voice_entrypoints.rpc.discovery import Gateway, publish_gateway, withdraw_gateway
from voice_entrypoints.rpc.jsonrpc import Dispatcher
from voice_entrypoints.rpc.lone_error import lone_errors
from voice_entrypoints.rpc.methods import phone_handlers
from voice_entrypoints.rpc.operations import Operations
from voice_entrypoints.rpc.token_file import keep_token, token_path

__all__ = (
    "GatewayParts",
    "GatewaySockets",
    "client_address",
    "gateway_sockets",
    "public_urls",
    "publish_address",
    "running_gateway",
    "webhook_gate",
)

_log = logging.getLogger(__name__)

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


def _told(url: str | Callable[[], str | None] | None) -> Callable[[], str | None]:
    return url if callable(url) else lambda: url


@attrs.frozen
class GatewaySockets:
    """Both listeners' sockets: connections wait there until they are served."""

    private: socket.socket
    public: socket.socket

    @property
    def public_root(self) -> str:
        """The public listener as this machine reaches it, without a path."""
        return listener_on(self.public).url


@attrs.frozen(kw_only=True)
class GatewayParts:
    """What a gateway is made of."""

    settings: Settings
    home: Path
    """The state folder: token and discovery file."""
    api: PhoneApi
    reader: WebhookReader | None
    """Understands the carrier's webhooks; None for a carrier that sends none."""
    receive_signals: ReceiveSignals
    metrics: Metrics
    media: WebSocketProtocol | None = None
    """Takes the media streams of the public listener; None where no audio comes over a WebSocket."""
    public_url: Callable[[], str | None] = attrs.field(default=None, converter=_told)
    """Tells the full public URL of the webhooks; None without one. May be given as text."""
    callback_url: Callable[[], str | None] = attrs.field(default=None, converter=_told)
    """Tells what must be entered in the carrier's console; None if nothing must. May be given as text."""


@contextmanager
def gateway_sockets(settings: Settings) -> Iterator[GatewaySockets]:
    """Hold the ports of both listeners while the context is open.

    Raises:
        PortBusyError: if a port is in use.
        BindError: if an address cannot be listened on.
    """
    with (
        bind_socket("api", settings.api.bind, settings.api.port) as private,
        bind_socket("serve", settings.serve.bind, settings.serve.port) as public,
    ):
        yield GatewaySockets(private, public)


@asynccontextmanager
async def running_gateway(
    parts: GatewayParts, sockets: GatewaySockets | None = None
) -> AsyncIterator[Gateway]:
    """Listen on *sockets*, or else on new ones, while the context is open, and be found by clients as long.

    Raises:
        PortBusyError: if a port is in use.
        BindError: if an address cannot be listened on.
        TokenFileError: if the token file is unsafe or cannot be made.
        StoreError: if the discovery file cannot be written.
    """
    settings, home = parts.settings, parts.home
    path = token_path(home, settings.api.token_file)
    token = keep_token(path, otherwise="set api.tokenFile")
    with lone_errors():
        async with AsyncExitStack() as stack:
            held = sockets or stack.enter_context(gateway_sockets(settings))
            tasks = await stack.enter_async_context(anyio.create_task_group())
            stack.callback(tasks.cancel_scope.cancel)
            dispatcher = Dispatcher(phone_handlers(parts.api, Operations(tasks)))
            tasks.start_soon(parts.metrics.follow, parts.api)
            tasks.start_soon(parts.metrics.loop.run)
            stopping = anyio.Event()
            gate = PrivateGate(token=token, token_place=str(path), hosts=AllowedHosts(settings.api.bind))
            app = private_app(parts.api, dispatcher, parts.metrics, gate, stopping)
            private_listener = await stack.enter_async_context(listening(app, held.private, stopping))
            public_listener = await stack.enter_async_context(
                listening(
                    public_app(webhook_gate(parts, token)), held.public, stopping, websocket=parts.media
                )
            )
            gateway = _described(parts, private_listener, public_listener)
            _publish(home, gateway)
            stack.callback(withdraw_gateway, home, pid=gateway.pid)
            yield gateway


def client_address(settings: Settings) -> ForwardedAddress:
    """Return what tells whose a request is: behind a trusted proxy or tunnel, every socket has the same address."""
    return ForwardedAddress(
        trusted_proxies=settings.webhook_security.trusted_proxy_ips, trust_loopback=_trusts_loopback(settings)
    )


def _trusts_loopback(settings: Settings) -> bool:
    """Whether a tunnel program on this machine may tell where requests really come from."""
    behind_ngrok = settings.tunnel.provider == "ngrok" and settings.serve.bind in _LOOPBACK
    return behind_ngrok and settings.tunnel.allow_ngrok_free_tier_loopback_bypass


def webhook_gate(parts: GatewayParts, secret: Secret | None = None) -> WebhookGate | None:
    """Return what judges the carrier's webhooks; None for a carrier that sends none.

    Whoever proves to know *secret* is told what the gate makes of a request.
    """
    if parts.reader is None:
        return None
    settings = parts.settings
    reader = UnsignedWebhooks(parts.reader) if settings.skip_signature_verification else parts.reader
    return WebhookGate(
        path=settings.serve.path,
        reader=reader,
        receive_signals=parts.receive_signals,
        urls=public_urls(settings, parts.public_url),
        count=parts.metrics.webhook,
        address_of=client_address(settings),
        probe=None if secret is None else SelfProbe(secret),
    )


def public_urls(settings: Settings, public_url: Callable[[], str | None]) -> PublicUrls:
    """Return what finds the URLs that a webhook may have been signed for."""
    security = settings.webhook_security
    return PublicUrls(
        public_url=public_url,
        allowed_hosts=security.allowed_hosts,
        trust_forwarding=security.trust_forwarding_headers,
        trusted_proxies=security.trusted_proxy_ips,
        trust_loopback=_trusts_loopback(settings),
    )


def _described(parts: GatewayParts, private: Listener, public: Listener) -> Gateway:
    return Gateway(
        pid=os.getpid(),
        api_url=private.url,
        webhook_url=public.url + parts.settings.serve.path,
        public_url=parts.public_url(),
        callback_url=parts.callback_url(),
        started_at=time.time_ns() // 1_000_000,
    )


def publish_address(parts: GatewayParts, gateway: Gateway) -> None:
    """Have clients find the address that carriers reach *gateway* at now."""
    told = attrs.evolve(gateway, public_url=parts.public_url(), callback_url=parts.callback_url())
    try:
        _publish(parts.home, told)
    except StoreError as error:
        _log.error("clients go on with the old address: %s", error)


def _publish(home: Path, gateway: Gateway) -> None:
    try:
        publish_gateway(home, gateway)
    except OSError as error:
        raise StoreError(f"the discovery file in {home} cannot be written ({error.strerror})") from error

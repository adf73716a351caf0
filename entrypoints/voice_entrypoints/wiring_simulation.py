"""The container of a gateway in a simulation; part of the container, so it may name concrete adapters."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import attrs
from dependency_injector import providers

from voice_adapters.clock import EventLoopClock
from voice_adapters.media.pacer import Pacer
from voice_adapters.responders.callable import CallableResponder, ReplyFunction
from voice_adapters.responders.echo import EchoResponder
from voice_adapters.speech.openai import OpenAiTranscriber
from voice_adapters.speech.openai.session_parts import SocketOpener
from voice_adapters.stores.blocking_sqlite import BlockingSqliteStore
from voice_adapters.stores.pairing_file import PairingMemory
from voice_adapters.transports.http_client import HttpClient
from voice_adapters.transports.shared_http import SharedHttp
from voice_contracts.settings import Settings
from voice_domain.ports.clock import Clock, Identities
from voice_domain.ports.event_store import EventStore
from voice_domain.ports.responder import Responder
from voice_entrypoints.container import Container

__all__ = (
    "Alter",
    "Answering",
    "EarOpener",
    "SimulatedParts",
    "open_store",
    "responder_of",
    "simulated_container",
)

_HALF: Final = 0.5

Answering: TypeAlias = Responder | ReplyFunction
"""A responder, or a host's function that plays one."""

EarOpener: TypeAlias = SocketOpener
"""Opens a socket to a transcriber."""

Alter = Callable[[Container], None]
"""Changes the container of each life before it begins."""


@attrs.frozen(kw_only=True)
class SimulatedParts:
    """What takes the place of the machine and the network."""

    clock: EventLoopClock
    identities: Identities
    http: SharedHttp
    store: EventStore
    responder: Responder
    webhook_url: str
    open_ear: EarOpener | None = None
    """Opens sockets to the transcriber; None where calls are not streamed."""


def simulated_container(settings: Settings, parts: SimulatedParts) -> Container:
    """Return the container of one life."""
    container = Container(settings=settings, home=Path())
    container.clock.override(providers.Object(parts.clock))
    container.identities.override(providers.Object(parts.identities))
    container.shared_http.override(providers.Object(parts.http))
    container.http_client.override(
        providers.Object(HttpClient(parts.http.client(), parts.clock, jitter=lambda: _HALF))
    )
    container.pacer.override(providers.Object(Pacer(on_the_grid=True)))
    container.store.override(providers.Object(parts.store))
    container.pairing.override(providers.Object(PairingMemory()))
    container.responder.override(providers.Object(parts.responder))
    if parts.open_ear is not None:
        ear = container.transcriber()
        assert isinstance(ear, OpenAiTranscriber)  # the settings of a simulation name no other
        container.transcriber.override(providers.Object(attrs.evolve(ear, open_socket=parts.open_ear)))
    container.address().set(parts.webhook_url)
    return container


def open_store(path: Path) -> BlockingSqliteStore:
    """Return the store in the file at *path*; it is not open yet."""
    return BlockingSqliteStore(path)


def clock_of(epoch_ms: int) -> Clock:
    """Return a clock that shows *epoch_ms* when the event loop's shows zero."""
    return EventLoopClock(epoch_ms)


def responder_of(function: Answering | None) -> Responder:
    """Return the responder that *function* is; an echo for None."""
    if function is None:
        return EchoResponder()
    return function if hasattr(function, "reply") else CallableResponder(function)

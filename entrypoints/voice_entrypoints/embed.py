"""A telephone inside another program: no configuration file, every adapter replaceable."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, cast

from dependency_injector import providers

from voice_adapters.responders.callable import CallableResponder, ReplyFunction
from voice_adapters.stores.memory import MemoryStore
from voice_adapters.stores.pairing_file import PairingMemory
from voice_contracts.settings import Settings
from voice_contracts.settings_reading import read_settings
from voice_domain.ports.carrier import Carrier
from voice_domain.ports.clock import Clock
from voice_domain.ports.event_store import CallHistory, EventStore
from voice_domain.ports.responder import Responder
from voice_domain.ports.switchboard import UnavailableError
from voice_domain.ports.synthesizer import Synthesizer
from voice_domain.ports.transcriber import Transcriber
from voice_entrypoints.container import Container
from voice_entrypoints.installed_carriers import installed_names
from voice_entrypoints.phone import Phone
from voice_entrypoints.settings_source import secret_files
from voice_entrypoints.wiring_lifetimes import running

__all__ = ("CallStore", "open_voicecall", "running")


class CallStore(EventStore, CallHistory, Protocol):
    """A store that a host brings: it keeps and it reads."""


@asynccontextmanager
async def open_voicecall(  # noqa: PLR0913 - one keyword for each adapter that a host may replace
    settings: Settings | Mapping[str, Any] | None = None,
    *,
    home: Path | None = None,
    responder: Responder | ReplyFunction | None = None,
    carrier: Carrier | None = None,
    synthesizer: Synthesizer | None = None,
    transcriber: Transcriber | None = None,
    store: CallStore | None = None,
    clock: Clock | None = None,
    environ: Mapping[str, str] = os.environ,
) -> AsyncIterator[Phone]:
    """Give a telephone that works until the context is left; then live calls are hung up.

    *settings* is a settings document (as in the settings file) or read settings; None for the built-in ones, with
    the carrier `mock`. Without *home* nothing is written to the disk: calls are kept in memory, nothing is recorded.
    With *home* (a state folder) calls survive, and a second telephone on the same folder is refused.
    *responder* is a plain `async def reply(utterance, call) -> str | None`, an async generator function, or a
    `Responder`.
    A carrier that has to reach us needs *home*, and gets the gateway's listeners (on asyncio only); `mock` and a
    host's own carrier get none.
    *environ* is where keys that the document leaves out, and references to secrets, are looked up.

    Raises:
        InvalidSettingsError: if the settings are wrong; every problem is named.
        AlreadyRunningError: if another process uses the state folder.
        StoreError: if calls cannot be kept there.
        UnavailableError: if the carrier has to reach us, and there is no *home*.
        NoPublicAddressError, PortBusyError, BindError, TokenFileError: if the carrier cannot reach us.
    """
    container = Container(settings=_settings(settings, home, environ), home=home or Path())
    if home is None:
        container.store.override(providers.Object(MemoryStore() if store is None else store))
        container.pairing.override(providers.Object(PairingMemory()))
    elif store is not None:
        container.store.override(providers.Object(store))
    if responder is not None:
        container.responder.override(providers.Object(_responder(responder)))
    for provider, adapter in (
        (container.carrier, carrier),
        (container.synthesizer, synthesizer),
        (container.transcriber, transcriber),
        (container.clock, clock),
    ):
        if adapter is not None:
            provider.override(providers.Object(adapter))
    if synthesizer is not None:
        container.route_synthesizers.override(providers.Object({}))  # the host's voice speaks in every call
    async with _opened(container, home) as phone:
        yield phone


def _opened(container: Container, home: Path | None) -> AbstractAsyncContextManager[Phone]:
    """Run a telephone, with listeners around it where the carrier has to reach us."""
    is_hosts_own = container.carrier.last_overriding is not None
    if is_hosts_own or not container.carrier_set().needs_address:
        return running(container, home=home)
    if home is None:
        raise UnavailableError(
            f"Provider {container.settings().provider} has to reach this program over the internet: give a home, "
            "the state folder of the listeners"
        )
    return _listening(container, home)


@asynccontextmanager
async def _listening(container: Container, home: Path) -> AsyncIterator[Phone]:
    from voice_entrypoints.http.serve import open_gateway

    async with open_gateway(container, settings=container.settings(), home=home) as (phone, _):
        yield phone


def _settings(
    settings: Settings | Mapping[str, Any] | None, home: Path | None, environ: Mapping[str, str]
) -> Settings:
    if isinstance(settings, Settings):
        return settings
    document = dict(settings or {})
    if home is None:
        document = {"recording": {"enabled": False}, **document}
    files = secret_files(Path.cwd(), environ)
    return read_settings(document, environ, files, installed=installed_names).require()


def _responder(responder: Responder | ReplyFunction) -> Responder:
    if hasattr(responder, "reply"):
        return cast("Responder", responder)
    return CallableResponder(responder)

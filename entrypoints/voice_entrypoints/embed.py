"""A telephone inside another program: no listeners, no configuration file, every adapter replaceable."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, cast

import anyio
from anyio.abc import TaskStatus
from dependency_injector import providers

from voice_adapters.responders.callable import CallableResponder, ReplyFunction
from voice_adapters.runtime.recovery import Recovery
from voice_adapters.stores.lock import StateLock
from voice_adapters.stores.memory import MemoryStore
from voice_adapters.stores.pairing_file import PairingMemory
from voice_contracts.settings import Settings
from voice_contracts.settings_reading import read_settings
from voice_domain.ports.carrier import Carrier, SelfDriven
from voice_domain.ports.clock import Clock
from voice_domain.ports.event_store import CallHistory, EventStore
from voice_domain.ports.responder import Responder
from voice_domain.ports.synthesizer import Synthesizer
from voice_domain.ports.transcriber import Transcriber
from voice_entrypoints.container import Container
from voice_entrypoints.phone import Phone
from voice_entrypoints.public_address import NoPublicAddressError
from voice_entrypoints.settings_source import secret_files

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
    `Responder`. *environ* is where keys that the document leaves out, and references to secrets, are looked up.

    Raises:
        InvalidSettingsError: if the settings are wrong; every problem is named.
        AlreadyRunningError: if another process uses the state folder.
        StoreError: if calls cannot be kept there.
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
    async with running(container, home=home) as phone:
        yield phone


@asynccontextmanager
async def running(container: Container, *, home: Path | None) -> AsyncIterator[Phone]:
    """Enter the lifetimes of a container's objects in order, and leave them in reverse.

    Raises:
        AlreadyRunningError: if another process uses the state folder *home*.
        NoPublicAddressError: if the carrier has no way to reach us.
        StoreError: if calls cannot be kept there.
    """
    failure: Exception | None = None
    async with AsyncExitStack() as stack:
        if home is not None:
            stack.enter_context(StateLock(home))
        store = container.store()
        if isinstance(store, AbstractAsyncContextManager):
            await stack.enter_async_context(store)
        _check_reachable(container)
        stack.push_async_callback(_finished, container.shared_http().close)
        tasks = await stack.enter_async_context(anyio.create_task_group())
        leaving = anyio.Event()
        stack.callback(leaving.set)
        await tasks.start(_keep_calls, container, leaving)
        recovery = Recovery(
            store=store, calls=container.calls(), carrier=container.carrier(), clock=container.clock()
        )
        try:
            await recovery()
            yield container.phone()
        except Exception as error:  # noqa: BLE001 - raised again below, not wrapped by the task groups in between
            failure = error
    if failure is not None:
        raise failure


async def _keep_calls(
    container: Container, leaving: anyio.Event, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
) -> None:
    """Let calls live until *leaving* is set, then hang up.

    In a task of its own and shielded, because a host that is cancelled must hang up too: it would leave calls behind
    that cost money and are known to nobody.
    """
    carrier = container.carrier()
    with anyio.CancelScope(shield=True):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(container.pacer().run)
            async with container.calls().running():
                if hasattr(carrier, "run"):  # the role SelfDriven
                    tasks.start_soon(cast("SelfDriven", carrier).run, container.exchange())
                task_status.started()
                await leaving.wait()
            tasks.cancel_scope.cancel()


async def _finished(close: Callable[[], Awaitable[None]]) -> None:
    with anyio.CancelScope(shield=True):
        await close()


def _check_reachable(container: Container) -> None:
    if container.carrier.last_overriding is not None:
        return  # a host's own carrier knows how it is reached
    if container.carrier_set().needs_address and not container.address().known:
        raise NoPublicAddressError(container.carrier().name, "it has no public address")


def _settings(
    settings: Settings | Mapping[str, Any] | None, home: Path | None, environ: Mapping[str, str]
) -> Settings:
    if isinstance(settings, Settings):
        return settings
    document = dict(settings or {})
    if home is None:
        document = {"recording": {"enabled": False}, **document}
    return read_settings(document, environ, secret_files(Path.cwd(), environ)).require()


def _responder(responder: Responder | ReplyFunction) -> Responder:
    if hasattr(responder, "reply"):
        return cast("Responder", responder)
    return CallableResponder(responder)

"""The lifetimes of a container's objects: what is entered and left, in which order."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

import anyio
from anyio.abc import TaskStatus

from voice_adapters.runtime.recovery import Recovery
from voice_adapters.runtime.retention import Retention
from voice_adapters.stores.lock import StateLock
from voice_domain.ports.carrier import SelfDriven
from voice_domain.ports.event_store import CallEraser
from voice_entrypoints.container import Container
from voice_entrypoints.phone import Phone

__all__ = ("running",)


@asynccontextmanager
async def running(
    container: Container,
    *,
    home: Path | None,
    reached: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
) -> AsyncIterator[Phone]:
    """Enter the lifetimes of a container's objects in order, and leave them in reverse.

    *reached* is entered before anything needs the public address, and left when the last call has been hung up.

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
        stack.push_async_callback(_finished, container.shared_http().close)
        await stack.enter_async_context(reached())
        _check_reachable(container)
        tasks = await stack.enter_async_context(anyio.create_task_group())
        leaving = anyio.Event()
        stack.callback(leaving.set)
        await tasks.start(_keep_calls, container, leaving)
        recovery = Recovery(
            store=store, calls=container.calls(), carrier=container.carrier(), clock=container.clock()
        )
        try:
            await recovery.begin()
            if len(container.calls().undecided):
                # A carrier that does not answer about one call keeps no other waiting.
                tasks.start_soon(_until, leaving, recovery.run)
            days = container.settings().retention.days
            if home is not None and days is not None and hasattr(store, "erase"):
                retention = Retention(
                    store=cast("CallEraser", store),
                    clock=container.clock(),
                    days=days,
                    recordings=home / "recordings",
                )
                tasks.start_soon(_until, leaving, retention.run)
            reporter = container.reporter()
            if reporter is not None:
                tasks.start_soon(_until, leaving, reporter.run)
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


async def _until(leaving: anyio.Event, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do *work* until it is done, or *leaving* is set."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_cancel_when, leaving, tasks.cancel_scope)
        await work()
        tasks.cancel_scope.cancel()


async def _cancel_when(leaving: anyio.Event, scope: anyio.CancelScope) -> None:
    await leaving.wait()
    scope.cancel()


async def _finished(close: Callable[[], Awaitable[None]]) -> None:
    with anyio.CancelScope(shield=True):
        await close()


def _check_reachable(container: Container) -> None:
    if container.carrier.last_overriding is not None:
        return  # a host's own carrier knows how it is reached
    if container.carrier_set().needs_address:
        container.address().webhook_url()  # raises, in the words that the carrier's users know

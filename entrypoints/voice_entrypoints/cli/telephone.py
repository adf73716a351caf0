"""Where a call of the command line lives: in the gateway that runs, or in this process."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from voice_domain.refusals import CallNotFoundError

if TYPE_CHECKING:  # the whole runtime hangs on it, and a page of help needs none of that
    from voice_entrypoints.phone import Phone
    from voice_entrypoints.rpc.api import CallUpdate

__all__ = ("OwnTelephone", "Telephone", "WantedCall")


@attrs.frozen(kw_only=True)
class WantedCall:
    """A call to place."""

    message: str
    to: str | None = None
    """As written; None for `toNumber`."""
    mode: str | None = None
    """None for `outbound.defaultMode`."""


class Telephone(Protocol):
    """Places a call, tells of it, ends it. Every method raises `VoiceError`s only."""

    async def place(self, wanted: WantedCall) -> str:
        """Place a call and return its id once the carrier took it."""
        ...

    async def end(self, call_id: str) -> None:
        """Hang up."""
        ...

    async def record(self, call_id: str) -> dict[str, Any]:
        """Return the record of a call as JSON."""
        ...

    def events(self) -> AbstractAsyncContextManager[AsyncIterator[dict[str, Any]]]:
        """Give the events of all calls, as on the wire, from entering on; ends early for a slow reader."""
        ...


@attrs.frozen
class OwnTelephone:
    """A phone in this process."""

    phone: "Phone"

    async def place(self, wanted: WantedCall) -> str:
        """Place a call; see the role."""
        call = await self.phone.call(to=wanted.to, message=wanted.message, mode=wanted.mode)
        return str(call.call_id)

    async def end(self, call_id: str) -> None:
        """Hang up; see the role."""
        await self.phone.end(call_id)

    async def record(self, call_id: str) -> dict[str, Any]:
        """Return the record of a call; see the role."""
        from voice_contracts.status import record_of

        call = await self.phone.status(call_id)
        if call is None:
            raise CallNotFoundError(call_id)
        return record_of(call)

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Give the events of all calls; see the role."""
        async with self.phone.subscribe() as updates, aclosing(_shaped(updates)) as events:
            yield events


async def _shaped(updates: "AsyncIterator[CallUpdate]") -> AsyncGenerator[dict[str, Any], None]:
    from voice_contracts.event_shapes import event_object

    async for update in updates:
        yield event_object(update.sequence, update.call, update.event)

"""Whom the MCP server asks: the gateway that runs on the state folder, or a phone of this process."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import attrs

from voice_contracts.event_shapes import event_object
from voice_contracts.settings import Settings
from voice_domain.ports.switchboard import UnavailableError
from voice_entrypoints.rpc.api import CallUpdate, PhoneApi
from voice_entrypoints.rpc.client import open_client
from voice_entrypoints.rpc.jsonrpc import Handler
from voice_entrypoints.rpc.token_file import token_path

__all__ = ("Desk", "GatewayDesk", "OwnDesk")

_SHORT_SECONDS: Final = 5.0
_PLACING_SECONDS: Final = 40.0
_LISTENING_GRACE_SECONDS: Final = 40.0


class Desk(Protocol):
    """Takes wishes by the names of JSON-RPC's methods, and tells what happens in calls."""

    async def ask(self, method: str, params: Mapping[str, Any]) -> Any:
        """Return the result of *method*.

        Raises:
            VoiceError: where JSON-RPC answers with an error, and if nobody can be asked.
        """
        ...

    def events(self) -> AbstractAsyncContextManager[AsyncIterator[Mapping[str, Any]]]:
        """Give what happens from now on, as the params of `voicecall.event`; ends when it cannot be told any more.

        Raises:
            VoiceError: if nobody can be asked.
        """
        ...


@attrs.frozen
class GatewayDesk(Desk):
    """Asks whichever gateway runs at the moment: it may start, stop and start again while an agent lives."""

    home: Path
    settings: Settings

    async def ask(self, method: str, params: Mapping[str, Any]) -> Any:
        """Ask the gateway; see the role."""
        async with open_client(self.home, self._token_file) as client:
            return await client.call(method, params, timeout_seconds=self._seconds(method))

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[Mapping[str, Any]]]:
        """Subscribe at the gateway; see the role."""
        async with open_client(self.home, self._token_file) as client, client.subscribe() as events:
            yield events

    @property
    def _token_file(self) -> Path:
        return token_path(self.home, self.settings.api.token_file)

    def _seconds(self, method: str) -> float:
        if method == "voicecall.continue":
            return self.settings.transcript_timeout_ms / 1000 + _LISTENING_GRACE_SECONDS
        if method in ("voicecall.initiate", "voicecall.start"):
            return max(_PLACING_SECONDS, self.settings.ring_timeout_ms / 1000 + 10)
        return _SHORT_SECONDS


@attrs.frozen
class OwnDesk(Desk):
    """Asks the phone of this process."""

    handlers: Mapping[str, Handler]
    phone: PhoneApi

    async def ask(self, method: str, params: Mapping[str, Any]) -> Any:
        """Ask the phone; see the role."""
        return await self.handlers[method](dict(params), _Nobody())

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[Mapping[str, Any]]]:
        """Subscribe at the phone; see the role."""
        async with self.phone.subscribe() as updates, aclosing(_shaped(updates)) as events:
            yield events


async def _shaped(updates: AsyncIterator[CallUpdate]) -> AsyncGenerator[Mapping[str, Any], None]:
    async for update in updates:
        yield event_object(update.sequence, update.call, update.event)


class _Nobody:
    """A caller whose connection carries no notifications of JSON-RPC."""

    async def subscribe(self, call_id: str | None) -> None:
        del call_id
        raise UnavailableError("MCP carries events as resources; subscribe to voicecall://calls")

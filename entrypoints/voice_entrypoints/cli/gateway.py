"""The running gateway, as far as the command line is concerned."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import attrs

from voice_contracts.settings import Settings
from voice_domain.refusals import CallNotFoundError
from voice_entrypoints.cli.surroundings import Surroundings
from voice_entrypoints.cli.telephone import WantedCall
from voice_entrypoints.rpc.discovery import find_gateway
from voice_entrypoints.rpc.listening_gateway import find_listening_gateway, listens

if TYPE_CHECKING:  # its HTTP client takes longer to import than most commands to run
    from voice_entrypoints.rpc.client import GatewayClient

__all__ = ("GatewayTelephone", "gateway_if_any", "listening_seconds", "required_gateway")

_PLACING_SECONDS: Final = 30.0
_RINGING_GRACE_SECONDS: Final = 10.0
_LISTENING_GRACE_SECONDS: Final = 40.0
_TOO_SLOW: Final = 1013  # IANA registry of WebSocket close codes: try again later


@asynccontextmanager
async def gateway_if_any(around: Surroundings) -> AsyncIterator["GatewayClient | None"]:
    """Give a client of the gateway that runs on the state folder; None where none does, or it does not listen.

    Raises:
        TokenFileError: if it runs and its token cannot be read.
    """
    if await find_listening_gateway(around.home) is None:
        yield None
        return
    async with _client(around) as client:
        yield client


@asynccontextmanager
async def required_gateway(around: Surroundings) -> AsyncIterator["GatewayClient"]:
    """Give a client of the gateway that runs on the state folder.

    Raises:
        GatewayUnreachableError: if none runs, or it does not listen; it names the remedy.
        TokenFileError: if its token cannot be read.
    """
    from voice_entrypoints.rpc.client import GatewayUnreachableError

    gateway = find_gateway(around.home)
    if gateway is not None and not await listens(gateway):
        raise GatewayUnreachableError(f"process {gateway.pid} does not listen on {gateway.api_url}")
    async with _client(around) as client:
        yield client


def _client(around: Surroundings) -> "AbstractAsyncContextManager[GatewayClient]":
    from voice_entrypoints.rpc.client import open_client
    from voice_entrypoints.rpc.token_file import token_path

    return open_client(around.home, token_path(around.home, around.settings.api.token_file))


def listening_seconds(settings: Settings) -> float:
    """Return how long a `continue` may take: our speech, and then the counterpart's patience."""
    return settings.transcript_timeout_ms / 1000 + _LISTENING_GRACE_SECONDS


@attrs.frozen
class GatewayTelephone:
    """The gateway's phone; plays the role `Telephone`."""

    client: "GatewayClient"
    settings: Settings

    async def place(self, wanted: WantedCall) -> str:
        """Place a call; see the role."""
        ringing = self.settings.ring_timeout_ms / 1000 + _RINGING_GRACE_SECONDS
        result = await self.client.call(
            "voicecall.initiate",
            {"message": wanted.message, "to": wanted.to, "mode": wanted.mode},
            timeout_seconds=max(_PLACING_SECONDS, ringing),
        )
        return str(result["callId"])

    async def end(self, call_id: str) -> None:
        """Hang up; see the role."""
        await self.client.call("voicecall.end", {"callId": call_id})

    async def record(self, call_id: str) -> dict[str, Any]:
        """Return the record of a call; see the role."""
        result = await self.client.call("voicecall.status", {"callId": call_id})
        if not result["found"]:
            raise CallNotFoundError(call_id)
        return dict(result["call"])

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Give the events of all calls; see the role."""
        async with self.client.subscribe() as updates, aclosing(_while_read(updates)) as events:
            yield events


async def _while_read(updates: AsyncIterator[dict[str, Any]]) -> AsyncGenerator[dict[str, Any], None]:
    from voice_entrypoints.rpc.websocket_client import SocketClosedError

    try:
        async for update in updates:
            yield update
    except SocketClosedError as closed:
        if closed.close_code != _TOO_SLOW:
            raise

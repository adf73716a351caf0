"""The client of a running gateway on this machine: found by its discovery file, let in by its token."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Final

import httpx

from voice_contracts.errors import RemoteError
from voice_contracts.event_shapes import EVENT_METHOD
from voice_contracts.secret import Secret
from voice_domain.errors import VoiceError
from voice_entrypoints.rpc.discovery import FILE_NAME, Gateway, find_gateway, read_gateway
from voice_entrypoints.rpc.json_text import NotJsonError, json_line, read_json
from voice_entrypoints.rpc.token_file import read_token
from voice_entrypoints.rpc.websocket_client import (
    SocketClosedError,
    SocketRefusedError,
    WebSocketClient,
    open_websocket,
)

__all__ = (
    "GatewayClient",
    "GatewayTimeoutError",
    "GatewayUnreachableError",
    "TokenRefusedError",
    "open_client",
    "open_gateway_socket",
)

_CONNECT_SECONDS: Final = 2.0
_DEFAULT_SECONDS: Final = 5.0


class GatewayUnreachableError(VoiceError):
    """No gateway runs, or the one that is said to run does not answer."""

    kind: ClassVar[str] = "gateway_unreachable"

    def __init__(self, problem: str) -> None:
        super().__init__(f"No gateway is reachable: {problem}; start one with `voicecall serve`")


class TokenRefusedError(VoiceError):
    """The gateway does not take the token."""

    kind: ClassVar[str] = "unauthorized"

    def __init__(self, path: Path) -> None:
        super().__init__(f"The gateway refused the token in {path}; use the file that it was started with")
        self.path = path


class GatewayTimeoutError(VoiceError):
    """The gateway took the request and did not answer in time; it may still do what was asked."""

    kind: ClassVar[str] = "timeout"

    def __init__(self, method: str, seconds: float) -> None:
        super().__init__(
            f"The gateway did not answer {method} within {seconds:g} seconds; ask for the status"
        )
        self.method = method


class GatewayClient:
    """Calls methods of one gateway."""

    def __init__(self, gateway: Gateway, token: Secret, token_file: Path, http: httpx.AsyncClient) -> None:
        self._gateway = gateway
        self._token = token
        self._token_file = token_file
        self._http = http
        self._ids = count(1)

    @property
    def gateway(self) -> Gateway:
        """The gateway that it talks to."""
        return self._gateway

    async def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout_seconds: float = _DEFAULT_SECONDS,
    ) -> Any:
        """Return the result of *method*; parameters that are None are left out.

        Raises:
            RemoteError: if the gateway answered with an error; it keeps the gateway's kind.
            GatewayUnreachableError, TokenRefusedError, GatewayTimeoutError: if it did not answer.
        """
        given = {name: value for name, value in (params or {}).items() if value is not None}
        request = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": given}
        timeout = httpx.Timeout(timeout_seconds, connect=_CONNECT_SECONDS)
        try:
            response = await self._http.post(
                f"{self._gateway.api_url}/rpc",
                content=json_line(request),
                headers={
                    "Content-Type": "application/json",
                    "Authorization": f"Bearer {self._token.reveal()}",
                },
                timeout=timeout,
            )
        except httpx.ConnectTimeout as error:
            raise GatewayUnreachableError(f"{self._gateway.api_url} does not answer") from error
        except httpx.TimeoutException as error:
            raise GatewayTimeoutError(method, timeout_seconds) from error
        except httpx.TransportError as error:
            raise self._gone() from error
        return self._result(response)

    @asynccontextmanager
    async def subscribe(self, call_id: str | None = None) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Give the events of one call, or of all, from now on; they are the params of `voicecall.event`.

        Raises:
            RemoteError: if there is no such call.
            GatewayUnreachableError, TokenRefusedError: if the gateway cannot be asked.
            SocketClosedError: while iterating, if the gateway stops or gives us up for being too slow.
        """
        async with open_gateway_socket(self._gateway, self._token, self._token_file) as socket:
            params = {} if call_id is None else {"callId": call_id}
            request = {"jsonrpc": "2.0", "id": 0, "method": "voicecall.subscribe", "params": params}
            await socket.send(json_line(request))
            early: list[dict[str, Any]] = []
            while (message := read_json(await socket.receive())).get("id") != 0:
                early.append(message)
            if "error" in message:
                raise _remote(message["error"])
            yield _events(early, socket)

    def _result(self, response: httpx.Response) -> Any:
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise TokenRefusedError(self._token_file)
        try:
            answer = read_json(response.content)
            if "error" in answer:
                raise _remote(answer["error"])
            return answer["result"]
        except (NotJsonError, TypeError, KeyError, AttributeError) as error:
            problem = f"{self._gateway.api_url} answers with status {response.status_code} like no gateway"
            raise GatewayUnreachableError(problem) from error

    def _gone(self) -> GatewayUnreachableError:
        return GatewayUnreachableError(
            f"process {self._gateway.pid} of {FILE_NAME} does not listen on {self._gateway.api_url}"
        )


@asynccontextmanager
async def open_client(home: Path, token_file: Path) -> AsyncIterator[GatewayClient]:
    """Give a client of the gateway that runs on the state folder *home*.

    Raises:
        GatewayUnreachableError: if none runs, as far as the discovery file and the operating system tell.
        TokenFileError: if the token cannot be read.
    """
    gateway = find_gateway(home)
    if gateway is None:
        stale = read_gateway(home)
        if stale is None:
            raise GatewayUnreachableError(f"there is no {FILE_NAME} in {home}")
        raise GatewayUnreachableError(f"{home / FILE_NAME} is stale, process {stale.pid} has ended")
    token = read_token(token_file)
    # Proxies of the environment are for the internet; this is our own machine.
    async with httpx.AsyncClient(trust_env=False) as http:
        yield GatewayClient(gateway, token, token_file, http)


@asynccontextmanager
async def open_gateway_socket(
    gateway: Gateway, token: Secret, token_file: Path
) -> AsyncIterator[WebSocketClient]:
    """Give a WebSocket to a gateway's `/rpc`.

    Raises:
        GatewayUnreachableError: if nobody listens there, or not a gateway.
        TokenRefusedError: if the gateway does not take the token.
    """
    url = f"{gateway.api_url}/rpc".replace("http://", "ws://", 1)
    opened = False
    try:
        async with open_websocket(url, headers=(("Authorization", f"Bearer {token.reveal()}"),)) as socket:
            opened = True
            yield socket
    except SocketRefusedError as error:
        if error.http_status == httpx.codes.UNAUTHORIZED:
            raise TokenRefusedError(token_file) from error
        raise GatewayUnreachableError(f"{gateway.api_url} refused with status {error.http_status}") from error
    except (OSError, SocketClosedError) as error:
        if opened:
            raise
        raise GatewayUnreachableError(f"{gateway.api_url} does not answer") from error


async def _events(early: list[dict[str, Any]], socket: WebSocketClient) -> AsyncIterator[dict[str, Any]]:
    for message in early:
        if message.get("method") == EVENT_METHOD:
            yield message["params"]
    async for text in socket:
        message = read_json(text)
        if message.get("method") == EVENT_METHOD:
            yield message["params"]


def _remote(error: dict[str, Any]) -> RemoteError:
    data = error.get("data") or {"kind": error.get("kind", "error")}
    return RemoteError(int(error.get("code", -32000)), str(error.get("message", "")), data)

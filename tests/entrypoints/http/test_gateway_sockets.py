"""Both listeners on real sockets, and the client that finds them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import attrs
import httpx
import pytest
from support.memory_phone import MemoryPhone

from voice_adapters.carriers.mock.webhooks import MockWebhooks
from voice_adapters.clock import SystemClock
from voice_contracts.errors import RemoteError
from voice_contracts.settings import Settings
from voice_contracts.settings_listeners import ApiSettings, ServeSettings
from voice_domain.call import Call
from voice_domain.ports.carrier import CarrierSignal
from voice_entrypoints.http.gateway import GatewayParts, running_gateway
from voice_entrypoints.http.metrics import Metrics
from voice_entrypoints.http.server import PortBusyError, bind_socket
from voice_entrypoints.rpc.client import (
    GatewayClient,
    GatewayTimeoutError,
    GatewayUnreachableError,
    TokenRefusedError,
    open_client,
    open_gateway_socket,
)
from voice_entrypoints.rpc.discovery import FILE_NAME, Gateway, find_gateway, publish_gateway
from voice_entrypoints.rpc.token_file import read_token
from voice_entrypoints.rpc.websocket_client import (
    SocketClosedError,
    SocketRefusedError,
    WebSocketClient,
    open_websocket,
)

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.real_time,
    pytest.mark.asyncio_only("the HTTP server runs on asyncio"),
]


@attrs.define
class _House:
    home: Path
    phone: MemoryPhone = attrs.field(factory=MemoryPhone)
    taken: list[CarrierSignal] = attrs.field(factory=list)

    async def receive(self, signals: tuple[CarrierSignal, ...]) -> Call | None:
        self.taken += signals
        return None

    @property
    def token_file(self) -> Path:
        return self.home / "api-token"

    @asynccontextmanager
    async def gateway(self, settings: Settings | None = None) -> AsyncIterator[Gateway]:
        parts = GatewayParts(
            settings=settings or Settings(serve=ServeSettings(port=0), api=ApiSettings(port=0)),
            home=self.home,
            api=self.phone,
            reader=MockWebhooks(SystemClock()),
            receive_signals=self.receive,
            metrics=Metrics(self.phone.live),
        )
        with anyio.fail_after(60):
            async with running_gateway(parts) as gateway:
                yield gateway

    @asynccontextmanager
    async def client(self) -> AsyncIterator[GatewayClient]:
        async with open_client(self.home, self.token_file) as client:
            yield client

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {read_token(self.token_file).reveal()}"}


@pytest.fixture
def house(tmp_path: Path) -> _House:
    return _House(tmp_path)


def plain() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False)


async def _closed(wire: WebSocketClient) -> SocketClosedError:
    try:
        while True:
            await wire.receive()
    except SocketClosedError as closed:
        return closed


async def test_a_client_finds_the_gateway_and_places_a_call(house: _House) -> None:
    async with house.gateway() as gateway:
        assert find_gateway(house.home) == gateway
        async with house.client() as client:
            placed = await client.call("voicecall.initiate", {"message": "Hi", "to": None})
            status = await client.call("voicecall.status", {"callId": placed["callId"]})

    assert status["call"]["state"] == "initiated"
    assert not (house.home / FILE_NAME).exists()


async def test_a_refusal_keeps_its_kind_on_the_way_to_the_client(house: _House) -> None:
    async with house.gateway(), house.client() as client:
        with pytest.raises(RemoteError, match="Call not found: no") as caught:
            await client.call("voicecall.end", {"callId": "no"})

    assert caught.value.remote_kind == "call_not_found"


async def test_a_gateway_that_takes_too_long_is_told_from_one_that_is_gone(house: _House) -> None:
    async with house.gateway(), house.client() as client:
        await client.call("voicecall.initiate", {"message": "Hi", "mode": "conversation"})
        house.phone.answer("call-1")
        with pytest.raises(GatewayTimeoutError, match=r"voicecall\.continue within 0\.05 seconds"):
            await client.call(
                "voicecall.continue", {"callId": "call-1", "message": "So?"}, timeout_seconds=0.05
            )


async def test_without_a_gateway_the_client_says_how_to_start_one(house: _House) -> None:
    with pytest.raises(GatewayUnreachableError, match="voicecall serve"):
        async with house.client():
            pass


async def test_a_discovery_file_whose_gateway_does_not_listen_is_unreachable(house: _House) -> None:
    with bind_socket("api", "127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    async with house.gateway() as gateway:
        publish_gateway(house.home, attrs.evolve(gateway, api_url=f"http://127.0.0.1:{port}"))
        async with house.client() as client:
            with pytest.raises(GatewayUnreachableError, match="does not listen"):
                await client.call("voicecall.status")
            with pytest.raises(GatewayUnreachableError, match="does not answer"):
                async with client.subscribe():
                    pass


async def test_a_wrong_token_names_the_file(house: _House) -> None:
    async with house.gateway():
        wrong = house.home / "wrong"
        wrong.write_text("w" * 43)
        wrong.chmod(0o600)
        async with open_client(house.home, wrong) as client:
            with pytest.raises(TokenRefusedError, match="wrong"):
                await client.call("voicecall.status")
            with pytest.raises(TokenRefusedError, match="wrong"):
                async with client.subscribe():
                    pass


async def test_the_client_hears_events_as_they_happen(house: _House) -> None:
    async with house.gateway(), house.client() as client, client.subscribe() as events:
        await client.call("voicecall.initiate", {"message": "Hi"})
        first = await anext(aiter(events))

    assert (first["type"], first["callId"]) == ("call.initiated", "call-1")


async def test_subscribing_to_an_unknown_call_is_the_gateways_error(house: _House) -> None:
    async with house.gateway(), house.client() as client:
        with pytest.raises(RemoteError, match="Call not found: no"):
            async with client.subscribe("no"):
                pass


async def test_a_socket_answers_garbage_in_text_and_binary_and_stays_open(house: _House) -> None:
    async with house.gateway() as gateway:
        token = read_token(house.token_file)
        async with open_gateway_socket(gateway, token, house.token_file) as wire:
            await wire.send("{")
            garbage = json.loads(await wire.receive())
            await wire.send('{"jsonrpc":"2.0","id":1,"method":"voicecall.status"}')
            answer = json.loads(await wire.receive())

    assert garbage["error"]["code"] == -32700
    assert answer["result"] == {"calls": []}


async def test_a_socket_without_the_token_is_refused_with_401_and_a_sentence(house: _House) -> None:
    async with house.gateway() as gateway:
        url = gateway.api_url.replace("http", "ws") + "/rpc"
        with pytest.raises(SocketRefusedError) as caught:
            async with open_websocket(url):
                pass

    assert caught.value.http_status == 401
    assert b"api-token" in caught.value.body


async def test_a_message_of_more_than_a_mebibyte_closes_the_socket(house: _House) -> None:
    async with house.gateway() as gateway:
        token = read_token(house.token_file)
        async with open_gateway_socket(gateway, token, house.token_file) as wire:
            await wire.send('"' + "x" * (1 << 20) + '"')
            closed = await _closed(wire)

    # Cut off while it still writes, a client may not get to read why.
    assert closed.close_code in (1009, 1006)


async def test_a_client_that_does_not_read_its_events_is_told_and_let_go(house: _House) -> None:
    house.phone.backlog = 3
    async with house.gateway() as gateway:
        token = read_token(house.token_file)
        async with open_gateway_socket(gateway, token, house.token_file) as wire:
            await wire.send('{"jsonrpc":"2.0","id":1,"method":"voicecall.subscribe"}')
            await wire.receive()
            # More than the phone keeps for one subscriber, in one turn of the event loop.
            for _ in range(20):
                await house.phone.call(to=None, message="Hi")
            closed = await _closed(wire)

    assert closed.close_code == 1013
    assert "reads too slowly" in closed.reason


async def test_stopping_closes_sockets_and_streams_soon_and_leaves_nothing(house: _House) -> None:
    started = anyio.current_time()
    closed: list[SocketClosedError] = []
    lines: list[str] = []
    async with anyio.create_task_group() as tasks, house.gateway() as gateway:
        ready = [anyio.Event(), anyio.Event()]

        async def listen(headers: dict[str, str], url: str, begun: anyio.Event) -> None:
            async with plain() as http, http.stream("GET", f"{url}/events", headers=headers) as response:
                begun.set()
                lines.extend([line async for line in response.aiter_lines()])

        async def hold(begun: anyio.Event) -> None:
            token = read_token(house.token_file)
            try:
                async with open_gateway_socket(gateway, token, house.token_file) as wire:
                    begun.set()
                    await wire.receive()
            except SocketClosedError as error:
                closed.append(error)

        tasks.start_soon(listen, house.headers(), gateway.api_url, ready[0])
        tasks.start_soon(hold, ready[1])
        for begun in ready:
            await begun.wait()

    assert lines[0] == ": connected"
    assert closed[0].close_code in (1001, 1012)
    assert anyio.current_time() - started < 3
    assert house.phone.subscribers == 0


async def test_events_reach_a_browsers_own_reader(house: _House) -> None:
    async with (
        house.gateway() as gateway,
        plain() as http,
        http.stream("GET", f"{gateway.api_url}/events", headers=house.headers()) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.aiter_lines()
        assert await anext(lines) == ": connected"
        await house.phone.call(to=None, message="Hi")
        seen = [await anext(lines) for _ in range(4)]

    assert seen[1:3] == ["id: 1", "event: voicecall.event"]
    assert json.loads(seen[3].removeprefix("data: "))["params"]["callId"] == "call-1"


async def test_http_answers_over_the_wire_are_those_of_the_product(house: _House) -> None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "rpc.discover"}
    async with house.gateway() as gateway, plain() as http:
        url, headers = f"{gateway.api_url}/rpc", house.headers()
        discovered = await http.post(url, json=request, headers=headers)
        nobody = await http.post(url, json=request)
        foreign = await http.post(url, json=request, headers=headers | {"Origin": "https://evil.example"})
        rebound = await http.post(url, json=request, headers=headers | {"Host": "evil.example"})
        large = await http.post(url, content=b"x" * ((1 << 20) + 1), headers=headers)
        read = await http.get(url, headers=headers)
        health = await http.get(f"{gateway.api_url}/healthz")

    statuses = [reply.status_code for reply in (discovered, nobody, foreign, rebound, large, read, health)]
    assert statuses == [200, 401, 403, 403, 413, 405, 200]
    assert discovered.json()["result"]["openrpc"].startswith("1.")
    assert "server" not in discovered.headers


async def test_a_webhook_reaches_the_phone_once_and_the_public_listener_has_nothing_else(
    house: _House,
) -> None:
    event = {"event": {"type": "call.ringing", "callId": "call-1"}}
    async with house.gateway() as gateway, plain() as http:
        first = await http.post(gateway.webhook_url, json=event)
        again = await http.post(gateway.webhook_url, json=event)
        large = await http.post(gateway.webhook_url, content=b"x" * 65_537)
        root = gateway.webhook_url.removesuffix("/voice/webhook")
        others = [await http.get(f"{root}{path}") for path in ("/rpc", "/healthz", "/metrics", "/")]
        counted = (await http.get(f"{gateway.api_url}/metrics", headers=house.headers())).text

    assert (first.status_code, again.status_code, large.status_code) == (200, 200, 413)
    assert len(house.taken) == 1
    assert [reply.status_code for reply in others] == [404] * 4
    assert 'voicecall_webhook_verdicts_total{verdict="replay"} 1.0' in counted


async def test_a_busy_port_is_named(house: _House) -> None:
    async with house.gateway() as gateway:
        port = int(gateway.api_url.rpartition(":")[2])
        other = _House(house.home)
        taken = Settings(serve=ServeSettings(port=0), api=ApiSettings(port=port))
        with pytest.raises(PortBusyError, match=f"Port {port} is in use") as caught:
            async with other.gateway(taken):
                pass
        assert find_gateway(house.home) == gateway
    assert caught.value.pid is None  # no program of ours: a host


async def test_an_address_of_another_machine_is_refused_in_one_sentence() -> None:
    with pytest.raises(Exception, match=r"Cannot listen on 192\.0\.2\.1:0: .*set api\.bind"):
        bind_socket("api", "192.0.2.1", 0)


async def test_an_error_inside_leaves_as_itself(house: _House) -> None:
    with pytest.raises(ZeroDivisionError):
        async with house.gateway():
            raise ZeroDivisionError
    assert [file.name for file in house.home.iterdir()] == ["api-token"]

"""Requests of our own, on real sockets: to a gateway that runs, and to the doctor itself where none does."""

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from dependency_injector import providers
from support.doctors_room import HOOK, PUBLIC_HOST, Wires

from voice_contracts.secret import Secret
from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.twin import twilio_twin
from voice_domain.ports.webhook_reader import NotAuthenticError, WebhookRequest
from voice_entrypoints.container import Container
from voice_entrypoints.doctor.examination import examine, open_case
from voice_entrypoints.doctor.finding import Finding
from voice_entrypoints.http.self_probe import PROBE_HEADER, SelfProbe
from voice_entrypoints.http.serve import open_gateway

KEY = "sk-planted"
TWILIO: Mapping[str, Any] = {
    "provider": "twilio",
    "fromNumber": "+15550001234",
    "publicUrl": HOOK,
    "twilio": {"accountSid": TwilioAccount().sid, "authToken": TwilioAccount().token},
    "streaming": {"enabled": True, "providers": {"openai": {"apiKey": KEY}}},
    "tts": {"provider": "openai", "openai": {"apiKey": KEY}},
    "api": {"port": 0},
    "serve": {"port": 0},
}


class _Proxy(httpx.AsyncBaseTransport):
    """Passes on whatever comes to another origin, as a reverse proxy does."""

    def __init__(self, origin: str) -> None:
        self._origin = httpx.URL(origin)
        self._wire = httpx.AsyncHTTPTransport(verify=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        there = request.url.copy_with(scheme="http", host=self._origin.host, port=self._origin.port)
        passed = httpx.Request(request.method, there, headers=request.headers, content=await request.aread())
        answer = await self._wire.handle_async_request(passed)
        body = await httpx.Response(200, stream=answer.stream).aread()
        await self._wire.aclose()
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def looked_at(document: Mapping[str, Any], home: Path, behind: str) -> dict[str, Finding]:
    """Look as the command does, where *behind* is what the public name leads to."""
    settings = read_settings(document, {}).require()
    account = TwilioAccount(numbers={"+15550001234": NumberSettings(HOOK)})
    async with twilio_twin(account) as twin:
        container = Container(settings=settings, home=home)
        wires = {PUBLIC_HOST: _Proxy(behind), "api.twilio.com": twin.transport, "127.0.0.1": _Proxy(behind)}
        case = await open_case(settings, home, {}, container=container)
        if case.gateway is not None:
            wires["127.0.0.1"] = _Proxy(case.gateway.api_url)
        container.shared_http.override(providers.Object(Wires(wires)))

        async def resolve(_: str) -> tuple[str, ...]:
            return ("93.184.216.34",)

        return {finding.id: finding for finding in await examine(attrs.evolve(case, resolve=resolve))}


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("the HTTP server runs on asyncio")
async def test_a_gateway_that_runs_answers_for_itself(tmp_path: Path) -> None:
    settings = read_settings(TWILIO, {}).require()
    container = Container(settings=settings, home=tmp_path)
    async with open_gateway(container, settings=settings, home=tmp_path) as (phone, gateway):
        told = await looked_at(TWILIO, tmp_path, gateway.webhook_url)
        calls = phone.live()

    assert told["gateway"].message("en") == f"a gateway runs (process {gateway.pid}) and takes calls"
    assert told["webhook"].message("en").endswith(f"came through {HOOK} and was believed")
    assert (
        told["media-stream"].message("en")
        == "a WebSocket comes through to https://voice.example.com/voice/stream"
    )
    assert told["serve-port"].state == told["api-port"].state == told["callback-url"].state == "ok"
    assert list(calls) == []


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("the HTTP server runs on asyncio")
async def test_without_a_gateway_the_doctor_listens_itself_for_a_moment(tmp_path: Path) -> None:
    port = free_port()
    document = {**TWILIO, "serve": {"port": port}}

    told = await looked_at(document, tmp_path / "home", f"http://127.0.0.1:{port}")

    assert told["gateway"].state == "ok"
    assert told["webhook"].message("en").endswith("was believed")
    assert told["media-stream"].message("en").startswith("a WebSocket comes through")
    assert told["serve-port"].message("en") == f"port {port} is free"
    assert not (tmp_path / "home").exists()
    with socket.create_server(("127.0.0.1", port)):
        pass  # nobody listens there any more


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("the HTTP server runs on asyncio")
async def test_a_port_that_another_program_has_leaves_the_way_in_untried(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = await looked_at({**TWILIO, "serve": {"port": port}}, tmp_path, f"http://127.0.0.1:{port}")

    assert told["serve-port"].state == "failed"
    assert told["webhook"].state == told["media-stream"].state == "warning"


def request_with(header: str, body: bytes = b"a=1") -> WebhookRequest:
    return WebhookRequest(method="POST", urls=(HOOK,), query={}, headers={PROBE_HEADER: header}, body=body)


def refuses(_: WebhookRequest) -> str:
    raise NotAuthenticError("its signature fits none")


def test_only_who_knows_the_secret_is_answered_and_only_its_own_answer_is_believed() -> None:
    ours, others = SelfProbe(Secret("a" * 32)), SelfProbe(Secret("b" * 32))
    asked = ours.ask()
    answer = httpx.Response(200, content=ours.answer(request_with(asked), refuses)).json()

    read = ours.read(asked, answer, b"a=1")

    assert ours.recognises({PROBE_HEADER: asked})
    assert not ours.recognises({PROBE_HEADER: others.ask()})
    assert not ours.recognises({PROBE_HEADER: ""})
    assert read is not None
    assert (read.is_authentic, read.is_whole, read.tried) == (False, True, (HOOK,))
    assert read.problem == "its signature fits none"
    assert others.read(asked, answer, b"a=1") is None
    assert ours.read(ours.ask(), answer, b"a=1") is None
    assert ours.read(asked, {**answer, "problem": ""}, b"a=1") is None
    assert ours.read(asked, {}, b"a=1") is None

"""A real gateway with many calls at once: every one ends correctly, and nothing of them is left."""

from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from support.gateway import PATIENCE_SECONDS, GatewayProcess, started_gateway

pytestmark = [pytest.mark.anyio, pytest.mark.real_time]


class Client:
    """Asks a gateway over HTTP, as any program would."""

    def __init__(self, gateway: GatewayProcess, http: httpx.AsyncClient) -> None:
        self._gateway = gateway
        self._http = http

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        answer = await self._http.post(
            f"{self._gateway.api_url}/rpc",
            json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params},
            headers={"Authorization": f"Bearer {self._gateway.token}"},
        )
        body: dict[str, Any] = answer.json()
        return body

    async def metric(self, name: str) -> float:
        headers = {"Authorization": f"Bearer {self._gateway.token}"}
        page = (await self._http.get(f"{self._gateway.api_url}/metrics", headers=headers)).text
        return sum(float(line.rsplit(" ", 1)[1]) for line in page.splitlines() if line.startswith(name + "{"))


@pytest.mark.asyncio_only("one client is enough; the gateway is another process")
async def test_two_hundred_calls_at_once_end_correctly_and_leave_nothing(tmp_path: Path) -> None:
    settings = {
        "maxConcurrentCalls": 200,
        "recording": {"enabled": False},
        "mock": {
            "realtime": False,
            "script": [{"afterMs": 100, "say": "Yes"}, {"afterMs": 100, "hangUp": True}],
        },
    }
    with started_gateway(tmp_path / "home", settings) as gateway:
        limits = httpx.Limits(max_connections=20)
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, limits=limits) as http:
            client = Client(gateway, http)
            await client.ask("voicecall.status")
            before = len(gateway.files())
            answers: list[dict[str, Any]] = []

            async def place() -> None:
                answers.append(
                    await client.ask(
                        "voicecall.initiate", to="+15550005678", message="Hi.", mode="conversation"
                    )
                )

            async with anyio.create_task_group() as tasks:
                for _ in range(200):
                    tasks.start_soon(place)
            assert all("result" in answer for answer in answers), answers
            with anyio.fail_after(PATIENCE_SECONDS):
                while (await client.ask("voicecall.status"))["result"]["calls"]:  # noqa: ASYNC110 - another process
                    await anyio.sleep(0.2)
            history = (await client.ask("voicecall.history", limit=1000))["result"]["calls"]
            live = await client.metric("voicecall_calls")
        with anyio.move_on_after(PATIENCE_SECONDS):
            while len(gateway.files()) > before:  # noqa: ASYNC110 - another process closes our connections
                await anyio.sleep(0.1)
        after = len(gateway.files())
        outbox = gateway.rows("SELECT count(*) FROM outbox")

    assert len(history) == 200
    assert {call["state"] for call in history} == {"hangup-user"}
    assert {entry["text"] for call in history for entry in call["transcript"][:2]} == {"Hi.", "Yes"}
    assert live == 0
    assert outbox == [(0,)]
    assert after <= before
    assert "Traceback" not in (tmp_path / "home" / "stderr.txt").read_text()


@pytest.mark.asyncio_only("one client is enough; the gateway is another process")
async def test_twenty_parallel_requests_with_limit_three_dial_three(tmp_path: Path) -> None:
    with started_gateway(tmp_path / "home", {"maxConcurrentCalls": 3}) as gateway:
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as http:
            client = Client(gateway, http)
            answers: list[dict[str, Any]] = []

            async def place() -> None:
                answers.append(await client.ask("voicecall.initiate", to="+15550005678", message="Hi."))

            async with anyio.create_task_group() as tasks:
                for _ in range(20):
                    tasks.start_soon(place)
            history = (await client.ask("voicecall.history"))["result"]["calls"]

    refused = [answer["error"] for answer in answers if "error" in answer]
    assert len(answers) - len(refused) == 3
    assert {error["data"]["kind"] for error in refused} == {"limit_reached"}
    assert len(refused) == 17
    assert len(history) == 3

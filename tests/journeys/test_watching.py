"""Watching a real gateway: the WebSocket, server-sent events, metrics, and what the logs keep to themselves."""

import json
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any

import anyio
import httpx
import pytest
from support.gateway import started_gateway
from support.stranger import Api, Place

from voice_adapters.transports.websocket_client import WebSocketClient, open_websocket
from voice_adapters.transports.websocket_errors import WebSocketRefusedError

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.real_time,
    pytest.mark.asyncio_only("one client is enough; the gateway is another process"),
]

CALLEE, SAID, ANSWERED = "+15550005678", "A sentence that no log may hold", "Neither may it hold this answer"
SETTINGS = {
    "maxConcurrentCalls": 5,
    "logging": {"level": "debug"},
    "outbound": {"notifyHangupDelaySec": 0},
    "mock": {
        "ringMs": 1,
        "answerMs": 2,
        "realtime": False,
        "outcomes": {"+15559*": "busy"},
        "script": [{"say": ANSWERED}, {"press": "4711"}, {"hangUp": True}],
    },
}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with started_gateway(tmp_path_factory.mktemp("watching") / "home", SETTINGS) as gateway:
        yield Api(gateway)


def _address(api: Api) -> str:
    return api.gateway.api_url.replace("http://", "ws://") + "/rpc"


async def _asked(socket: WebSocketClient, method: str, request_id: int, **params: Any) -> None:
    request = {"jsonrpc": "2.0", "id": request_id, "method": f"voicecall.{method}", "params": params}
    await socket.send(json.dumps(request))


async def _received(socket: WebSocketClient) -> dict[str, Any]:
    with anyio.fail_after(60):
        message: dict[str, Any] = json.loads(await socket.receive())
        return message


async def test_a_websocket_takes_requests_and_tells_what_happens(api: Api) -> None:
    async with open_websocket(_address(api), headers=tuple(api.headers().items())) as socket:
        await socket.send("garbage")
        await socket.send(b"\xff\xfe")
        broken = [await _received(socket), await _received(socket)]
        await _asked(socket, "subscribe", 1)
        subscribed = await _received(socket)
        await _asked(socket, "initiate", 2, to=CALLEE, message=SAID, mode="conversation")
        messages = [await _received(socket)]
        while messages[-1].get("params", {}).get("type") != "call.ended":
            messages.append(await _received(socket))

    (placed,) = [message["result"] for message in messages if message.get("id") == 2]
    told = [message["params"] for message in messages if message.get("method") == "voicecall.event"]
    assert [answer["error"]["code"] for answer in broken] == [-32700, -32700]
    assert subscribed["result"] == {"subscribed": True}
    assert {event["callId"] for event in told} == {placed["callId"]}
    assert told[0]["type"] == "call.initiated"
    assert [event["sequence"] for event in told] == sorted({event["sequence"] for event in told})
    assert told[-1]["call"]["state"] == "hangup-user"
    record = api.record(placed["callId"])
    assert record["metadata"]["digits"] == "4711"
    assert [entry["text"] for entry in record["transcript"][:2]] == [SAID, ANSWERED]


async def test_one_call_can_be_watched_alone(api: Api) -> None:
    async with open_websocket(_address(api), headers=tuple(api.headers().items())) as socket:
        await _asked(socket, "subscribe", 1, callId="nobody")
        refused = await _received(socket)

    assert (refused["error"]["code"], refused["error"]["data"]["kind"]) == (-32001, "call_not_found")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ((), 401),
        ((("Authorization", "Bearer wrong"),), 401),
        ((("Origin", "https://evil.example"),), 403),
    ],
)
async def test_a_websocket_of_an_impostor_is_refused_in_the_handshake(
    api: Api, headers: tuple[tuple[str, str], ...], status: int
) -> None:
    with pytest.raises(WebSocketRefusedError) as refused:
        async with open_websocket(_address(api), headers=headers):
            pass

    assert refused.value.http_status == status


async def _events(response: httpx.Response) -> AsyncGenerator[dict[str, Any], None]:
    async for line in response.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


async def test_server_sent_events_tell_the_same(api: Api) -> None:
    told: list[dict[str, Any]] = []
    async with httpx.AsyncClient(timeout=20, trust_env=False) as http:
        url = f"{api.gateway.api_url}/events"
        async with http.stream("GET", url, headers=api.headers()) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            call_id = await anyio.to_thread.run_sync(lambda: api.place("+15559990000", message=SAID))
            async with aclosing(_events(response)) as events:
                async for event in events:
                    told.append(event)
                    if "call.ended" in json.dumps(event):
                        break

    text = json.dumps(told)
    assert call_id in text
    assert '"busy"' in text
    assert api.get("/events?callId=nobody").status_code == 404


def test_logs_keep_numbers_speech_and_secrets_to_themselves_and_metrics_count(api: Api) -> None:
    place = Place(api.gateway.home)
    call_id = api.place(message=SAID)
    api.reach(call_id, ("hangup-user",))
    refused = api.refusal("initiate", to="+8613800138000x", message=SAID)
    api.webhook({"event": {"type": "call.ringing", "callId": "in", "direction": "inbound", "from": CALLEE}})
    api.webhook(f"no JSON from {CALLEE}".encode())
    api.get("/metrics", Authorization="Bearer not-the-token-but-secret-too")
    metrics = api.get("/metrics").text
    shown = place.run("voicecall", "history")

    log = (api.gateway.home / "stderr.txt").read_text()
    assert refused[1] == "invalid_number"
    assert "webhook not understood" in log
    for kept in (
        CALLEE,
        CALLEE[1:],
        "13800138000",
        SAID,
        ANSWERED,
        "4711",
        api.gateway.token,
        "not-the-token",
    ):
        assert kept not in log, kept
    assert "Traceback" not in log
    assert (CALLEE in shown.out, "+1555***5678" in shown.out) == (False, True)
    assert re.search(r'^voicecall_webhook_verdicts_total\{verdict="\w+"\} 1\.0$', metrics, re.MULTILINE)
    assert not re.search(r"\+?1555\d{7}", metrics)

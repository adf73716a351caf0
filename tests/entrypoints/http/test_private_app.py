"""RPC, events, metrics and health on the private listener, without sockets."""

import json
from typing import Any

import anyio
import pytest
from starlette.types import ASGIApp, Message
from support.memory_phone import MemoryPhone, Readiness
from support.web_ask import Asked, Reply, ask

from voice_contracts.secret import Secret
from voice_entrypoints.http.allowed_hosts import AllowedHosts
from voice_entrypoints.http.event_stream import HEARTBEAT_SECONDS
from voice_entrypoints.http.metrics import Metrics
from voice_entrypoints.http.private_app import private_app
from voice_entrypoints.http.private_gate import PrivateGate
from voice_entrypoints.rpc.jsonrpc import Dispatcher
from voice_entrypoints.rpc.methods import phone_handlers

pytestmark = pytest.mark.anyio

TOKEN = "t" * 43
HEADERS = {"Host": "127.0.0.1:3335", "Authorization": f"Bearer {TOKEN}"}


def app_of(phone: MemoryPhone, stopping: anyio.Event | None = None) -> ASGIApp:
    dispatcher = Dispatcher(phone_handlers(phone, None))  # type: ignore[arg-type]  # no operations are started
    gate = PrivateGate(token=Secret(TOKEN), token_place="x", hosts=AllowedHosts("127.0.0.1"))
    return private_app(phone, dispatcher, Metrics(phone.live), gate, stopping or anyio.Event())


async def post(app: ASGIApp, *pieces: bytes, leaves: anyio.Event | None = None, **headers: str) -> Reply:
    asked = Asked(
        path="/rpc", method="POST", headers=HEADERS | headers, pieces=pieces or (b"",), leaves=leaves
    )
    return await ask(app, asked)


def request(method: str, **params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()


async def test_a_request_is_answered_with_200_be_it_success_or_failure() -> None:
    app = app_of(MemoryPhone())
    good = await post(app, request("voicecall.initiate", message="Hi"))
    bad = await post(app, request("voicecall.end", callId="no"))
    garbage = await post(app, b"{")

    assert [reply.status for reply in (good, bad, garbage)] == [200, 200, 200]
    assert good.headers["content-type"] == "application/json"
    assert good.json()["result"]["initiated"] is True
    assert bad.json()["error"]["data"]["kind"] == "call_not_found"
    assert garbage.json()["error"]["code"] == -32700


async def test_a_body_in_pieces_and_a_batch_are_understood() -> None:
    body = b"[" + request("voicecall.status") + b"," + request("nothing") + b"]"
    reply = await post(app_of(MemoryPhone()), body[:7], body[7:30], body[30:])

    assert ["error" in each for each in reply.json()] == [False, True]


async def test_a_notification_gets_no_body() -> None:
    reply = await post(app_of(MemoryPhone()), b'{"jsonrpc":"2.0","method":"voicecall.status"}')

    assert (reply.status, reply.body) == (204, b"")


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""]
)
async def test_the_content_type_is_taken_leniently(content_type: str) -> None:
    reply = await post(app_of(MemoryPhone()), request("voicecall.status"), **{"Content-Type": content_type})

    assert reply.status == 200


async def test_a_form_with_parts_is_415() -> None:
    reply = await post(app_of(MemoryPhone()), b"x", **{"Content-Type": "multipart/form-data; boundary=x"})

    assert reply.status == 415


async def test_more_than_a_mebibyte_is_413_announced_or_not() -> None:
    app = app_of(MemoryPhone())

    assert (await post(app, b" " * (1 << 20) + b"{")).status == 413
    assert (await post(app, *[b" " * 65_536] * 17)).status == 413
    assert (await post(app, b"", **{"Content-Length": str((1 << 20) + 1)})).status == 413
    assert (await post(app, b" " * (1 << 20))).status == 200


async def test_a_body_that_does_not_come_is_408() -> None:
    asked = Asked(path="/rpc", method="POST", headers=HEADERS, pieces=(b"{",), stalls=True)

    assert (await ask(app_of(MemoryPhone()), asked)).status == 408


@pytest.mark.parametrize("path", ["/rpc", "/events", "/metrics", "/healthz"])
async def test_other_verbs_are_405_and_name_the_right_one(path: str) -> None:
    reply = await ask(app_of(MemoryPhone()), Asked(path=path, method="DELETE", headers=HEADERS))

    assert reply.status == 405
    assert reply.headers["allow"]


@pytest.mark.parametrize("path", ["/", "/console/", "/phone", "/rpc/", "/../rpc"])
async def test_other_paths_are_404(path: str) -> None:
    assert (await ask(app_of(MemoryPhone()), Asked(path=path, headers=HEADERS))).status == 404


async def test_a_client_that_leaves_gives_up_its_continue() -> None:
    phone = MemoryPhone()
    app = app_of(phone)
    await post(app, request("voicecall.initiate", message="Hi", mode="conversation"))
    phone.answer("call-1")
    leaves = anyio.Event()
    replies: list[Reply] = []

    async def wait() -> None:
        asked = request("voicecall.continue", callId="call-1", message="So?")
        replies.append(await post(app, asked, leaves=leaves))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        assert replies == []
        leaves.set()

    assert [reply.status for reply in replies] == [0]


async def test_health_is_always_ok_and_readiness_says_why_not() -> None:
    phone = MemoryPhone()
    app = app_of(phone)
    assert (await ask(app, Asked(path="/healthz", headers=HEADERS))).body == b"ok\n"
    assert (await ask(app, Asked(path="/readyz", headers=HEADERS))).json() == {"ready": True}

    phone.readiness = Readiness(ready=False, problem="draining")
    reply = await ask(app, Asked(path="/readyz", headers=HEADERS))

    assert (reply.status, reply.json()) == (503, {"ready": False, "problem": "draining"})


async def test_metrics_are_in_prometheus_own_format() -> None:
    phone = MemoryPhone()
    app = app_of(phone)
    await post(app, request("voicecall.initiate", message="Hi"))
    reply = await ask(app, Asked(path="/metrics", headers=HEADERS))

    assert reply.headers["content-type"].startswith("text/plain; version=")
    assert 'voicecall_calls{state="initiated"} 1.0' in reply.body.decode()


class _Reader:
    """Reads an endless answer piece by piece."""

    def __init__(self) -> None:
        self.start: Message = {}
        self.text = ""
        self.ended = False

    async def send(self, message: Message) -> None:
        await anyio.lowlevel.checkpoint()
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.text += message["body"].decode()
            self.ended = not message["more_body"]


async def test_events_are_streamed_as_they_happen_with_heartbeats_until_the_client_leaves() -> None:
    phone = MemoryPhone()
    app = app_of(phone)
    leaves, reader = anyio.Event(), _Reader()
    messages = Asked(leaves=leaves).receiver()
    async with anyio.create_task_group() as tasks:
        asked = Asked(path="/events", headers=HEADERS)
        tasks.start_soon(app, asked.scope(), messages, reader.send)
        await anyio.wait_all_tasks_blocked()
        assert reader.start["status"] == 200
        await phone.call(to=None, message="Hi")
        await anyio.wait_all_tasks_blocked()
        await anyio.sleep(HEARTBEAT_SECONDS + 1)
        leaves.set()

    events = [block for block in reader.text.split("\n\n") if "data:" in block]
    first = dict(line.split(": ", 1) for line in events[0].split("\n"))
    assert first["id"] == "1"
    assert first["event"] == "voicecall.event"
    assert json.loads(first["data"])["params"]["type"] == "call.initiated"
    assert ": still here" in reader.text
    assert phone.subscribers == 0


async def test_reports_are_streamed_beside_events_and_move_nobodys_place() -> None:
    phone = MemoryPhone()
    leaves, reader = anyio.Event(), _Reader()
    messages = Asked(leaves=leaves).receiver()
    async with anyio.create_task_group() as tasks:
        asked = Asked(path="/events", headers=HEADERS)
        tasks.start_soon(app_of(phone), asked.scope(), messages, reader.send)
        await anyio.wait_all_tasks_blocked()
        await phone.call(to=None, message="Hi")
        await phone.end("call-1")
        phone.tell_report("call-1")
        await anyio.wait_all_tasks_blocked()
        leaves.set()

    (block,) = [block for block in reader.text.split("\n\n") if "voicecall.report" in block]
    lines = dict(line.split(": ", 1) for line in block.split("\n"))
    assert lines.keys() == {"event", "data"}
    assert json.loads(lines["data"])["params"]["summary"] == "They said yes."


async def test_events_of_one_call_leave_out_the_others_and_an_unknown_call_is_404() -> None:
    phone = MemoryPhone()
    stopping = anyio.Event()
    app = app_of(phone, stopping)
    await phone.call(to=None, message="one")
    await phone.call(to=None, message="two")
    reader = _Reader()
    messages = Asked().receiver()
    async with anyio.create_task_group() as tasks:
        asked = Asked(path="/events", headers=HEADERS, query="callId=mock-call-2")
        tasks.start_soon(app, asked.scope(), messages, reader.send)
        await anyio.wait_all_tasks_blocked()
        phone.answer("call-1")
        phone.answer("call-2")
        await anyio.wait_all_tasks_blocked()
        stopping.set()

    assert "call-2" in reader.text
    assert "call-1" not in reader.text
    assert reader.ended
    unknown = await ask(app, Asked(path="/events", headers=HEADERS, query="callId=no"))
    assert unknown.status == 404


async def _read(phone: MemoryPhone, last_seen: str, query: str = "") -> _Reader:
    """Come back with what was seen last, let one more thing happen, and return what was told."""
    stopping, reader = anyio.Event(), _Reader()
    app = app_of(phone, stopping)
    messages = Asked().receiver()
    headers = {**HEADERS, "Last-Event-ID": last_seen}
    async with anyio.create_task_group() as tasks:
        asked = Asked(path="/events", headers=headers, query=query)
        tasks.start_soon(app, asked.scope(), messages, reader.send)
        await anyio.wait_all_tasks_blocked()
        phone.answer("call-1")
        await anyio.wait_all_tasks_blocked()
        stopping.set()
    return reader


def _ids(reader: _Reader) -> list[int]:
    return [int(line[4:]) for line in reader.text.split("\n") if line.startswith("id: ")]


async def test_a_client_that_comes_back_is_told_what_it_missed_and_nothing_twice() -> None:
    phone = MemoryPhone()
    await phone.call(to=None, message="one")
    await phone.call(to=None, message="two")
    before = len(await phone.journal(after=0, limit=100))

    back = await _read(phone, "1")
    after = len(await phone.journal(after=0, limit=100))
    data = [json.loads(line[6:])["params"] for line in back.text.split("\n") if line.startswith("data: ")]

    assert 1 < before < after
    assert _ids(back) == list(range(2, after + 1))
    assert [each["sequence"] for each in data] == _ids(back)
    assert next(each["call"]["state"] for each in data if each["callId"] == "call-2") == "initiated"
    assert data[-1]["call"]["state"] != "initiated"


async def test_a_client_of_one_call_is_told_what_it_missed_of_that_call_only() -> None:
    phone = MemoryPhone()
    await phone.call(to=None, message="one")
    await phone.call(to=None, message="two")

    back = await _read(phone, "0", query="callId=call-2")

    wanted = [row.sequence for row in await phone.journal(after=0, limit=100, call_id="call-2")]
    assert _ids(back) == wanted
    assert "call-1" not in back.text


@pytest.mark.parametrize("last_seen", ["", "yesterday", "-5", "1e3", "٣", "9" * 30])
async def test_a_client_that_has_seen_nothing_of_ours_is_told_what_happens_from_now_on(
    last_seen: str,
) -> None:
    phone = MemoryPhone()
    await phone.call(to=None, message="one")
    before = len(await phone.journal(after=0, limit=100))

    new = await _read(phone, last_seen)

    assert _ids(new)[0] == before + 1


async def test_a_client_that_is_ahead_of_us_is_told_what_happens_from_now_on() -> None:
    phone = MemoryPhone()
    await phone.call(to=None, message="one")
    before = len(await phone.journal(after=0, limit=100))

    assert _ids(await _read(phone, "1000"))[0] == before + 1


async def test_a_client_whose_past_cannot_be_read_is_let_go_to_come_back_later() -> None:
    phone = MemoryPhone(store_trouble="disk gone")
    await phone.call(to=None, message="one")

    reader = await _read(phone, "1")

    assert _ids(reader) == []
    assert reader.ended


async def test_a_client_that_does_not_read_is_let_go() -> None:
    phone = MemoryPhone()
    app = app_of(phone)

    async def stuck(message: Message) -> None:
        if message["type"] == "http.response.body" and b"data" in message["body"]:
            await anyio.sleep_forever()

    messages = Asked().receiver()
    with anyio.fail_after(60):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(app, Asked(path="/events", headers=HEADERS).scope(), messages, stuck)
            await anyio.wait_all_tasks_blocked()
            await phone.call(to=None, message="Hi")

    assert phone.subscribers == 0

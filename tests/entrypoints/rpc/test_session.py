"""A connection with many messages: answers, notifications, and what happens to those who do not read."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from anyio.streams.memory import MemoryObjectSendStream
from support.memory_phone import MemoryPhone

from voice_entrypoints.rpc.jsonrpc import Caller, Dispatcher
from voice_entrypoints.rpc.methods import phone_handlers
from voice_entrypoints.rpc.operations import Operations
from voice_entrypoints.rpc.session import RpcSession, TooSlowError

pytestmark = pytest.mark.anyio


def request(method: str, request_id: int = 1, **params: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params})


class _Wire:
    def __init__(self, put: MemoryObjectSendStream[str | bytes]) -> None:
        self.put = put
        self.sent: list[dict[str, Any]] = []
        self.problems: list[Exception] = []
        self.given_up = anyio.Event()

    async def send(self, text: str) -> None:
        await anyio.lowlevel.checkpoint()
        self.sent.append(json.loads(text))

    @property
    def answers(self) -> list[int]:
        return [message["id"] for message in self.sent if "id" in message]

    @property
    def events(self) -> list[tuple[str, str]]:
        events = [message["params"] for message in self.sent if message.get("method") == "voicecall.event"]
        return [(event["callId"], event["type"]) for event in events]


@asynccontextmanager
async def connected(
    phone: MemoryPhone,
    *,
    send: Callable[[str], Awaitable[None]] | None = None,
    linger: float = 0,
    more: dict[str, Any] | None = None,
) -> AsyncIterator[_Wire]:
    put, messages = anyio.create_memory_object_stream[str | bytes](1_000)
    wire = _Wire(put)
    async with anyio.create_task_group() as tasks, put:
        dispatcher = Dispatcher({**phone_handlers(phone, Operations(tasks)), **(more or {})})
        session = RpcSession(dispatcher, phone, send or wire.send)

        async def run() -> None:
            async with messages:
                try:
                    await session.run(messages, linger_seconds=linger)
                except TooSlowError as error:
                    wire.problems.append(error)
                    wire.given_up.set()

        tasks.start_soon(run)
        yield wire
        put.close()


async def test_requests_are_answered_and_text_and_bytes_are_alike() -> None:
    async with connected(MemoryPhone()) as wire:
        await wire.put.send(request("voicecall.status"))
        await wire.put.send(request("voicecall.history", 2).encode())
        await anyio.wait_all_tasks_blocked()

    assert sorted(wire.answers) == [1, 2]


async def test_garbage_gets_an_error_and_the_connection_lives_on() -> None:
    async with connected(MemoryPhone()) as wire:
        for garbage in ("{", b"\xff\x00", "[]", "5"):
            await wire.put.send(garbage)
        await wire.put.send(request("voicecall.status", 9))
        await anyio.wait_all_tasks_blocked()

    assert sorted(message["error"]["code"] for message in wire.sent if "error" in message) == [
        -32700,
        -32700,
        -32600,
        -32600,
    ]
    assert 9 in wire.answers


async def test_a_request_that_waits_does_not_hold_up_the_next() -> None:
    phone = MemoryPhone()
    async with connected(phone) as wire:
        await phone.call(to=None, message="Hi", mode="conversation")
        phone.answer("call-1")
        await wire.put.send(request("voicecall.continue", 1, callId="call-1", message="So?"))
        await wire.put.send(request("voicecall.status", 2))
        await anyio.wait_all_tasks_blocked()
        assert wire.answers == [2]
        phone.hear("call-1", "Yes")
        await anyio.wait_all_tasks_blocked()

    assert wire.answers == [2, 1]


async def test_notifications_come_after_subscribe_and_only_of_what_was_asked_for() -> None:
    phone = MemoryPhone()
    async with connected(phone) as wire:
        await phone.call(to=None, message="one")
        await phone.call(to=None, message="two")
        await wire.put.send(request("voicecall.subscribe", callId="call-2"))
        await anyio.wait_all_tasks_blocked()
        phone.answer("call-1")
        phone.answer("call-2")
        await anyio.wait_all_tasks_blocked()

    assert wire.sent[0]["result"] == {"subscribed": True}
    assert ("call-2", "call.answered") in wire.events
    assert {call_id for call_id, _ in wire.events} == {"call-2"}
    assert phone.subscribers == 0


async def test_a_subscriber_is_given_the_reports_of_what_it_asked_for() -> None:
    phone = MemoryPhone()
    async with connected(phone) as wire:
        for _ in range(2):
            call = await phone.call(to=None, message="Hi")
            await phone.end(call.call_id)
        await wire.put.send(request("voicecall.subscribe", callId="call-2"))
        await wire.put.send(request("voicecall.report", 2, callId="call-1"))
        await wire.put.send(request("voicecall.report", 3, callId="nobody"))
        await anyio.wait_all_tasks_blocked()
        phone.tell_report("call-1")
        phone.tell_report("call-2")
        await anyio.wait_all_tasks_blocked()

    told = [message["params"] for message in wire.sent if message.get("method") == "voicecall.report"]
    answers = {message["id"]: message for message in wire.sent if "id" in message}
    assert [(report["callId"], report["summary"]) for report in told] == [("call-2", "They said yes.")]
    assert answers[2]["result"]["report"]["outcome"] == "hangup-bot"
    assert answers[3]["error"]["data"]["kind"] == "call_not_found"


async def test_nothing_is_told_twice_however_often_it_is_subscribed_to() -> None:
    phone = MemoryPhone()
    async with connected(phone) as wire:
        await phone.call(to=None, message="one")
        for params in ({"callId": "call-1"}, {"callId": "call-1"}, {}, {"callId": "call-1"}, {}):
            await wire.put.send(request("voicecall.subscribe", **params))
            await anyio.wait_all_tasks_blocked()
        phone.answer("call-1")
        await anyio.wait_all_tasks_blocked()
        assert phone.subscribers == 1

    assert wire.events.count(("call-1", "call.answered")) == 1


async def test_subscribing_to_an_unknown_call_is_an_error() -> None:
    async with connected(MemoryPhone()) as wire:
        await wire.put.send(request("voicecall.subscribe", callId="no"))
        await anyio.wait_all_tasks_blocked()

    assert wire.sent[0]["error"]["data"]["kind"] == "call_not_found"


async def test_requests_in_flight_are_answered_after_the_last_message() -> None:
    phone = MemoryPhone()
    async with connected(phone, linger=60) as wire:
        await phone.call(to=None, message="Hi", mode="conversation")
        phone.answer("call-1")
        await wire.put.send(request("voicecall.continue", 1, callId="call-1", message="So?"))
        await anyio.wait_all_tasks_blocked()
        wire.put.close()
        await anyio.wait_all_tasks_blocked()
        phone.hear("call-1", "Yes")

    assert wire.sent[0]["result"]["transcript"] == "Yes"


async def test_what_still_waits_when_the_client_left_is_given_up() -> None:
    phone = MemoryPhone()
    async with connected(phone, linger=0) as wire:
        await phone.call(to=None, message="Hi", mode="conversation")
        phone.answer("call-1")
        await wire.put.send(request("voicecall.continue", 1, callId="call-1", message="So?"))
        await anyio.wait_all_tasks_blocked()

    assert wire.sent == []


async def test_at_most_64_requests_run_at_once() -> None:
    running = 0
    most = 0
    gate = anyio.Event()

    async def slow(_params: object, _caller: Caller) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await gate.wait()
        running -= 1
        return 1

    async with connected(MemoryPhone(), linger=60, more={"slow": slow}) as wire:
        for number in range(100):
            await wire.put.send(request("slow", number))
        await anyio.wait_all_tasks_blocked()
        gate.set()

    assert most == 64
    assert len(wire.answers) == 100


async def test_a_client_that_takes_nothing_for_ten_seconds_is_given_up() -> None:
    async def stuck(_text: str) -> None:
        await anyio.sleep_forever()

    started = anyio.current_time()
    async with connected(MemoryPhone(), send=stuck) as wire:
        await wire.put.send(request("voicecall.status"))
        await wire.given_up.wait()

    assert anyio.current_time() - started == pytest.approx(10)


async def test_a_client_a_thousand_notifications_behind_is_given_up() -> None:
    async def slow(_text: str) -> None:
        await anyio.sleep(9)

    phone = MemoryPhone(backlog=10_000)
    async with connected(phone, send=slow) as wire:
        await wire.put.send(request("voicecall.subscribe"))
        await anyio.wait_all_tasks_blocked()
        for _ in range(600):
            await phone.call(to=None, message="Hi")
        await anyio.wait_all_tasks_blocked()

    assert len(wire.problems) == 1
    assert phone.subscribers == 0


async def test_a_client_that_has_gone_ends_the_session_quietly() -> None:
    async def gone(_text: str) -> None:
        raise anyio.BrokenResourceError

    async with connected(MemoryPhone(), send=gone) as wire:
        await wire.put.send(request("voicecall.status"))
        await anyio.wait_all_tasks_blocked()

    assert wire.problems == []

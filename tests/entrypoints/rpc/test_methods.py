"""Every method of the interface, on a phone in memory."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from support.json_fit import misfits
from support.memory_phone import CALLEE, MemoryPhone

import voice_contracts
from voice_contracts.openrpc import openrpc_document
from voice_contracts.rpc import METHODS
from voice_contracts.status import RECORD_SCHEMA
from voice_entrypoints.rpc.jsonrpc import Dispatcher
from voice_entrypoints.rpc.methods import phone_handlers
from voice_entrypoints.rpc.operations import KEPT_SECONDS, Operations
from voice_entrypoints.rpc.session import OneAnswerCaller

pytestmark = pytest.mark.anyio


class _Client:
    def __init__(self, dispatcher: Dispatcher) -> None:
        self.dispatcher = dispatcher

    async def raw(self, method: str, params: Any = None) -> Any:
        message = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": method,
            **({} if params is None else {"params": params}),
        }
        answer = await self.dispatcher.answer(json.dumps(message), OneAnswerCaller())
        assert answer is not None
        return json.loads(answer)

    async def ok(self, method: str, **params: Any) -> Any:
        answer = await self.raw(method, params)
        assert "result" in answer, answer
        schema = next(each.result for each in METHODS if each.name == method)
        root = {"components": {"schemas": {"Call": RECORD_SCHEMA}}}
        assert misfits(answer["result"], schema, root=root) == []
        return answer["result"]

    async def fails(self, method: str, **params: Any) -> tuple[int, str, str]:
        error = (await self.raw(method, params))["error"]
        return error["code"], error["data"]["kind"], error["message"]


@asynccontextmanager
async def client(phone: MemoryPhone) -> AsyncIterator[_Client]:
    async with anyio.create_task_group() as tasks:
        yield _Client(Dispatcher(phone_handlers(phone, Operations(tasks))))
        tasks.cancel_scope.cancel()


async def test_a_call_is_placed_spoken_in_and_ended() -> None:
    phone = MemoryPhone()
    async with client(phone) as rpc:
        placed = await rpc.ok("voicecall.initiate", to=str(CALLEE), message="Hello", mode="conversation")
        phone.answer(placed["callId"])

        assert placed == {"callId": "call-1", "initiated": True}
        assert await rpc.ok("voicecall.speak", callId="call-1", message="More") == {"success": True}
        assert await rpc.ok("voicecall.dtmf", callId="call-1", digits="12#w,pP") == {"success": True}
        assert await rpc.ok("voicecall.end", callId="call-1") == {"success": True}
        assert phone.calls["call-1"].word == "hangup-bot"


async def test_what_waits_for_the_carrier_is_pending() -> None:
    phone = MemoryPhone(asking=True)
    async with client(phone) as rpc:
        await rpc.ok("voicecall.initiate", to=str(CALLEE), message="Hello", mode="conversation")
        phone.answer("call-1")
        pending = {"success": True, "pending": True}

        assert await rpc.ok("voicecall.speak", callId="call-1", message="More") == pending
        assert await rpc.ok("voicecall.end", callId="call-1") == pending


async def test_positional_params_come_in_the_order_of_the_table() -> None:
    async with client(MemoryPhone()) as rpc:
        answer = await rpc.raw("voicecall.initiate", ["Hello", "+15550005678", "notify"])

    assert answer["result"]["initiated"] is True


async def test_start_needs_a_number_and_no_message() -> None:
    async with client(MemoryPhone()) as rpc:
        assert (await rpc.ok("voicecall.start", to=str(CALLEE)))["initiated"] is True
        assert (await rpc.fails("voicecall.start"))[2].startswith("to required")


@pytest.mark.parametrize(
    ("method", "params", "sentence"),
    [
        ("voicecall.initiate", {"message": "  "}, "message required"),
        ("voicecall.initiate", {}, "message required"),
        ("voicecall.initiate", {"message": 5}, "message must be a string, not a number"),
        ("voicecall.initiate", {"message": "x", "mode": "shout"}, "mode must be one of notify, conversation"),
        ("voicecall.initiate", {"message": "x", "too": "+1"}, "did you mean to?"),
        ("voicecall.speak", {"message": "x"}, "callId required"),
        (
            "voicecall.dtmf",
            {"callId": "c", "digits": "12x"},
            "digits may only contain digits, *, #, comma, w, p",
        ),
        ("voicecall.history", {"limit": 0}, "limit must be from 1 to 1000"),
        ("voicecall.history", {"limit": 1001}, "limit must be from 1 to 1000"),
        ("voicecall.history", {"limit": True}, "limit must be a whole number, not a boolean"),
        ("voicecall.plan", {"to": "1", "route": "yes"}, "route must be true or false, not a string"),
        ("voicecall.history", {"state": "asleep"}, "state must be one of"),
        ("voicecall.inject", {"events": "no"}, "events must be a list of objects"),
        ("voicecall.inject", {"events": []}, "events must hold 1 to 1000"),
    ],
)
async def test_wrong_params_are_named(method: str, params: dict[str, Any], sentence: str) -> None:
    async with client(MemoryPhone()) as rpc:
        code, kind, message = await rpc.fails(method, **params)

    assert (code, kind) == (-32602, "invalid_params")
    assert sentence in message


async def test_too_many_positional_params_are_refused() -> None:
    async with client(MemoryPhone()) as rpc:
        answer = await rpc.raw("voicecall.end", ["a", "b"])

    assert answer["error"]["code"] == -32602


async def test_what_the_phone_refuses_keeps_its_kind() -> None:
    phone = MemoryPhone(limit=1)
    async with client(phone) as rpc:
        await rpc.ok("voicecall.initiate", message="Hi")

        assert (await rpc.fails("voicecall.initiate", message="Hi"))[:2] == (-32004, "limit_reached")
        assert (await rpc.fails("voicecall.speak", callId="no", message="x"))[:2] == (
            -32001,
            "call_not_found",
        )
        assert (await rpc.fails("voicecall.speak", callId="call-1", message="x"))[:2] == (
            -32003,
            "not_connected",
        )
        await rpc.ok("voicecall.end", callId="call-1")
        assert (await rpc.fails("voicecall.speak", callId="call-1", message="x"))[:2] == (
            -32002,
            "call_ended",
        )
        assert (await rpc.fails("voicecall.initiate", message="x", to="12"))[:2] == (-32602, "invalid_number")
        barred = await rpc.fails("voicecall.initiate", message="x", to="+15550000666")
        assert barred[:2] == (-32006, "carrier_error")


async def test_status_finds_live_and_ended_calls_by_either_id() -> None:
    phone = MemoryPhone()
    async with client(phone) as rpc:
        await rpc.ok("voicecall.initiate", message="Hi")

        assert [call["callId"] for call in (await rpc.ok("voicecall.status"))["calls"]] == ["call-1"]
        assert (await rpc.ok("voicecall.status", callId="mock-call-1"))["call"]["callId"] == "call-1"
        assert (await rpc.ok("voicecall.status", sid="call-1"))["found"] is True
        await rpc.ok("voicecall.end", callId="call-1")
        assert (await rpc.ok("voicecall.status", callId="call-1"))["call"]["state"] == "hangup-bot"
        assert await rpc.ok("voicecall.status", callId="no") == {"found": False}
        assert await rpc.ok("voicecall.status") == {"calls": []}


async def test_history_is_newest_first_and_can_be_paged() -> None:
    phone = MemoryPhone()
    async with client(phone) as rpc:
        for _ in range(3):
            await rpc.ok("voicecall.initiate", message="Hi")
        await rpc.ok("voicecall.end", callId="call-2")
        first = await rpc.ok("voicecall.history", limit=2)
        rest = await rpc.ok("voicecall.history", before=first["calls"][-1]["startedAt"])
        ended = await rpc.ok("voicecall.history", state="hangup-bot")

    assert [call["callId"] for call in first["calls"]] == ["call-3", "call-2"]
    assert [call["callId"] for call in rest["calls"]] == ["call-1"]
    assert [call["callId"] for call in ended["calls"]] == ["call-2"]


async def test_continue_returns_what_the_counterpart_says() -> None:
    phone = MemoryPhone()
    async with client(phone) as rpc, anyio.create_task_group() as tasks:
        await rpc.ok("voicecall.initiate", message="Hi", mode="conversation")
        phone.answer("call-1")
        answers: list[Any] = []

        async def ask() -> None:
            answers.append(await rpc.ok("voicecall.continue", callId="call-1", message="How many?"))

        tasks.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        second = await rpc.fails("voicecall.continue", callId="call-1", message="And?")
        phone.hear("call-1", "Two, please")

    assert second[:2] == (-32009, "already_waiting")
    assert "Already waiting for transcript" in second[2]
    assert answers == [{"success": True, "transcript": "Two, please"}]


async def test_a_started_continue_can_be_asked_for_until_it_is_forgotten() -> None:
    phone = MemoryPhone()
    async with client(phone) as rpc:
        await rpc.ok("voicecall.initiate", message="Hi", mode="conversation")
        phone.answer("call-1")
        started = await rpc.ok("voicecall.continue.start", callId="call-1", message="How many?")
        await anyio.wait_all_tasks_blocked()
        assert await rpc.ok("voicecall.continue.result", **started) == {"done": False}
        phone.hear("call-1", "Two")
        await anyio.wait_all_tasks_blocked()

        for _ in range(2):
            result = await rpc.ok("voicecall.continue.result", **started)
            assert result == {"success": True, "transcript": "Two"}
        await anyio.sleep(KEPT_SECONDS + 1)
        assert (await rpc.fails("voicecall.continue.result", **started))[1] == "operation_not_found"


async def test_a_started_continue_that_fails_fails_when_asked_for() -> None:
    phone = MemoryPhone()
    async with client(phone) as rpc:
        await rpc.ok("voicecall.initiate", message="Hi")
        started = await rpc.ok("voicecall.continue.start", callId="call-1", message="How many?")
        await anyio.wait_all_tasks_blocked()

        for _ in range(2):
            assert (await rpc.fails("voicecall.continue.result", **started))[1] == "not_connected"
        assert (await rpc.fails("voicecall.continue.start", callId="no", message="x"))[1] == "call_not_found"


async def test_operations_are_bounded() -> None:
    async with anyio.create_task_group() as tasks:
        operations = Operations(tasks)
        ids = [operations.start(anyio.sleep_forever) for _ in range(512)]
        with pytest.raises(Exception, match="512 operations run already"):
            operations.start(anyio.sleep_forever)
        assert operations.result(ids[0]) == (False, None)
        tasks.cancel_scope.cancel()


async def test_the_oldest_finished_operation_makes_room() -> None:
    async def quick() -> int:
        return 1

    async with anyio.create_task_group() as tasks:
        operations = Operations(tasks)
        ids = [operations.start(quick) for _ in range(512)]
        await anyio.wait_all_tasks_blocked()
        newest = operations.start(quick)
        await anyio.wait_all_tasks_blocked()

    assert operations.result(newest) == (True, 1)
    assert operations.result(ids[1]) == (True, 1)
    with pytest.raises(Exception, match="Operation not found"):
        operations.result(ids[0])


async def test_plan_dials_nothing() -> None:
    phone = MemoryPhone()
    async with client(phone) as rpc:
        allowed = await rpc.ok("voicecall.plan", to="(555) 000-5678")
        refused = await rpc.ok("voicecall.plan", to="+19005550123")
        routed = await rpc.ok("voicecall.plan", to="(555) 000-5678", route=True)

    assert allowed == {
        "allowed": True,
        "reasons": [],
        "to": "+15550005678",
        "from": "+15550000000",
        "carrier": "mock",
    }
    assert routed == {**allowed, "mode": "notify", "locale": "en-US", "route": None}
    assert (refused["allowed"], refused["reasons"]) == (False, ["premium rate"])
    assert phone.calls == {}


async def test_inject_is_for_the_mock_carrier_only() -> None:
    async with client(MemoryPhone()) as rpc:
        assert await rpc.ok("voicecall.inject", events=[{"type": "call.answered"}]) == {"accepted": 1}
    async with client(MemoryPhone(injectable=False)) as rpc:
        assert (await rpc.fails("voicecall.inject", events=[{}]))[1] == "unavailable"


async def test_transfer_hands_over() -> None:
    phone = MemoryPhone()
    async with client(phone) as rpc:
        await rpc.ok("voicecall.initiate", message="Hi")
        phone.answer("call-1")
        await rpc.ok("voicecall.transfer", callId="call-1", to="+15550001111")

    assert str(phone.calls["call-1"].transferred) == "+15550001111"


async def test_subscribe_needs_a_way_for_notifications() -> None:
    async with client(MemoryPhone()) as rpc:
        code, kind, message = await rpc.fails("voicecall.subscribe")

    assert (code, kind) == (-32008, "unavailable")
    assert "/events" in message


async def test_discover_returns_the_document_that_is_checked_in() -> None:
    folder = Path(voice_contracts.__file__).parent / "schemas"
    async with client(MemoryPhone()) as rpc:
        document = await rpc.ok("rpc.discover")

    assert document == openrpc_document()
    assert document == json.loads((folder / "openrpc.json").read_text(encoding="utf-8"))


def test_every_method_of_the_document_has_a_handler() -> None:
    handlers = phone_handlers(MemoryPhone(), None)  # type: ignore[arg-type]  # never asked for

    assert [method["name"] for method in openrpc_document()["methods"]] == list(handlers)

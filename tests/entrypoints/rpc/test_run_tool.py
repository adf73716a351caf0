"""The agent tool: results as over RPC, errors as results."""

from collections.abc import Mapping
from typing import Any, cast

import anyio
import pytest
from support.memory_phone import CALLEE, MemoryPhone

from voice_entrypoints.rpc.jsonrpc import Caller
from voice_entrypoints.rpc.methods import phone_handlers
from voice_entrypoints.rpc.operations import Operations
from voice_entrypoints.rpc.tool import Ask, run_tool

pytestmark = pytest.mark.anyio


class Agent(Caller):
    """Asks for results, never for notifications."""

    async def subscribe(self, call_id: str | None) -> None:
        raise AssertionError("the tool never subscribes")


def asking(phone: MemoryPhone) -> Ask:
    """Return a way to ask *phone* by the names of RPC's methods."""
    handlers = phone_handlers(phone, cast("Operations", None))  # the tool starts none

    async def ask(method: str, params: Mapping[str, Any]) -> Any:
        return await handlers[method](dict(params), Agent())

    return ask


async def test_an_agent_places_a_call_talks_and_ends_it() -> None:
    phone = MemoryPhone()
    placed = await run_tool(asking(phone), {"action": "initiate_call", "to": str(CALLEE), "message": " Hi "})
    phone.answer("call-1")

    assert placed == {"callId": "call-1", "initiated": True}
    assert phone.calls["call-1"].opened.opening == "Hi"
    assert await run_tool(
        asking(phone), {"action": "speak_to_user", "callId": "call-1", "message": "More"}
    ) == {"success": True}
    assert await run_tool(asking(phone), {"action": "send_dtmf", "callId": "call-1", "digits": "1#"}) == {
        "success": True
    }
    assert (await run_tool(asking(phone), {"action": "get_status", "callId": "call-1"}))["call"][
        "state"
    ] == "listening"
    assert await run_tool(
        asking(phone), {"action": "transfer_call", "callId": "call-1", "to": "+15550001111"}
    ) == {"success": True}
    assert await run_tool(asking(phone), {"action": "end_call", "callId": "call-1"}) == {"success": True}


async def test_an_agent_is_told_that_what_it_wants_waits_for_the_carrier() -> None:
    phone = MemoryPhone(asking=True)
    await run_tool(asking(phone), {"action": "initiate_call", "to": str(CALLEE), "message": "Hi"})
    phone.answer("call-1")
    pending = {"success": True, "pending": True}

    assert (
        await run_tool(asking(phone), {"action": "speak_to_user", "callId": "call-1", "message": "More"})
        == pending
    )
    assert await run_tool(asking(phone), {"action": "end_call", "callId": "call-1"}) == pending


async def test_continue_returns_the_transcript() -> None:
    phone = MemoryPhone()
    await run_tool(asking(phone), {"action": "initiate_call", "message": "Hi", "mode": "conversation"})
    phone.answer("call-1")
    results: list[Any] = []
    async with anyio.create_task_group() as tasks:

        async def ask() -> None:
            results.append(
                await run_tool(
                    asking(phone), {"action": "continue_call", "callId": "call-1", "message": "So?"}
                )
            )

        tasks.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        phone.hear("call-1", "Yes")

    assert results == [{"success": True, "transcript": "Yes"}]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"action": "initiate_call"}, "message required"),
        ({"action": "initiate_call", "message": "   "}, "message required"),
        ({"action": "continue_call", "callId": "c"}, "callId and message required"),
        ({"action": "speak_to_user", "message": "m"}, "callId and message required"),
        ({"action": "end_call"}, "callId required"),
        ({"action": "get_status", "callId": 5}, "callId required"),
        ({"action": "send_dtmf", "callId": "c"}, "callId and digits required"),
        (
            {"action": "send_dtmf", "callId": "c", "digits": "x"},
            "digits may only contain digits, *, #, comma, w, p",
        ),
        ({"action": "transfer_call", "callId": "c"}, "callId and to required"),
        ({"mode": "status"}, "sid required for status"),
        ({"mode": "call", "message": "Hi"}, "to required for call"),
        ({"action": "end_call", "callId": "no"}, "Call not found: no"),
        ({"action": "dance"}, "action must be one of"),
        ({}, "action must be one of"),
    ],
)
async def test_errors_are_returned(arguments: dict[str, Any], error: str) -> None:
    result = await run_tool(asking(MemoryPhone()), arguments)

    assert result.keys() == {"error"}
    assert error in result["error"]


async def test_the_older_form_without_an_action_is_understood() -> None:
    phone = MemoryPhone()

    assert (await run_tool(asking(phone), {"mode": "call", "to": str(CALLEE), "message": "Hi"}))[
        "initiated"
    ] is True
    assert (await run_tool(asking(phone), {"mode": "status", "sid": "call-1"}))["found"] is True
    assert await run_tool(asking(phone), {"mode": "status", "sid": "no"}) == {"found": False}


async def test_an_unknown_mode_falls_back_to_the_default() -> None:
    phone = MemoryPhone()
    await run_tool(asking(phone), {"action": "initiate_call", "message": "Hi", "mode": "shout"})

    assert phone.calls["call-1"].mode.value == "notify"

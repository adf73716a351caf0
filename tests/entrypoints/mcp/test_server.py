"""The MCP server, spoken to by the protocol's own client."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from mcp import types
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from support.memory_phone import CALLEE, MemoryPhone

from voice_contracts.tool import tool_schema
from voice_entrypoints.mcp.desk import Desk, GatewayDesk, OwnDesk
from voice_entrypoints.mcp.server import McpPhone
from voice_entrypoints.rpc.methods import phone_handlers
from voice_entrypoints.rpc.operations import Operations

pytestmark = pytest.mark.anyio

ERAS = pytest.mark.parametrize("mode", ["legacy", "auto"])
"""The handshake of the protocol's first revisions, and that of the newest."""


@asynccontextmanager
async def agent(phone: MemoryPhone, **options: Any) -> AsyncIterator[Client]:
    async with anyio.create_task_group() as tasks:
        desk = OwnDesk(phone_handlers(phone, Operations(tasks)), phone)
        async with agent_at(desk, **options) as client:
            yield client


@asynccontextmanager
async def agent_at(desk: Desk, **options: Any) -> AsyncIterator[Client]:
    mcp_phone = McpPhone(desk)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(mcp_phone.tell)
        async with Client(mcp_phone.server, **options) as client:
            await anyio.wait_all_tasks_blocked()
            yield client
        tasks.cancel_scope.cancel()


async def use(client: Client, **arguments: str) -> Any:
    result = await client.call_tool("voice_call", arguments)
    assert isinstance(result, types.CallToolResult)
    (content,) = result.content
    assert isinstance(content, types.TextContent)
    assert json.loads(content.text) == result.structured_content
    assert bool(result.is_error) == ("error" in json.loads(content.text))
    return result.structured_content


@ERAS
async def test_the_tool_is_the_one_that_every_way_in_has(mode: Any) -> None:
    async with agent(MemoryPhone(), mode=mode) as client:
        (tool,) = (await client.list_tools()).tools

    assert tool.name == "voice_call"
    assert tool.input_schema == tool_schema()


@ERAS
async def test_an_agent_places_a_call_talks_and_ends_it(mode: Any) -> None:
    phone = MemoryPhone()
    async with agent(phone, mode=mode) as client:
        placed = await use(client, action="initiate_call", to=str(CALLEE), message="Hi", mode="conversation")
        phone.answer("call-1")
        spoken = await use(client, action="speak_to_user", callId="call-1", message="More")
        status = await use(client, action="get_status", callId="call-1")
        ended = await use(client, action="end_call", callId="call-1")

    assert placed == {"callId": "call-1", "initiated": True}
    assert spoken == ended == {"success": True}
    assert status["call"]["state"] == "listening"


async def test_errors_are_results_that_an_agent_can_read() -> None:
    async with agent(MemoryPhone()) as client:
        missing = await use(client, action="initiate_call")
        unknown = await use(client, action="end_call", callId="nobody")
        other = await client.call_tool("sing", {})

    assert missing == {"error": "message required"}
    assert "Call not found: nobody" in unknown["error"]
    assert isinstance(other, types.CallToolResult)
    assert other.structured_content == {"error": "there is no tool 'sing'; use voice_call"}


async def test_while_a_counterpart_thinks_progress_is_shown() -> None:
    phone = MemoryPhone()
    shown: list[float] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        shown.append(progress)

    async with agent(phone) as client, anyio.create_task_group() as tasks:
        await use(client, action="initiate_call", message="Hi", mode="conversation")
        phone.answer("call-1")

        async def ask() -> None:
            result = await client.call_tool(
                "voice_call",
                {"action": "continue_call", "callId": "call-1", "message": "So?"},
                progress_callback=note,
            )
            assert isinstance(result, types.CallToolResult)
            assert result.structured_content == {"success": True, "transcript": "Yes"}

        tasks.start_soon(ask)
        await anyio.sleep(12)
        phone.hear("call-1", "Yes")

    assert shown == [5.0, 10.0]


@ERAS
async def test_calls_are_resources_whose_names_mask_numbers(mode: Any) -> None:
    phone = MemoryPhone()
    async with agent(phone, mode=mode) as client:
        await use(client, action="initiate_call", message="Hi")
        listed = (await client.list_resources()).resources
        (template,) = (await client.list_resource_templates()).resource_templates
        call = await client.read_resource("voicecall://calls/call-1")
        live = await client.read_resource("voicecall://calls")

    assert [str(each.uri) for each in listed] == ["voicecall://calls", "voicecall://calls/call-1"]
    assert listed[1].name == "notify call to +1555***5678: initiated"
    assert template.uri_template == "voicecall://calls/{callId}"
    (content,) = call.contents
    assert isinstance(content, types.TextResourceContents)
    assert json.loads(content.text)["to"] == str(CALLEE)
    (content,) = live.contents
    assert isinstance(content, types.TextResourceContents)
    assert [each["callId"] for each in json.loads(content.text)["calls"]] == ["call-1"]


@pytest.mark.parametrize("uri", ["voicecall://calls/nobody", "voicecall://weather", "file:///etc/passwd"])
async def test_a_resource_that_is_no_call_is_an_error(uri: str) -> None:
    async with agent(MemoryPhone()) as client:
        with pytest.raises(MCPError, match="Call not found") as caught:
            await client.read_resource(uri)

    assert caught.value.code == types.INVALID_PARAMS


# Hosts that speak an older revision are served as long as there are any.
@pytest.mark.filterwarnings("ignore:resources/:mcp.shared.exceptions.MCPDeprecationWarning")
async def test_whoever_subscribes_to_a_call_is_told_that_it_changed() -> None:
    phone = MemoryPhone()
    told: list[str] = []

    async def note(message: Any) -> None:
        if isinstance(message, types.ResourceUpdatedNotification):
            told.append(str(message.params.uri))

    async with agent(phone, mode="legacy", message_handler=note) as client:
        await use(client, action="initiate_call", message="Hi")
        await client.subscribe_resource("voicecall://calls/call-1")
        phone.answer("call-1")
        await anyio.wait_all_tasks_blocked()
        before = len(told)
        await client.unsubscribe_resource("voicecall://calls/call-1")
        await use(client, action="end_call", callId="call-1")
        await anyio.wait_all_tasks_blocked()

    assert before > 0
    assert told == ["voicecall://calls/call-1"] * before


async def test_a_listener_of_the_newest_revision_is_told_of_changes() -> None:
    phone = MemoryPhone()
    async with (
        agent(phone) as client,
        client.listen(resources_list_changed=True, resource_subscriptions=["voicecall://calls"]) as events,
    ):
        await anyio.wait_all_tasks_blocked()
        await use(client, action="initiate_call", message="Hi")
        seen = set()
        async for event in events:
            seen.add(type(event).__name__)
            if len(seen) == 2:
                break

    assert seen == {"ResourceUpdated", "ResourcesListChanged"}


async def test_without_a_gateway_the_tool_says_how_to_start_one(tmp_path: Any) -> None:
    from voice_contracts.settings import Settings

    async with agent_at(GatewayDesk(tmp_path, Settings())) as client:
        answer = await use(client, action="initiate_call", message="Hi")
        with pytest.raises(MCPError, match="voicecall serve"):
            await client.list_resources()

    assert "voicecall serve" in answer["error"]

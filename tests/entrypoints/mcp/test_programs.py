"""`voicecall-mcp` as a host starts it: a process, its pipes, and the protocol's own client."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pyjson5
import pytest
from mcp import types
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters
from support.documents import blocks
from support.gateway import started_gateway

LACKS_SECRETS = "{provider: 'twilio', twilio: {accountSid: {source: 'env', id: 'NOT_HERE'}}}"
BIN = Path(sys.executable).parent

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.real_time,
    pytest.mark.asyncio_only("it is the program in its own process that matters"),
]


def program(home: Path, *words: str) -> StdioServerParameters:
    environment = {"VOICECALL_HOME": str(home), "HOME": str(home), "PATH": os.environ["PATH"]}
    return StdioServerParameters(command=str(BIN / words[0]), args=list(words[1:]), env=environment)


async def use(client: Client, **arguments: str) -> Any:
    result = await client.call_tool("voice_call", arguments)
    assert isinstance(result, types.CallToolResult)
    return result.structured_content


async def test_a_host_calls_through_a_program_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "config.json5").write_text("{mock: {realtime: false, script: [{say: 'Yes.'}]}}")
    config = str(tmp_path / "config.json5")

    with anyio.fail_after(60):
        async with Client(program(tmp_path, "voicecall-mcp", "--config", config)) as client:
            placed = await use(client, action="initiate_call", to="+15550005678", message="Hello.")
            status = await use(client, action="get_status", callId=placed["callId"])

    assert placed["initiated"]
    assert status["call"]["to"] == "+15550005678"


async def test_a_host_without_the_carriers_secrets_waits_for_a_gateway_to_come(tmp_path: Path) -> None:
    (tmp_path / "config.json5").write_text(LACKS_SECRETS)

    with anyio.fail_after(60):
        async with Client(program(tmp_path, "voicecall-mcp")) as client:
            answer = await use(client, action="get_status", callId="none")

    assert "start one with `voicecall serve`" in answer["error"]


@pytest.mark.parametrize("page", ["agents.md", "agents.zh-CN.md"])
def test_the_lines_for_hosts_name_programs_that_exist(page: str) -> None:
    shown = [pyjson5.decode(each.text) for each in blocks("json") if each.page.name == page]
    servers = [server for one in shown for group in one.values() for server in group.values()]

    assert [(server["command"], server["args"]) for server in servers] == [("voicecall", ["mcp"])] * 2
    assert (BIN / "voicecall").exists()


async def test_a_host_without_the_carriers_secrets_shares_the_phone_of_a_gateway(tmp_path: Path) -> None:
    settings = {"provider": "mock", "mock": {"realtime": False}}
    with started_gateway(tmp_path, settings) as gateway, anyio.fail_after(60):
        (tmp_path / "config.json5").write_text(LACKS_SECRETS)
        async with Client(program(tmp_path, "voicecall", "mcp")) as client:
            placed = await use(client, action="initiate_call", to="+15550005678", message="Hello.")
            listed = (await client.list_resources()).resources

        assert str(listed[1].uri).endswith(placed["callId"])
        assert gateway.rows("SELECT count(*) FROM calls") == [(1,)]


def test_without_its_library_a_sentence_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise ModuleNotFoundError('mcp')")

    done = subprocess.run(
        [sys.executable, "-c", "from voice_entrypoints.mcp.main import main; raise SystemExit(main())"],
        env={"VOICECALL_HOME": str(tmp_path / "state"), "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 1
    assert done.stderr == "error: MCP needs one more package: pip install 'voicecall[mcp]'\n"

"""`voicecall-mcp`: the agent tool over MCP on standard input and output.

Whichever gateway runs on the state folder is asked. If none does at the start and the settings' carrier needs no
network, this process opens a phone of its own.
"""

import functools
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from voice_domain.ports.switchboard import UnavailableError
from voice_domain.refusals import NotEnabledError
from voice_entrypoints.client_settings import ClientSettings, load_client_settings
from voice_entrypoints.event_loop import run
from voice_entrypoints.logs import set_up_logs
from voice_entrypoints.mcp.desk import Desk, GatewayDesk, OwnDesk
from voice_entrypoints.program_exit import exit_code, warn
from voice_entrypoints.program_options import named_settings_file
from voice_entrypoints.rpc.listening_gateway import find_listening_gateway
from voice_entrypoints.settings_source import home

__all__ = ("main", "serve_mcp")

_DESCRIPTION = "The agent tool voice_call over MCP, on standard input and output."


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve standard input until it ends, and return the exit code; errors are one sentence on standard error."""
    words = sys.argv[1:] if arguments is None else arguments
    config = named_settings_file(
        "voicecall-mcp", "The agent tool voice_call over MCP, on standard input and output.", words
    )
    return exit_code(functools.partial(_run, config), words=words)


def _run(config: Path | None) -> int:
    loaded = load_client_settings(config, os.environ)
    warn(loaded.warnings)
    run(functools.partial(serve_mcp, loaded, home(os.environ)))
    return 0


async def serve_mcp(loaded: ClientSettings, folder: Path) -> None:
    """Serve MCP until standard input ends.

    Raises:
        UnavailableError: if MCP's library is not installed; it says how to install it.
        NotEnabledError: if the settings are switched off.
        InvalidSettingsError: if they are wrong and no gateway runs.
        AlreadyRunningError, StoreError: if a phone of our own cannot use the state folder.
    """
    set_up_logs(loaded.settings)
    try:
        from mcp.server.stdio import stdio_server

        from voice_entrypoints.mcp.server import McpPhone
    except ModuleNotFoundError as error:
        raise UnavailableError("MCP needs one more package: pip install 'voicecall[mcp]'") from error
    if not loaded.settings.enabled:
        raise NotEnabledError
    async with _desk(loaded, folder) as desk:
        agent = McpPhone(desk)
        async with stdio_server() as (read, write), anyio.create_task_group() as tasks:
            tasks.start_soon(agent.tell)
            await agent.server.run(read, write, agent.server.create_initialization_options())
            tasks.cancel_scope.cancel()


def _is_whole(loaded: ClientSettings) -> bool:
    """Whether a phone of our own can be made; where secrets are missing, a gateway that comes later will have them.

    Raises:
        InvalidSettingsError: if anything else is wrong.
    """
    if not loaded.lacks_values_only:
        loaded.require()
    return loaded.problem is None


@asynccontextmanager
async def _desk(loaded: ClientSettings, folder: Path) -> AsyncIterator[Desk]:
    from voice_entrypoints.container import Container
    from voice_entrypoints.rpc.methods import phone_handlers
    from voice_entrypoints.rpc.operations import Operations
    from voice_entrypoints.wiring_lifetimes import running

    is_client = await find_listening_gateway(folder) is not None or not _is_whole(loaded)
    container = Container(settings=loaded.settings, home=folder)
    if is_client or container.carrier_set().needs_address:
        yield GatewayDesk(folder, loaded.settings)
        return
    async with running(container, home=folder) as phone, anyio.create_task_group() as tasks:
        yield OwnDesk(phone_handlers(phone, Operations(tasks)), phone)
        tasks.cancel_scope.cancel()


if __name__ == "__main__":
    sys.exit(main())

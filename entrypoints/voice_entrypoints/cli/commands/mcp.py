"""`voicecall mcp`: the agent tool over MCP."""

import os

from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.surroundings import state_folder, tell_warnings
from voice_entrypoints.client_settings import load_client_settings

__all__ = ("mcp",)

_PLAIN = Shared()


async def mcp(*, shared: Shared = _PLAIN) -> int:
    """Serve the tool voice_call and the calls over MCP on standard input and output, until the input ends."""
    from voice_entrypoints.mcp.main import serve_mcp

    loaded = load_client_settings(shared.config, os.environ)
    tell_warnings(loaded.warnings)
    await serve_mcp(loaded, state_folder(make=True))
    return 0

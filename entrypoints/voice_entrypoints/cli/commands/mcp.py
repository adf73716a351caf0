"""`voicecall mcp`: the agent tool over MCP."""

from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.surroundings import loaded_settings, state_folder

__all__ = ("mcp",)

_PLAIN = Shared()


async def mcp(*, shared: Shared = _PLAIN) -> int:
    """Serve the tool voice_call and the calls over MCP on standard input and output, until the input ends."""
    from voice_entrypoints.mcp.main import serve_mcp

    await serve_mcp(loaded_settings(shared), state_folder(make=True))
    return 0

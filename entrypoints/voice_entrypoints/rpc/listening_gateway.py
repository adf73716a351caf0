"""The gateway that a client can talk to: its process lives, and somebody listens where it said."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import anyio

from voice_entrypoints.rpc.discovery import Gateway, find_gateway

__all__ = ("find_listening_gateway", "listens")

_PROBE_SECONDS: Final = 1.0


async def find_listening_gateway(home: Path) -> Gateway | None:
    """Return the gateway that runs on the state folder *home*; None where none does, or it does not listen."""
    gateway = find_gateway(home)
    return gateway if gateway is not None and await listens(gateway) else None


async def listens(gateway: Gateway) -> bool:
    """Whether anybody listens where the discovery file says; a pid alone may be somebody else's by now."""
    address = urlsplit(gateway.api_url)
    try:
        with anyio.fail_after(_PROBE_SECONDS):
            stream = await anyio.connect_tcp(address.hostname or "", address.port or 80)
    except (OSError, TimeoutError):
        return False
    await stream.aclose()
    return True

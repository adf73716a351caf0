"""A gateway with live calls that ring for ever, in a process of its own.

Started with a state folder and a number of calls; says `{"url", "call_ids"}` and serves until nobody asks any more.
"""

import sys
from functools import partial
from pathlib import Path
from typing import Final

from voice_contracts.settings_reading import read_settings
from voice_entrypoints.container import Container
from voice_entrypoints.event_loop import run
from voice_entrypoints.http.serve import open_gateway
from voice_entrypoints.measured_process import next_question, say

__all__ = ("main",)

_SETTINGS: Final = {
    "maxConcurrentCalls": 1_000,
    "ringTimeoutMs": 600_000,
    "staleCallReaperSeconds": 0,
    "mock": {"outcome": "no-answer"},
    "recording": {"enabled": False},
    "serve": {"port": 0},
    "api": {"port": 0},
}


def main() -> None:
    """Serve until standard input ends."""
    run(partial(_serve, Path(sys.argv[1]), int(sys.argv[2])))


async def _serve(home: Path, live: int) -> None:
    settings = read_settings(_SETTINGS, {}).require()
    container = Container(settings=settings, home=home)
    async with open_gateway(container, settings=settings, home=home) as (phone, gateway):
        calls = [await phone.call(to="+15550005678", message="Hello.") for _ in range(live)]
        say({"url": gateway.api_url, "call_ids": [call.call_id for call in calls]})
        while await next_question() is not None:
            pass


if __name__ == "__main__":
    main()

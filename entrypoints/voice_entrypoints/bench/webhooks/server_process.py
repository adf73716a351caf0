"""The server that gets the webhooks, in a process of its own: a whole gateway, or a bare application.

Started with `bare` or the word for a carrier, and a state folder; says `{"port"}`, then answers
`now` (CPU used), `live` (calls that live) and `{"place": n}` with `[[call id, carrier call id], …]`.
"""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import anyio

from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.staged import stage_of
from voice_entrypoints.bench.webhooks.agreeable import agreeable
from voice_entrypoints.bench.webhooks.carriers import COMPARED, NEWS
from voice_entrypoints.bench.webhooks.news import ARRANGED
from voice_entrypoints.container import Container
from voice_entrypoints.event_loop import run
from voice_entrypoints.http.serve import open_gateway
from voice_entrypoints.http.server import bind_socket, listening
from voice_entrypoints.measured_process import cpu_answer, next_question, say
from voice_entrypoints.phone import Phone

__all__ = ("main",)

_SETTINGS: Final = {
    "fromNumber": ARRANGED.number,
    "publicUrl": ARRANGED.webhook_url,
    "maxConcurrentCalls": 100_000,
    "ringTimeoutMs": 600_000,
    "staleCallReaperSeconds": 0,
    "serve": {"port": 0},
    "api": {"port": 0},
    "logging": {"level": "error"},
}


def main() -> None:
    """Serve until standard input ends."""
    kind, home = sys.argv[1], Path(sys.argv[2])
    if kind == "bare":
        run(partial(_serve_bare, home))
    else:
        run(partial(_serve_calls, home, stage_of(kind).settings(ARRANGED)))


async def _serve_calls(home: Path, of_carrier: Mapping[str, Any]) -> None:
    settings = read_settings({**_SETTINGS, **of_carrier}, {}).require()
    container = Container(settings=settings, home=home)
    container.address().set(ARRANGED.webhook_url)
    container.carrier.override(agreeable(container.carrier()))
    async with open_gateway(container, settings=settings, home=home) as (phone, gateway):
        say({"port": int(gateway.webhook_url.rpartition(":")[2].partition("/")[0])})
        while (question := await next_question()) is not None:
            say(await _answered(question, phone))


async def _answered(question: Any, phone: Phone) -> Any:
    if question == "live":
        return len(phone.live())
    if question == "now":
        return cpu_answer()
    calls = [await phone.call(to="+15550005678", message="Hello.") for _ in range(question["place"])]
    return [(call.call_id, call.carrier_call_id) for call in calls]


async def _serve_bare(_home: Path) -> None:
    bound = bind_socket("serve", "127.0.0.1", 0)
    bare = NEWS[COMPARED].bare
    assert bare is not None  # it is what it was chosen for
    async with listening(bare, bound, anyio.Event()) as listener:
        say({"port": listener.port})
        while (question := await next_question()) is not None:
            say(cpu_answer() if question == "now" else 0)


if __name__ == "__main__":
    main()

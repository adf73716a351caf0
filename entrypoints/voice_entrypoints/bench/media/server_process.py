"""A server under load, in a process of its own: says where it listens, then answers questions about itself.

Started with its kind, a number of streams and an event loop (`asyncio` or `uvloop`). The first line it writes is
`{"port", "streams": [[path, call]]}`; each line it reads is a question (`now` or `first`), each further line it writes
the answer.
"""

import json
import socket
import sys
import time
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio
import anyio.to_thread

from voice_adapters.transports.media_server import make_protocol
from voice_entrypoints.bench.media.bare import WsprotoEcho, picows_echo
from voice_entrypoints.bench.media.gateway import LoadedGateway
from voice_entrypoints.bench.media.resident import resident_kib
from voice_entrypoints.http.server import listening

__all__ = ("main",)

_FIRST_FRAMES = 200


def main() -> None:
    """Serve until standard input ends."""
    kind, streams, loop = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    serve = _serve_calls if kind == "ours" else _serve_echo
    anyio.run(serve, kind, streams, backend_options={"use_uvloop": loop == "uvloop"})


async def _serve_calls(_kind: str, streams: int) -> None:
    gateway = LoadedGateway()
    bound = _bound()
    async with gateway.running():
        weight = resident_kib()
        paths = [await gateway.place() for _ in range(streams)]
        async with listening(_nothing, bound, anyio.Event(), websocket=make_protocol(gateway.engine)):
            _say({"port": bound.getsockname()[1], "streams": paths})
            while question := await _line():
                if question == "first":
                    _say(await gateway.first_frames(_FIRST_FRAMES))
                else:
                    _say(_now() | {"calls_kib": resident_kib() - weight})


async def _serve_echo(kind: str, streams: int) -> None:
    bound = _bound()
    served: AbstractAsyncContextManager[Any] = (
        picows_echo(bound)
        if kind == "picows"
        else listening(_nothing, bound, anyio.Event(), websocket=WsprotoEcho)
    )
    async with served:
        _say({"port": bound.getsockname()[1], "streams": [("/", "echo")] * streams})
        while await _line():
            _say(_now())


def _bound() -> socket.socket:
    # With its protocol named, as the gateway's own is, asyncio lets no small message wait for an acknowledgement.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.bind(("127.0.0.1", 0))
    bound.listen(1_024)
    bound.setblocking(False)  # noqa: FBT003 - the standard library's own signature
    return bound


def _now() -> dict[str, float]:
    return {"cpu_seconds": time.process_time(), "at": time.monotonic()}


async def _line() -> str:
    line = await anyio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
    return str(line).strip()


def _say(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    del scope, receive
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    main()

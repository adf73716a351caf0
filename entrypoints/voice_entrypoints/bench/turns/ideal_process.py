"""The least that can hold a conversation: no state, no rules, nothing kept. What it adds, the machine adds to anybody.

Started and asked as `gateway_process` is. It speaks HTTP as the gateway does, and its sockets cost next to nothing.
"""

import json
import socket
import sys
from base64 import b64decode, b64encode
from contextlib import aclosing
from functools import partial
from typing import Any, Final

import anyio
import anyio.abc

from voice_adapters.services.http_stream import HttpStreams, Post
from voice_adapters.services.server_sent_events import ServerSentEvents
from voice_adapters.speech.openai.realtime_messages import append
from voice_adapters.transports.shared_http import SharedHttp
from voice_contracts.twins.sound import SILENCE
from voice_entrypoints.bench.turns.services import SERVICE_KEY
from voice_entrypoints.bench.turns.text_socket import TextSocket, connect
from voice_entrypoints.event_loop import run
from voice_entrypoints.measured_process import cpu_answer, next_question, say

__all__ = ("main",)

_HEADERS: Final = {"authorization": f"Bearer {SERVICE_KEY}"}
_SILENCE_SECONDS: Final = 10.0
_FRAMES: Final = 10
_HEAD: Final = 60


def main() -> None:
    """Serve until standard input ends."""
    run(partial(_serve, sys.argv[2], int(sys.argv[3].rpartition(":")[2])))


async def _serve(services_url: str, ear_port: int) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    shared = SharedHttp()
    http = HttpStreams(shared.client())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_accept, listener, _Parts(http, f"{services_url}/v1", ear_port, tasks))
        say({"port": listener.getsockname()[1]})
        while (question := await next_question()) is not None:
            say(cpu_answer() if question == "now" else ("/", "CA1"))
        tasks.cancel_scope.cancel()
    await shared.close()


class _Parts:
    def __init__(self, http: HttpStreams, base_url: str, ear_port: int, tasks: anyio.abc.TaskGroup) -> None:
        self.http = http
        self.base_url = base_url
        self.ear_port = ear_port
        self.tasks = tasks

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Return the pieces of an answer."""
        post = Post(url=f"{self.base_url}/{path}", headers=_HEADERS, body={"model": "bench", **body})
        return aclosing(self.http.post(post, silence_seconds=_SILENCE_SECONDS))


async def _accept(listener: socket.socket, parts: _Parts) -> None:
    while True:
        await anyio.wait_readable(listener)
        parts.tasks.start_soon(_talk, listener.accept()[0], parts)


async def _talk(raw: socket.socket, parts: _Parts) -> None:
    carrier, ear = TextSocket(raw, is_client=False), None
    while True:
        await anyio.wait_readable(raw)
        for message in carrier.messages():
            if ear is None:
                ear = connect(parts.ear_port, "/")
                parts.tasks.start_soon(_listen, ear, carrier, parts)
                _play(carrier)
            elif b'"media"' in message[:_HEAD]:
                ear.send(append(b64decode(json.loads(message)["media"]["payload"])).encode())


async def _listen(ear: TextSocket, carrier: TextSocket, parts: _Parts) -> None:
    while True:
        await anyio.wait_readable(ear.raw)
        for message in ear.messages():
            if b".completed" in message:
                parts.tasks.start_soon(_answer, json.loads(message)["transcript"], carrier, parts)


async def _answer(text: str, carrier: TextSocket, parts: _Parts) -> None:
    asked = {"stream": True, "messages": [{"role": "user", "content": text}]}
    answer, events = "", ServerSentEvents()
    async with parts.post("chat/completions", asked) as pieces:
        async for piece in pieces:
            for event in events.push(piece):
                if event.data != "[DONE]":
                    answer += json.loads(event.data)["choices"][0]["delta"].get("content", "")
    spoken = {"input": answer, "voice": "alloy", "response_format": "pcm"}
    played = False
    async with parts.post("audio/speech", spoken) as pieces:
        async for _ in pieces:
            if not played:
                _play(carrier)
                played = True


def _play(carrier: TextSocket) -> None:
    payload = b64encode(SILENCE).decode()
    for _ in range(_FRAMES):
        carrier.send(json.dumps({"event": "media", "media": {"payload": payload}}).encode())


if __name__ == "__main__":
    main()

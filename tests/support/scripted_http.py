"""A service that answers HTTP requests from a script, in virtual time, and remembers what it was asked."""

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import attrs
import httpx

from voice_adapters.services.http_stream import HttpStreams

__all__ = ("VECTORS", "Answer", "ScriptedHttp", "recorded", "refusal", "sample")

VECTORS = Path(__file__).parents[1] / "vectors"


def recorded(service: str, name: str) -> dict[str, Any]:
    """Return the request *name* as the vendor's own SDK sends it."""
    requests = json.loads((VECTORS / service / "requests.json").read_text())["requests"]
    return next(request for request in requests if request["name"] == name)


def sample(service: str, file: str, name: str) -> dict[str, Any]:
    """Return the sample *name* of what a service says."""
    events = json.loads((VECTORS / service / f"{file}.json").read_text())["events"]
    return next(event for event in events if event["name"] == name)


@attrs.define(eq=False)
class Answer(httpx.AsyncByteStream):
    """One answer: pieces, each after *pause* seconds; a piece that is an error is raised."""

    pieces: Sequence[bytes | Exception] = ()
    status: int = 200
    headers: dict[str, str] = attrs.field(factory=dict)
    pause: float = 0.0
    head_after: float = 0.0
    given: int = attrs.field(default=0, init=False)
    closed: bool = attrs.field(default=False, init=False)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            if self.closed:
                raise httpx.ReadError("closed")
            await anyio.sleep(self.pause)
            if isinstance(piece, Exception):
                raise piece
            self.given += 1
            yield piece

    async def aclose(self) -> None:
        await anyio.lowlevel.checkpoint()
        self.closed = True


class ScriptedHttp(httpx.AsyncBaseTransport):
    """Gives one answer, or raises one error, for each request in turn; the last one again and again."""

    def __init__(self, *answers: Answer | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    @property
    def streams(self) -> HttpStreams:
        return HttpStreams(httpx.AsyncClient(transport=self))

    @property
    def body(self) -> Any:
        return json.loads(self.requests[-1].content)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        answer.given, answer.closed = 0, False
        await anyio.sleep(answer.head_after)
        return httpx.Response(answer.status, headers=answer.headers, stream=answer)


def refusal(event: dict[str, Any]) -> Answer:
    """Return the answer that a sample of a refusal describes."""
    body = json.dumps(event.get("body") or event.get("message")).encode()
    return Answer([body], status=event["status"], headers=event.get("headers", {}))

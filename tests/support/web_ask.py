"""Asks an ASGI application one thing, without sockets."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import anyio
import attrs
from starlette.types import ASGIApp, Message


@attrs.frozen
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@attrs.frozen(kw_only=True)
class Asked:
    """A request; its body comes in pieces, after which the client waits, unless it leaves."""

    path: str = "/"
    method: str = "GET"
    headers: Mapping[str, str] = attrs.field(factory=dict)
    pieces: Sequence[bytes] = (b"",)
    query: str = ""
    client: str = "127.0.0.1"
    port: int = 3335
    stalls: bool = False
    """Whether the body never ends."""
    leaves: anyio.Event | None = None
    """The client leaves when this is set; it never does without."""
    kind: str = "http"

    def scope(self) -> dict[str, Any]:
        return {
            "type": self.kind,
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": self.query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in self.headers.items()],
            "client": (self.client, 50_000),
            "server": ("127.0.0.1", self.port),
            "extensions": {"websocket.http.response": {}},
        }

    def receiver(self) -> Callable[[], Awaitable[Message]]:
        """Return the `receive` of this request."""
        left = list(self.pieces)

        async def receive() -> Message:
            await anyio.lowlevel.checkpoint()
            if left:
                piece = left.pop(0)
                return {"type": "http.request", "body": piece, "more_body": self.stalls or bool(left)}
            await (anyio.sleep_forever() if self.leaves is None else self.leaves.wait())
            return {"type": "http.disconnect"}

        return receive


async def ask(app: ASGIApp, asked: Asked) -> Reply:
    """Return the whole reply; status 0 if there was none."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        await anyio.lowlevel.checkpoint()
        sent.append(message)

    await app(asked.scope(), asked.receiver(), send)
    start = next((message for message in sent if message["type"].endswith("response.start")), None)
    if start is None:
        return Reply(0, {}, b"")
    body = b"".join(message.get("body", b"") for message in sent if message["type"].endswith("response.body"))
    headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Reply(start["status"], headers, body)

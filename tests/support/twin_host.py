"""Our side as a twin of a carrier sees it, reduced to what a test says: documents by path, and media sockets."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import anyio
import attrs
import httpx
import msgspec

from voice_contracts.twins.sockets import (
    MemorySocket,
    Socket,
    SocketClosedError,
    SocketRefusedError,
    memory_pair,
)

__all__ = ("Arrived", "Host", "MediaEnd")

ORIGIN = "https://voice.example.com"
Document = str | httpx.Response | Callable[["Arrived"], Awaitable[str | httpx.Response] | str]


@attrs.frozen
class Arrived:
    """One webhook."""

    method: str
    path: str
    url: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]


class MediaEnd:
    """Our end of one media stream, with the headers of its upgrade."""

    def __init__(self, url: str, headers: Mapping[str, str], socket: MemorySocket) -> None:
        self.url = url
        self.headers = headers
        self.socket = socket
        self.messages: list[dict[str, Any]] = []

    async def next(self, event: str | None = None) -> dict[str, Any]:
        """Return the next message, or the next one of that event."""
        while True:
            message = msgspec.json.decode(await self.socket.receive())
            self.messages.append(message)
            if event in (None, message["event"]):
                return message

    async def drain(self) -> int:
        """Take messages until the twin is gone, and return the close code."""
        while True:
            try:
                await self.next()
            except SocketClosedError as closed:
                return closed.code

    async def send(self, **message: Any) -> None:
        """Send one message."""
        await self.socket.send(msgspec.json.encode(message).decode())


class Host:
    """Answers webhooks from a table of documents; a path that is not in it gets 204."""

    def __init__(self, **documents: Document) -> None:
        self.documents: dict[str, Document] = {f"/{name}": value for name, value in documents.items()}
        self.arrived: list[Arrived] = []
        self.refuses_streams_with: int | None = None
        self.dialled: list[Mapping[str, str]] = []
        """The headers of every upgrade that was asked for."""
        self.transport = httpx.MockTransport(self._answer)
        self._open: list[MediaEnd] = []
        self._ends, self._streams = anyio.create_memory_object_stream[MediaEnd](10)

    def url(self, path: str) -> str:
        """Return the address of a document."""
        return f"{ORIGIN}/{path}"

    def at(self, path: str) -> list[Mapping[str, str]]:
        """Return the fields of every webhook that came to *path*, in order."""
        return [one.fields for one in self.arrived if one.path == f"/{path}"]

    async def dial(self, url: str, headers: Mapping[str, str]) -> Socket:
        """Take a media stream, or refuse it with `refuses_streams_with`."""
        self.dialled.append(headers)
        if self.refuses_streams_with is not None:
            raise SocketRefusedError(self.refuses_streams_with)
        here, there = memory_pair()
        end = MediaEnd(url, headers, here)
        self._open.append(end)
        self._ends.send_nowait(end)
        return there

    async def stream(self) -> MediaEnd:
        """Return the next stream that was opened."""
        return await self._streams.receive()

    def close(self) -> None:
        """Let go of every stream."""
        for end in self._open:
            end.socket.drop()
        self._ends.close()
        self._streams.close()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        body = (await request.aread()).decode()
        fields = dict(parse_qsl(body or request.url.query.decode(), keep_blank_values=True))
        one = Arrived(request.method, request.url.path, str(request.url), fields, request.headers)
        self.arrived.append(one)
        document = self.documents.get(one.path, httpx.Response(204))
        if callable(document):
            made = document(one)
            document = made if isinstance(made, str | httpx.Response) else await made
        if isinstance(document, str):
            return httpx.Response(200, headers={"content-type": "text/xml"}, text=document)
        return document

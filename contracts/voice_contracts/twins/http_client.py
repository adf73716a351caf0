"""The one module here that knows httpx: posting webhooks, and reaching a twin without a socket."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import ClassVar
from urllib.parse import urlsplit, urlunsplit

import anyio
import attrs
import httpx

from voice_contracts.twins.http import Handler, Request
from voice_domain.errors import VoiceError

__all__ = ("InProcess", "NoAnswerError", "Post", "Posted", "Transport", "Ways", "posting")

Transport = httpx.AsyncBaseTransport
"""Carries requests: over sockets, or to an application within the process."""


class NoAnswerError(VoiceError):
    """A webhook brought no answer. `connected` says whether the other side was reached at all."""

    kind: ClassVar[str] = "no_answer"

    def __init__(self, *, connected: bool) -> None:
        super().__init__(
            "the webhook was not answered in time" if connected else "the webhook's address cannot be reached"
        )
        self.connected = connected


@attrs.frozen
class Posted:
    """What came back."""

    status: int
    content_type: str
    body: bytes


@attrs.frozen
class Ways:
    """How public origins are really reached, as a tunnel would do it; an origin that is not listed, directly.

    A key is an origin as the carrier knows it (`https://voice.example.com`), its value the one behind it
    (`http://127.0.0.1:3334`). WebSocket URLs follow the entry of their http origin.
    """

    origins: Mapping[str, str] = attrs.field(factory=dict)

    def to(self, url: str) -> str:
        """Return the address that *url* is reached at."""
        parts = urlsplit(url)
        scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
        behind = self.origins.get(f"{scheme}://{parts.netloc}")
        if behind is None:
            return url
        there = urlsplit(behind)
        return urlunsplit((there.scheme, there.netloc, parts.path, parts.query, ""))


@attrs.frozen
class Post:
    """Sends webhooks.

    Args:
        client: Its transport decides whether they travel over sockets or within the process.
        ways: How public addresses are reached.
        patience_seconds: How long the answer may take.
    """

    client: httpx.AsyncClient
    ways: Ways
    patience_seconds: float

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        """Send one request and return its answer.

        Raises:
            NoAnswerError: if there is none in time.
        """
        target = self.ways.to(url)
        if target != url:
            # What a tunnel hands on with the request.
            parts = urlsplit(url)
            headers = {"host": parts.netloc, "x-forwarded-proto": parts.scheme, **headers}
        try:
            with anyio.fail_after(self.patience_seconds):
                # Made without the client, whose defaults a carrier's webhook has none of.
                answer = await self.client.send(httpx.Request(method, target, headers=headers, content=body))
        except (TimeoutError, httpx.TimeoutException) as error:
            raise NoAnswerError(connected=True) from error
        except (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise NoAnswerError(connected=False) from error
        except httpx.TransportError as error:
            raise NoAnswerError(connected=True) from error
        return Posted(answer.status_code, answer.headers.get("content-type", ""), answer.content)


class _NoCookies(httpx.Cookies):
    def extract_cookies(self, response: httpx.Response) -> None:
        """Leave them: what the webhook of one call sets must not come with that of another."""


_NO_COOKIES = _NoCookies()


class _Client(httpx.AsyncClient):
    @property  # type: ignore[misc]  # nobody may set any
    def cookies(self) -> httpx.Cookies:
        return _NO_COOKIES


@asynccontextmanager
async def posting(transport: Transport | None, ways: Ways, patience_seconds: float) -> AsyncIterator[Post]:
    """Give a `Post` for as long as the block lasts; without a *transport* it goes over sockets."""
    # The machine's proxy settings are none of a twin's business: it talks to loopback.
    async with _Client(transport=transport, trust_env=False, follow_redirects=True, timeout=None) as client:
        yield Post(client, ways, patience_seconds)


class InProcess(httpx.AsyncBaseTransport):
    """Reaches a twin's API without a socket; bodies stream, and read timeouts hold, also in virtual time."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        """What answers the requests."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Hand one request to the twin."""
        seconds = request.extensions.get("timeout", {}).get("read")
        asked = Request(
            request.method,
            request.url.path,
            request.url.query.decode(),
            {name.lower(): value for name, value in request.headers.items()},
            await request.aread(),
        )
        try:
            with anyio.fail_after(seconds):
                answer = await self.handler(asked)
        except TimeoutError as error:
            raise httpx.ReadTimeout("the twin gave no answer in time", request=request) from error
        headers = dict(answer.headers)
        if isinstance(answer.body, bytes):
            return httpx.Response(answer.status, headers=headers, content=answer.body)
        return httpx.Response(answer.status, headers=headers, stream=_Pieces(answer.body, seconds))


class _Pieces(httpx.AsyncByteStream):
    """A body that comes piece by piece."""

    def __init__(self, pieces: AsyncGenerator[bytes], seconds: float | None) -> None:
        self._pieces = pieces
        self._seconds = seconds

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            try:
                with anyio.fail_after(self._seconds):
                    piece = await anext(self._pieces, None)
            except TimeoutError as error:
                raise httpx.ReadTimeout("the twin stopped in the middle") from error
            except ConnectionError as error:
                raise httpx.ReadError(str(error)) from error
            if piece is None:
                return
            yield piece

    async def aclose(self) -> None:
        await self._pieces.aclose()

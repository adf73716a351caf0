"""Posts whose answers arrive piece by piece: speech, and the text of language models."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any, ClassVar

import anyio
import attrs

from voice_adapters.transports.http_library import httpx
from voice_domain.errors import VoiceError

__all__ = ("BrokenOffError", "HttpStreams", "Post", "RefusedError", "RetryRule")

_TRIES = 2
_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 2.0
_REFUSAL_BYTES = 64 * 1024
_CLOSE_SECONDS = 2.0


class RefusedError(VoiceError):
    """A service answered with a status that is no success."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, status: int, body: bytes, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(f"The service refused the request with status {status}")
        self.status = status
        self.body = body
        """What it said about it, at most 64 KiB."""
        self.retry_after_seconds = retry_after_seconds
        """How long it asks us to wait; None when it does not say."""


class BrokenOffError(VoiceError):
    """A service could not be reached, fell silent, or broke off."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, problem: str, *, retryable: bool = False) -> None:
        super().__init__(f"The request failed: {problem}")
        self.problem = problem
        self.retryable = retryable
        """Whether the same request may succeed at once, if nothing of its answer was used."""


@attrs.frozen(kw_only=True)
class Post:
    """A JSON request."""

    url: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: Mapping[str, Any] = attrs.field(repr=False)
    query: Mapping[str, str] = attrs.field(factory=dict)
    refused_types: tuple[str, ...] = ()
    """Beginnings of content types that cannot be the answer, such as a proxy's page of HTML."""


RetryRule = Callable[[RefusedError], bool]
"""Whether a refused request may succeed when it is asked again at once."""


def _never(_: RefusedError) -> bool:
    """Ask no refused request again."""
    return False


@attrs.frozen
class HttpStreams:
    """Streamed posts on a client that somebody else opens and closes; its own timeouts are not used."""

    client: httpx.AsyncClient

    async def post(
        self, post: Post, *, silence_seconds: float, retry: RetryRule = _never
    ) -> AsyncGenerator[bytes, None]:
        """Yield the answer in the pieces in which it arrives.

        *silence_seconds* is how long the first piece may take, a second try included, and every further piece.
        Nothing is tried again once a piece has been given. Leaving the iteration early closes the answer.

        Raises:
            RefusedError: if the answer is no success.
            BrokenOffError: if there is none, or it ends too early.
        """
        first_by = anyio.current_time() + silence_seconds
        for tries in range(1, _TRIES + 1):
            started = False
            try:
                async with aclosing(self._pieces(post, first_by, silence_seconds)) as pieces:
                    async for piece in pieces:
                        started = True
                        yield piece
            except (RefusedError, BrokenOffError) as error:
                pause = _pause(error, retry)
                if started or tries == _TRIES or pause is None or anyio.current_time() + pause >= first_by:
                    raise
            else:
                return
            await anyio.sleep(pause)

    async def _pieces(
        self, post: Post, first_by: float, silence_seconds: float
    ) -> AsyncGenerator[bytes, None]:
        try:
            with anyio.fail_after(first_by - anyio.current_time()):
                response = await self._send(post)
        except TimeoutError as error:
            raise BrokenOffError(f"no answer within {silence_seconds:g} s") from error
        body = response.aiter_bytes()
        try:
            piece_by = first_by
            await _check(response, body, post, piece_by)
            while True:
                with anyio.fail_after(piece_by - anyio.current_time()):
                    piece = await anext(body, None)
                if piece is None:
                    return
                yield piece
                piece_by = anyio.current_time() + silence_seconds
        except TimeoutError as error:
            raise BrokenOffError(f"the answer stopped for {silence_seconds:g} s") from error
        # The text of httpx's errors may quote a header, and with it a key.
        except httpx.RequestError:
            raise BrokenOffError("the answer broke off", retryable=True) from None
        finally:
            with anyio.move_on_after(_CLOSE_SECONDS, shield=True):
                await response.aclose()
                await _exhaust(body)

    async def _send(self, post: Post) -> httpx.Response:
        if not all(value.isascii() and value.isprintable() for value in post.headers.values()):
            raise BrokenOffError("the key holds characters that no key has; copy it again, without line ends")
        headers = {"content-type": "application/json", "accept-encoding": "identity", **post.headers}
        # A lone surrogate has no UTF-8 form; nobody can say it either.
        text = json.dumps(post.body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        try:
            request = self.client.build_request(
                "POST", post.url, params=post.query or None, headers=headers, content=text, timeout=None
            )
            return await self.client.send(request, stream=True)
        except httpx.ConnectError:
            raise BrokenOffError(f"{_host(post.url)} cannot be reached", retryable=True) from None
        except httpx.UnsupportedProtocol:
            raise BrokenOffError("its base URL is not one; write https://host/path") from None
        except httpx.RequestError:
            raise BrokenOffError("the connection broke before the answer", retryable=True) from None
        except httpx.InvalidURL:
            raise BrokenOffError("its base URL is not one; write https://host/path") from None


def _host(url: str) -> str:
    return httpx.URL(url).host


async def _exhaust(body: AsyncIterator[bytes]) -> None:
    """Let the generators that httpx nests come to their ends: closing the outer one would leave the inner ones."""
    with suppress(httpx.HTTPError, httpx.StreamError):
        while await anext(body, None) is not None:
            pass


async def _check(response: httpx.Response, body: AsyncIterator[bytes], post: Post, by: float) -> None:
    if not response.is_success:
        raise RefusedError(
            response.status_code,
            await _beginning(body, by),
            retry_after_seconds=_retry_after(response.headers),
        )
    media_type = response.headers.get("content-type", "").lower()
    if media_type.startswith(post.refused_types):
        raise BrokenOffError(f"it answered with {media_type.split(';')[0]}; check the base URL")


async def _beginning(body: AsyncIterator[bytes], by: float) -> bytes:
    """Return what is said about a refusal, as far as it comes, in time."""
    said = b""
    with anyio.move_on_after(by - anyio.current_time()), suppress(httpx.RequestError):
        while len(said) < _REFUSAL_BYTES and (piece := await anext(body, None)) is not None:
            said += piece
    return said[:_REFUSAL_BYTES]


def _retry_after(headers: httpx.Headers) -> float | None:
    """Return the seconds of `retry-after-ms`, else of `retry-after`; a date counts as not said."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * unit)
        except (KeyError, ValueError):
            continue
    return None


def _pause(error: RefusedError | BrokenOffError, retry: RetryRule) -> float | None:
    """Return after how long the request may be repeated; None for never."""
    if isinstance(error, BrokenOffError):
        return _PAUSE_SECONDS if error.retryable else None
    if not retry(error):
        return None
    pause = _PAUSE_SECONDS if error.retry_after_seconds is None else error.retry_after_seconds
    return pause if pause <= _LONGEST_PAUSE_SECONDS else None

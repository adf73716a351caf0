"""Requests to the HTTP interfaces of carriers: deadlines, repetition and Retry-After in one place.

A request that may have been carried out is repeated only if repeating it is harmless. One that certainly did not
arrive, because no connection came about, may always be repeated.
"""

import random
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Final, cast

import anyio
import attrs
import msgspec

from voice_adapters.transports.http_library import httpx
from voice_domain.errors import VoiceError
from voice_domain.ports.clock import Clock

__all__ = ("HttpAnswer", "HttpClient", "HttpRequest", "UnreachableError", "is_passing")

_ATTEMPTS: Final = 3
_FIRST_PAUSE_SECONDS: Final = 0.25
_ATTEMPT_SECONDS: Final = 8.0
_DEADLINE_SECONDS: Final = 14.0
_PASSING: Final = frozenset({429, 500, 502, 503, 504})
# What an interface says about one call is small; more than this is not an answer of theirs.
_BODY_LIMIT: Final = 1_048_576


class UnreachableError(VoiceError):
    """No answer came."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, host: str, problem: str, *, sent: bool, passing: bool = True) -> None:
        super().__init__(f"{host or 'The address'} {problem}")
        self.host = host
        self.problem = problem
        self.sent = sent
        """Whether the request may have arrived."""
        self.passing = passing
        """Whether the same request may succeed later."""


@attrs.frozen(kw_only=True)
class HttpRequest:
    """A request; neither its headers nor its body are shown, for they hold credentials and numbers."""

    method: str
    url: str
    repeatable: bool
    """Whether doing it twice is the same as doing it once."""
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    body: bytes = attrs.field(default=b"", repr=False)


@attrs.frozen
class HttpAnswer:
    """An answer of any status."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = attrs.field(repr=False)

    @property
    def succeeded(self) -> bool:
        """Whether the request was carried out."""
        return 200 <= self.status < 300

    @property
    def date_ms(self) -> int | None:
        """What the far end's clock showed, epoch milliseconds (RFC 9110, section 6.6.1); None if it does not say."""
        try:
            return round(parsedate_to_datetime(self.headers.get("date", "")).timestamp() * 1000)
        except ValueError:
            return None

    def json_object(self) -> dict[str, Any]:
        """Return the JSON object in the body; empty if it is none."""
        try:
            value = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


def is_passing(status: int) -> bool:
    """Whether a request that was refused with *status* may succeed later: too many, or trouble at the far end."""
    return status in _PASSING


@attrs.frozen
class HttpClient:
    """Sends requests on a client that somebody else opens and closes; its own timeouts are not used.

    Every request is over after 14 seconds, repetitions included, and every attempt after 8.
    """

    client: httpx.AsyncClient
    clock: Clock
    """Only for a Retry-After that is a date."""
    jitter: Callable[[], float] = random.random
    """Gives numbers from 0 to 1, so that those who failed together do not come back together."""

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Return the answer, whatever its status; 429 and 5xx are asked again if the request is repeatable.

        Three attempts at most. A Retry-After is waited for, or where that would last too long, the answer that
        holds it is returned at once.

        Raises:
            UnreachableError: if none came.
        """
        last_by = anyio.current_time() + _DEADLINE_SECONDS
        attempt = 0
        while True:
            attempt += 1
            pause: float | None
            try:
                answer = await self._once(request, last_by)
            except UnreachableError as error:
                pause = (
                    self._pause(attempt)
                    if error.passing and not (error.sent and not request.repeatable)
                    else None
                )
                if pause is None or not _in_time(pause, attempt, last_by):
                    raise
            else:
                pause = self._pause_after(answer, attempt) if request.repeatable else None
                if pause is None or not _in_time(pause, attempt, last_by):
                    return answer
            await anyio.sleep(pause)

    async def _once(self, request: HttpRequest, last_by: float) -> HttpAnswer:
        seconds = min(_ATTEMPT_SECONDS, last_by - anyio.current_time())
        url = _web_address(request.url)
        if url is None:
            problem = "is no web address; write https://host in apiBaseUrl"
            raise UnreachableError("", problem, sent=False, passing=False)
        try:
            with anyio.fail_after(seconds):
                return await self._exchange(request, url)
        except TimeoutError:
            problem = f"did not answer within {seconds:.0f} s"
            raise UnreachableError(url.host, problem, sent=True) from None
        # The text of httpx's errors may quote what was sent, and with it a credential.
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise UnreachableError(url.host, "cannot be reached", sent=False) from None
        except httpx.HTTPError:
            raise UnreachableError(url.host, "broke the connection off", sent=True) from None

    async def _exchange(self, request: HttpRequest, url: httpx.URL) -> HttpAnswer:
        body = b""
        stream = self.client.stream(
            request.method,
            url,
            headers=dict(request.headers),
            content=request.body or None,
            timeout=None,
            follow_redirects=False,
        )
        async with stream as response:
            pieces = cast("AsyncGenerator[bytes, None]", response.aiter_bytes())
            async with aclosing(pieces):
                async for piece in pieces:
                    body += piece
                    if len(body) > _BODY_LIMIT:
                        break
        headers = {name.lower(): value for name, value in response.headers.items()}
        return HttpAnswer(response.status_code, headers, body[:_BODY_LIMIT])

    def _pause(self, attempt: int) -> float:
        return _FIRST_PAUSE_SECONDS * 2.0 ** (attempt - 1) * (0.5 + self.jitter() / 2)

    def _pause_after(self, answer: HttpAnswer, attempt: int) -> float | None:
        """Return how long to wait before asking again; None where that is no use."""
        if not is_passing(answer.status):
            return None
        wished = self._wished_seconds(answer.headers.get("retry-after", ""))
        return self._pause(attempt) if wished is None else wished

    def _wished_seconds(self, text: str) -> float | None:
        """Read Retry-After (RFC 9110, section 10.2.3): seconds, or a date; None if it is neither."""
        if text.isascii() and text.isdigit():
            return float(text)
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        now = datetime.fromtimestamp(self.clock.now_ms() / 1000, UTC)
        return float(max(0.0, (at.astimezone(UTC) - now).total_seconds()))


def _in_time(pause: float, attempt: int, last_by: float) -> bool:
    return attempt < _ATTEMPTS and anyio.current_time() + pause < last_by


def _web_address(url: str) -> httpx.URL | None:
    """Return *url*, read; None if it is no web address."""
    try:
        read = httpx.URL(url)
    except httpx.InvalidURL:
        return None
    return read if read.scheme in ("http", "https") and read.host else None

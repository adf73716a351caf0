"""Where the harness stands between the gateway and the carrier: it counts what passes, and may strike there."""

from collections.abc import Callable

import attrs

from voice_adapters.transports.http_library import httpx
from voice_contracts.twins.http import Answer, Handler, Request

__all__ = ("Tap", "tapped_handler", "tapped_transport")


@attrs.define
class Tap:
    """Counts things that pass, and calls *strike* at the one that was asked for."""

    strike: Callable[[], None]
    _left: int | None = None

    def set(self, passing: int) -> None:
        """Strike at the *passing*-th thing from now, the next one being the first."""
        self._left = passing

    def unset(self) -> None:
        """Strike no more."""
        self._left = None

    def passed(self) -> None:
        """One more."""
        if self._left is None:
            return
        self._left -= 1
        if self._left <= 0:
            self._left = None
            self.strike()


def tapped_handler(handler: Handler, tap: Tap) -> Handler:
    """Return *handler*, with *tap* between what it does and the answer: the answer of a stricken gateway is lost."""

    async def handle(request: Request) -> Answer:
        answer = await handler(request)
        tap.passed()
        return answer

    return handle


def tapped_transport(tap: Tap) -> httpx.AsyncBaseTransport:
    """Return sockets for webhooks, with *tap* right behind the gateway's answer: what it took has to be kept."""
    return _Tapped(tap)


class _Tapped(httpx.AsyncBaseTransport):
    def __init__(self, tap: Tap) -> None:
        self._sockets = httpx.AsyncHTTPTransport()
        self._tap = tap

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._sockets.handle_async_request(request)
        if answer.is_success:
            self._tap.passed()
        return answer

    async def aclose(self) -> None:
        await self._sockets.aclose()

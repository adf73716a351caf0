"""Remembers how webhooks were answered: the same request again gets the same answer, and changes nothing."""

import itertools
from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import attrs

from voice_domain.ports.webhook_reader import WebhookResponse

__all__ = ("ReplayCache",)

_WINDOW_SECONDS: Final = 600.0
_LIMIT: Final = 10_000
# Looked at for every new claim; more than one, so that expired ones never pile up.
_SWEEP: Final = 8


@attrs.define
class _Claim:
    expires_at: float
    done: anyio.Event | None
    """None once it is processed: nobody waits any more, and ten thousand events are much to keep."""
    response: WebhookResponse | None = None
    """None while it is processed, and after that failed."""


class ReplayCache:
    """Holds at most *limit* answers, each for *window_seconds*; the oldest makes room."""

    def __init__(self, *, window_seconds: float = _WINDOW_SECONDS, limit: int = _LIMIT) -> None:
        self._window_seconds = window_seconds
        self._limit = limit
        self._claims: dict[str, _Claim] = {}

    def __len__(self) -> int:
        return len(self._claims)

    async def answer(
        self, key: str, process: Callable[[], Awaitable[WebhookResponse]]
    ) -> tuple[WebhookResponse, bool]:
        """Return the answer to the request with this *key*, and whether it is a replay.

        Of requests with one key that come together, one is processed and the others wait for its answer. When
        processing raises, the key is released: the next of them, or the carrier's retry, is processed.
        """
        while (claim := self._live_claim(key)) is not None:
            if claim.done is not None:
                await claim.done.wait()
            if claim.response is not None:
                return claim.response, True
        done = anyio.Event()
        claim = self._claims[key] = _Claim(anyio.current_time() + self._window_seconds, done)
        self._make_room()
        try:
            claim.response = await process()
        finally:
            if claim.response is None and self._claims.get(key) is claim:
                del self._claims[key]
            claim.done = None
            done.set()
        return claim.response, False

    def _live_claim(self, key: str) -> _Claim | None:
        claim = self._claims.get(key)
        if claim is not None and claim.expires_at <= anyio.current_time():
            del self._claims[key]
            return None
        return claim

    def _make_room(self) -> None:
        now = anyio.current_time()
        # Claims are in the order of their making, so the expired ones come first.
        for key, claim in list(itertools.islice(self._claims.items(), _SWEEP)):
            if claim.expires_at <= now or len(self._claims) > self._limit:
                del self._claims[key]

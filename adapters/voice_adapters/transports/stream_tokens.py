"""Tokens that let a carrier open the media stream of one call: secret, single use, short-lived.

Carriers strip query strings, so the token is the last segment of the stream's path. Only a digest is kept: a token
cannot leak from memory dumps, logs or a `repr`. What is compared is the digest, whose bytes a guesser cannot steer,
so the time that a comparison takes tells nothing about the token.
"""

import hashlib
from typing import Final

import attrs

from voice_domain.identity import CallId
from voice_domain.ports.clock import Clock, Identities

__all__ = ("TOKEN_SECONDS", "StreamTicket", "StreamTokens")

TOKEN_SECONDS: Final = 60
"""How long a token may wait for its connection."""

_LIMIT: Final = 1_024
# Longer text cannot be a token of ours and is not worth a digest.
_LONGEST: Final = 128


@attrs.frozen
class StreamTicket:
    """What a token was good for."""

    call_id: CallId
    epoch: int
    """Grows with every token: of two streams of one call the one with the higher epoch is the newer."""


@attrs.frozen
class _Issued:
    ticket: StreamTicket
    expires_at_ms: int


class StreamTokens:
    """Issues tokens and takes each back once. At most 1024 wait; beyond that the oldest is forgotten."""

    def __init__(self, clock: Clock, identities: Identities, *, seconds: int = TOKEN_SECONDS) -> None:
        self._clock = clock
        self._identities = identities
        self._milliseconds = seconds * 1_000
        self._epoch = 0
        # Oldest first, because all live equally long.
        self._issued: dict[bytes, _Issued] = {}

    def __len__(self) -> int:
        return len(self._issued)

    def issue(self, call_id: CallId) -> str:
        """Return a new token for a stream of *call_id*: at least 128 random bits, safe in a path."""
        now = self._clock.now_ms()
        self._forget_expired(now)
        while len(self._issued) >= _LIMIT:
            del self._issued[next(iter(self._issued))]
        self._epoch += 1
        token = self._identities.new_token()
        ticket = StreamTicket(call_id, self._epoch)
        self._issued[_digest(token)] = _Issued(ticket, now + self._milliseconds)
        return token

    def consume(self, token: str) -> StreamTicket | None:
        """Return what *token* is good for, once; None for one that is unknown, used or too old."""
        if len(token) > _LONGEST:
            return None
        self._forget_expired(self._clock.now_ms())
        known = self._issued.pop(_digest(token), None)
        return None if known is None else known.ticket

    def forget(self, call_id: CallId) -> None:
        """Make the tokens of a call worthless: it is over."""
        for digest, issued in tuple(self._issued.items()):
            if issued.ticket.call_id == call_id:
                del self._issued[digest]

    def _forget_expired(self, now_ms: int) -> None:
        for digest, issued in tuple(self._issued.items()):
            if issued.expires_at_ms > now_ms:
                break
            del self._issued[digest]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()

"""Transfers that are being tried: webhooks tell whether the other number answered, and somebody waits for that."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import anyio

from voice_adapters.carriers.twilio.fields import Fields, Topic
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError

__all__ = ("RING_SECONDS", "Attempt", "Transfers")

RING_SECONDS: Final = 20
"""How long the other number rings."""
# Some routes ring five seconds longer than they are told to (www.twilio.com/docs/voice/api/call-resource).
_LONGEST_SECONDS: Final = 27.0


class Attempt:
    """One transfer, until it is known what became of it."""

    def __init__(self) -> None:
        self._over = anyio.Event()
        self._refusal = ""

    def note(self, fields: Fields) -> None:
        """Take what a webhook tells of it; the first word counts."""
        if self._over.is_set():
            return
        # The document that dialled comes back with a word of what became of it.
        word = fields.text("DialCallStatus").lower() if fields.topic is Topic.DOCUMENT else ""
        if fields.topic is Topic.TRANSFER and fields.status == "in-progress":
            self._over.set()
        elif word:
            self._refusal = "" if word in ("completed", "answered") else word
            self._over.set()

    async def outcome(self) -> None:
        """Return once the other number has answered, or when nothing is told of it for 27 seconds.

        Raises:
            CarrierError: if it did not answer.
        """
        with anyio.move_on_after(_LONGEST_SECONDS):
            await self._over.wait()
        if self._refusal:
            raise CarrierError(
                "twilio", "the number that the call was to be transferred to gave " + self._refusal
            )


class Transfers:
    """The attempts that somebody waits for, by leg."""

    def __init__(self) -> None:
        self._attempts: dict[CarrierCallId, Attempt] = {}

    def __len__(self) -> int:
        return len(self._attempts)

    @contextmanager
    def attempt(self, leg: CarrierCallId) -> Iterator[Attempt]:
        """Take news of a transfer for as long as the block lasts."""
        attempt = self._attempts[leg] = Attempt()
        try:
            yield attempt
        finally:
            if self._attempts.get(leg) is attempt:
                del self._attempts[leg]

    def note(self, fields: Fields) -> None:
        """Give what a webhook tells to whoever waits for it."""
        attempt = self._attempts.get(fields.leg)
        if attempt is not None:
            attempt.note(fields)

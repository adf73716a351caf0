"""Transfers that are being tried: webhooks tell whether the other number answered, and somebody waits for that."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import anyio

from voice_adapters.carriers.plivo.fields import Fields, Topic, Turn
from voice_adapters.carriers.plivo.markup import Response
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError

__all__ = ("RING_SECONDS", "Attempt", "Transfers", "is_bridged")

RING_SECONDS: Final = 20
"""How long the other number rings."""
_LONGEST_SECONDS: Final = 27.0
_HANDED_OVER: Final = frozenset({"completed", "answer", "answered", "connected"})


def is_bridged(fields: Fields) -> bool:
    """Whether a webhook tells that the other number has answered, or that the counterpart has talked to it."""
    if fields.topic is Topic.TRANSFER:
        words = {fields.text("DialBLegStatus").lower(), fields.text("DialAction").lower()}
        return bool(words & {"answer", "connected"})
    return fields.topic is Topic.DOCUMENT and fields.text("DialStatus").lower() in _HANDED_OVER


class Attempt:
    """One transfer, until it is known what became of it."""

    def __init__(self, turn: Turn, document: Response) -> None:
        self.turn = turn
        self.document = document
        self._over = anyio.Event()
        self._refusal = ""

    def note(self, fields: Fields) -> None:
        """Take what a webhook tells of it; the first word counts."""
        # The document that dialled comes back with a word of what became of it.
        word = fields.text("DialStatus").lower() if fields.topic is Topic.DOCUMENT else ""
        if self._over.is_set() or not (word or is_bridged(fields)):
            return
        self._refusal = "" if is_bridged(fields) else word
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
                "plivo", "the number that the call was to be transferred to gave " + self._refusal
            )


class Transfers:
    """The attempts that somebody waits for, by leg."""

    def __init__(self) -> None:
        self._attempts: dict[CarrierCallId, Attempt] = {}

    def __len__(self) -> int:
        return len(self._attempts)

    @contextmanager
    def attempt(self, leg: CarrierCallId, turn: Turn, document: Response) -> Iterator[Attempt]:
        """Give the leg *document* when it asks in *turn*, and take news of it, for as long as the block lasts."""
        attempt = self._attempts[leg] = Attempt(turn, document)
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

    def document(self, fields: Fields) -> Response | None:
        """Return the document that calls the other number, if a webhook asks for it."""
        attempt = self._attempts.get(fields.leg)
        return attempt.document if attempt is not None and attempt.turn == fields.turn else None

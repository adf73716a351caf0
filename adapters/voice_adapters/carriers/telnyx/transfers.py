"""Transfers that are being tried: webhooks tell whether the other number answered, and somebody waits for that."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import anyio

from voice_adapters.carriers.telnyx.client_state import Role
from voice_adapters.carriers.telnyx.fields import Fields
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError

__all__ = ("RING_SECONDS", "Attempt", "Transfers")

RING_SECONDS: Final = 20
"""How long the other number rings."""
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
        if fields.state.role is Role.TARGET and fields.event_type == "call.hangup":
            self._refusal = fields.text("hangup_cause") or "no cause"
            self._over.set()
        elif fields.state.role is Role.TRANSFER and fields.event_type == "call.bridged":
            self._over.set()

    async def outcome(self) -> None:
        """Return once the legs are joined.

        Raises:
            CarrierError: if the other number did not answer, or nothing is told of it for 27 seconds.
        """
        with anyio.move_on_after(_LONGEST_SECONDS) as waiting:
            await self._over.wait()
        if waiting.cancelled_caught:
            self._refusal = "no answer in time"
        if self._refusal:
            raise CarrierError(
                "telnyx", f"the number that the call was to be transferred to gave {self._refusal[:40]}"
            )


class Transfers:
    """The attempts that somebody waits for, by the leg that is handed over."""

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

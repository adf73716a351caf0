"""Pressing keys in a call that is streamed.

Twilio can do only one of the two at a time: the stream ends, keys are pressed, and the leg comes back for another
stream. A call forgives a short gap only, so long rows of keys go in groups, and waits pass while the stream runs.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

import anyio
import attrs

from voice_adapters.carriers.twilio.client import TwilioClient
from voice_adapters.carriers.twilio.documents import Documents
from voice_adapters.carriers.twilio.fields import Fields, Topic
from voice_adapters.carriers.twilio.leg_orders import LegOrders
from voice_adapters.carriers.twilio.twiml import BadTwimlError
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError

__all__ = ("KeyGroup", "StreamPresses", "key_groups")

# A key takes about a fifth of a second, and the way to the next stream as long as four of them.
_MOST_KEYS: Final = 4
_RETURN_SECONDS: Final = 3.0
_PIECES: Final = re.compile(rf"[wWpP,]+|[^wWpP,]{{1,{_MOST_KEYS}}}")


@attrs.frozen
class KeyGroup:
    """Keys that are pressed in one go, after a wait."""

    wait_seconds: float
    keys: str


def key_groups(digits: str) -> tuple[KeyGroup, ...]:
    """Return *digits* in groups of at most four keys; waits at the end are left out."""
    return tuple(_groups(digits))


def _groups(digits: str) -> Iterator[KeyGroup]:
    wait_seconds = 0.0
    for piece in _PIECES.findall(digits):
        if piece[0] in "wWpP,":
            wait_seconds += sum(1.0 if key in "pP" else 0.5 for key in piece)
        else:
            yield KeyGroup(wait_seconds, piece)
            wait_seconds = 0.0


@attrs.frozen(kw_only=True)
class StreamPresses:
    """Presses keys in all streamed calls."""

    client: TwilioClient
    documents: Documents
    new_serial: Callable[[], int]
    orders: LegOrders
    """Shared with whatever else gives legs orders."""
    _returns: dict[CarrierCallId, anyio.Event] = attrs.field(factory=dict, init=False)

    def note(self, fields: Fields) -> None:
        """Take the news that the stream of a leg has begun."""
        began = fields.topic is Topic.STREAM and fields.text("StreamEvent").lower() == "stream-started"
        event = self._returns.get(fields.leg)
        if began and event is not None:
            event.set()

    async def press(self, leg: CarrierCallId, digits: str) -> None:
        """Press *digits*; returns when Twilio has taken the last group.

        Raises:
            CarrierError: if Twilio did not take one, or one of them is no key, in which case none was pressed.
        """
        groups = key_groups(digits)
        try:
            documents = [self.documents.pressing(group.keys, self._back()).xml for group in groups]
        except BadTwimlError as error:
            raise CarrierError("twilio", str(error)) from error
        try:
            for place, (group, document) in enumerate(zip(groups, documents, strict=True)):
                if place:
                    await self._returned(leg)
                await anyio.sleep(group.wait_seconds)
                async with self.orders.alone(leg):
                    self._returns[leg] = anyio.Event()
                    await self.client.change(leg, document=document, repeatable=False)
        finally:
            self._returns.pop(leg, None)

    def _back(self) -> str:
        return self.documents.addresses.again(None, lost=0, serial=self.new_serial())

    async def _returned(self, leg: CarrierCallId) -> None:
        """Wait for the stream after the last group; if nothing is told of it, not for long."""
        with anyio.move_on_after(_RETURN_SECONDS):
            await self._returns[leg].wait()

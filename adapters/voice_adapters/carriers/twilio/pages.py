"""What each leg does that Twilio's own voice speaks in: the page that it was given last.

Kept in memory only. After a restart a leg has no page until somebody speaks or listens in it; it waits meanwhile.
"""

import attrs

from voice_adapters.carriers.twilio.fields import Fields, Topic, Turn
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import SpokenText

__all__ = ("Page", "Pages")


@attrs.frozen
class Page:
    """What one leg was ordered to do."""

    turn: Turn
    """The order, and the latest document in it."""
    reading: SpokenText | None = None
    """What is being read; None when that is over."""
    locale: str | None = None
    """The language that is listened to; None for nobody listens."""
    interrupted: bool = False
    """Whether the counterpart has spoken over what is being read: Twilio has stopped reading by then."""
    result_of: Turn | None = None
    """The latest document whose final words or keys have come: partial words of it that come later are old."""
    uncertain: bool = False
    """Whether it may be another order that is carried out: Twilio has not said, or an earlier process gave one."""


class Pages:
    """The pages of all legs, by leg."""

    def __init__(self) -> None:
        self._pages: dict[CarrierCallId, Page] = {}

    def __len__(self) -> int:
        return len(self._pages)

    def find(self, leg: CarrierCallId) -> Page | None:
        """Return the page of a leg; None if Twilio's voice does not speak in it."""
        return self._pages.get(leg)

    def put(self, leg: CarrierCallId, page: Page) -> None:
        """Replace the page of a leg."""
        self._pages[leg] = page

    def forget(self, leg: CarrierCallId) -> None:
        """Drop the page of a leg that is over; repeating it is harmless."""
        self._pages.pop(leg, None)

    def note(self, fields: Fields) -> None:
        """Keep in mind what a webhook shows of its leg: words or keys over what is read stop it."""
        page = self._pages.get(fields.leg)
        if page is None or not self.is_current(page, fields):
            return
        if fields.has_result:
            page = attrs.evolve(page, result_of=fields.turn)
        if fields.topic is Topic.PARTIAL or fields.has_result:
            self._pages[fields.leg] = attrs.evolve(page, interrupted=True)

    def is_stale(self, fields: Fields) -> bool:
        """Whether a webhook brings words that are old: of a document that another order has replaced, or partial ones
        that their own final words have overtaken.
        """
        page = self._pages.get(fields.leg)
        if page is None or fields.turn is None:
            return False
        if not self.is_current(page, fields):
            # While it is not certain which order Twilio carries out, words that answer to another one are good.
            return not (fields.has_result and page.uncertain)
        final = page.result_of
        return fields.topic is Topic.PARTIAL and final is not None and fields.turn.round <= final.round

    def next_document(self, fields: Fields) -> Page | None:
        """Return the page of the leg that asks for its next document, turned by one; None if it has none.

        A document of the current order that comes back has read its text, or was cut.
        """
        page = self._pages.get(fields.leg)
        if page is None:
            return None
        over = self.is_current(page, fields) and not fields.query.get("read")
        turn = Turn(page.turn.order, page.turn.round + 1)
        page = attrs.evolve(page, turn=turn, reading=None if over else page.reading)
        self._pages[fields.leg] = page
        return page

    @staticmethod
    def is_current(page: Page, fields: Fields) -> bool:
        """Whether a webhook answers to a document of the order that *page* carries out."""
        return fields.turn is not None and fields.turn.order == page.turn.order

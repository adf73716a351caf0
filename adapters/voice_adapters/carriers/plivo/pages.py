"""What each leg does that Plivo's own voice speaks in: the page that it was given last.

Kept in memory only. After a restart a leg has no page until somebody speaks or listens in it; it waits meanwhile.
"""

import attrs

from voice_adapters.carriers.plivo.fields import Fields, Turn
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


class Pages:
    """The pages of all legs, by leg."""

    def __init__(self) -> None:
        self._pages: dict[CarrierCallId, Page] = {}

    def __len__(self) -> int:
        return len(self._pages)

    def find(self, leg: CarrierCallId) -> Page | None:
        """Return the page of a leg; None if Plivo's voice does not speak in it."""
        return self._pages.get(leg)

    def put(self, leg: CarrierCallId, page: Page | None) -> None:
        """Replace the page of a leg, or drop it."""
        if page is None:
            self._pages.pop(leg, None)
        else:
            self._pages[leg] = page

    def forget(self, leg: CarrierCallId) -> None:
        """Drop the page of a leg that is over; repeating it is harmless."""
        self._pages.pop(leg, None)

    def is_stale(self, fields: Fields) -> bool:
        """Whether a webhook answers to a document of its leg that another order has replaced."""
        page = self._pages.get(fields.leg)
        return page is not None and fields.turn is not None and not self.is_current(page, fields)

    def next_page(self, fields: Fields) -> Page | None:
        """Return the page of the leg that asks for its next document, turned by one; None if it has none.

        A document of the current order that comes back has read its text.
        """
        page = self._pages.get(fields.leg)
        if page is None:
            return None
        over = self.is_current(page, fields) and not fields.query.get("begin")
        turn = Turn(page.turn.order, page.turn.round + 1)
        page = attrs.evolve(page, turn=turn, reading=None if over else page.reading)
        self._pages[fields.leg] = page
        return page

    @staticmethod
    def is_current(page: Page, fields: Fields) -> bool:
        """Whether a webhook answers to a document of the order that *page* carries out."""
        return fields.turn is not None and fields.turn.order == page.turn.order

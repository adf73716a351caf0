"""Speaking and listening with Plivo's own voice and ear: the live call is led to a new document each time."""

from collections.abc import Callable

import attrs

from voice_adapters.carriers.plivo.client import PlivoClient
from voice_adapters.carriers.plivo.documents import Documents
from voice_adapters.carriers.plivo.fields import Fields, Turn
from voice_adapters.carriers.plivo.markup import BadXmlError, Response
from voice_adapters.carriers.plivo.pages import Page, Pages
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError, NativeSpeech, SpokenText

__all__ = ("PlivoSpeech",)


@attrs.frozen(kw_only=True)
class PlivoSpeech(NativeSpeech):
    """Plays the role for all calls, by the calls' own names; what each leg does is in *pages*.

    A text is read to its end before anybody is listened to: no document of ours listens while it reads, and none that
    listens takes the place of one that reads.
    """

    client: PlivoClient
    documents: Documents
    pages: Pages
    new_serial: Callable[[], int]
    """Gives numbers that grow, and that no earlier process has given."""

    @property
    def tells_end(self) -> bool:
        """The document that has read a text comes back to us."""
        return True

    async def speak(self, carrier_call_id: CarrierCallId, spoken: SpokenText) -> None:
        """Read a text instead of whatever is read or listened to now.

        Raises:
            CarrierError: if Plivo did not take it, or there is nothing in it that can be read.
        """
        page = Page(self._new_turn(), spoken, spoken.locale if spoken.then_listen else None)
        try:
            self.documents.reading(page.turn, spoken)
        except BadXmlError as error:
            raise CarrierError("plivo", str(error)) from error
        await self._give(carrier_call_id, page)

    async def silence(self, carrier_call_id: CarrierCallId) -> None:
        """Stop reading; whoever was to be listened to afterwards is heard now.

        Raises:
            CarrierError: if Plivo reads on.
        """
        page = self.pages.find(carrier_call_id)
        if page is not None and page.reading is not None:
            await self._give(carrier_call_id, Page(self._new_turn(), None, page.locale))

    async def listen(self, carrier_call_id: CarrierCallId, *, locale: str) -> None:
        """Transcribe the counterpart from now on; while a text is read, from its end on.

        Raises:
            CarrierError: if Plivo did not take it.
        """
        page = self.pages.find(carrier_call_id)
        if page is not None and page.reading is not None:
            self.pages.put(carrier_call_id, attrs.evolve(page, locale=locale))
            return
        await self._give(carrier_call_id, Page(self._new_turn(), None, locale))

    async def stop_listening(self, carrier_call_id: CarrierCallId) -> None:
        """Take no more words. Plivo is not told: what it still hears is not ours any more, and is dropped."""
        page = self.pages.find(carrier_call_id)
        if page is None or page.locale is None:
            return
        turn = page.turn if page.reading is not None else self._new_turn()
        self.pages.put(carrier_call_id, attrs.evolve(page, turn=turn, locale=None))

    def next_document(self, fields: Fields) -> Response | None:
        """Return what a leg does next that asks; None if Plivo's voice does not speak in it."""
        page = self.pages.next_page(fields)
        if page is None:
            return None
        if page.reading is not None and fields.query.get("begin") and self.pages.is_current(page, fields):
            return self.documents.reading(page.turn, page.reading)
        if page.reading is not None or page.locale is None:
            # Another text is on its way to the leg: to read it here as well would say it twice.
            return self.documents.waiting_in(page.turn)
        return self.documents.listening(page.turn, page.locale)

    async def _give(self, leg: CarrierCallId, page: Page) -> None:
        """Have the leg do what *page* says; if Plivo does not take it, the page before it still counts."""
        before = self.pages.find(leg)
        self.pages.put(leg, page)
        try:
            await self.client.redirect(leg, self.documents.addresses.of_order(page.turn))
        except BaseException:
            # Cancelled or refused, the leg goes on as before; unless it was given yet another page meanwhile.
            now = self.pages.find(leg)
            if now is not None and now.turn.order == page.turn.order:
                self.pages.put(leg, before)
            raise

    def _new_turn(self) -> Turn:
        return Turn(self.new_serial(), 0)

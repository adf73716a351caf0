"""Speaking and listening with Twilio's own voice and ear: the live call is given a new document each time."""

from collections.abc import Callable

import attrs

from voice_adapters.carriers.twilio.client import LONGEST_DOCUMENT, TwilioClient
from voice_adapters.carriers.twilio.documents import Documents
from voice_adapters.carriers.twilio.fields import Fields, Turn
from voice_adapters.carriers.twilio.leg_orders import LegOrders
from voice_adapters.carriers.twilio.pages import Page, Pages
from voice_adapters.carriers.twilio.twiml import BadTwimlError, Response
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import CarrierError, NativeSpeech, SpokenText

__all__ = ("TwilioSpeech",)


@attrs.frozen(kw_only=True)
class TwilioSpeech(NativeSpeech):
    """Plays the role for all calls; what each leg does is in *pages*."""

    client: TwilioClient
    documents: Documents
    pages: Pages
    new_serial: Callable[[], int]
    """Gives numbers that grow, and that no earlier process has given."""
    now_ms: Callable[[], int]
    """The time of day, epoch milliseconds."""
    orders: LegOrders
    """Shared with whatever else gives legs orders."""

    @property
    def tells_end(self) -> bool:
        """The document that has read a text comes back to us."""
        return True

    async def speak(self, carrier_call_id: CarrierCallId, spoken: SpokenText) -> None:
        """Read a text instead of whatever is read or listened to now.

        Raises:
            CarrierError: if Twilio did not take it, or there is nothing in it that can be read.
        """
        page = Page(self._new_turn(), spoken, spoken.locale if spoken.then_listen else None)
        try:
            document = self.documents.reading(page.turn, spoken)
        except BadTwimlError as error:
            raise CarrierError("twilio", str(error)) from error
        async with self.orders.alone(carrier_call_id):
            await self._give(carrier_call_id, page, document)

    async def silence(self, carrier_call_id: CarrierCallId) -> None:
        """Stop reading. What the counterpart has spoken over is silent already, and what they say must not be cut.

        Raises:
            CarrierError: if Twilio reads on.
        """
        async with self.orders.alone(carrier_call_id):
            page = self.pages.find(carrier_call_id)
            if page is None or (page.reading is None and not page.uncertain):
                return
            if page.interrupted:
                self.pages.put(carrier_call_id, attrs.evolve(page, reading=None))
                return
            await self._idle(carrier_call_id, page.locale)

    async def listen(self, carrier_call_id: CarrierCallId, *, locale: str) -> None:
        """Transcribe the counterpart from now on.

        Raises:
            CarrierError: if Twilio did not take it.
        """
        async with self.orders.alone(carrier_call_id):
            await self._idle(carrier_call_id, locale)

    async def stop_listening(self, carrier_call_id: CarrierCallId) -> None:
        """Take no more words. Twilio is not told: what it still hears is not ours any more, and is dropped."""
        page = self.pages.find(carrier_call_id)
        if page is not None and page.locale is not None:
            self.pages.put(carrier_call_id, attrs.evolve(page, turn=self._new_turn(), locale=None))

    async def press(self, carrier_call_id: CarrierCallId, digits: str) -> None:
        """Press keys and go on listening. What Twilio's voice read is cut.

        Raises:
            CarrierError: if Twilio did not take them, or one of them is no key.
        """
        async with self.orders.alone(carrier_call_id):
            await self._press(carrier_call_id, digits)

    def next_document(self, fields: Fields) -> Response | None:
        """Return what a leg does next that asks; None if Twilio's voice does not speak in it."""
        page = self.pages.next_document(fields)
        if page is None:
            return None
        if page.reading is not None and fields.query.get("read") and self.pages.is_current(page, fields):
            return self.documents.reading(page.turn, page.reading)
        if page.reading is not None or page.locale is None:
            # Another text is on its way to the leg: to read it here as well would say it twice.
            return self.documents.waiting_in(page.turn)
        return self.documents.listening(page.turn, page.locale)

    async def _press(self, carrier_call_id: CarrierCallId, digits: str) -> None:
        page = self.pages.find(carrier_call_id)
        if page is None:
            back = self.documents.addresses.again(None, lost=0, serial=self.new_serial())
        else:
            page = attrs.evolve(page, turn=self._new_turn())
            back = self.documents.addresses.of_turn(page.turn, page.reading, cut_ms=self.now_ms())
        try:
            document = self.documents.pressing(digits, back)
        except BadTwimlError as error:
            raise CarrierError("twilio", str(error)) from error
        await self._give(carrier_call_id, page, document, repeatable=False)

    async def _idle(self, carrier_call_id: CarrierCallId, locale: str | None) -> None:
        page = Page(self._new_turn(), None, locale)
        document = self.documents.waiting_in(page.turn)
        if locale is not None:
            document = self.documents.listening(page.turn, locale)
        await self._give(carrier_call_id, page, document)

    async def _give(
        self,
        carrier_call_id: CarrierCallId,
        page: Page | None,
        document: Response,
        *,
        repeatable: bool = True,
    ) -> None:
        """Have the leg do what *page* says; if Twilio does not take it, the page before it still counts.

        Then it is not certain that it was not taken, and words that answer to either page are good.
        """
        before = self.pages.find(carrier_call_id)
        if page is not None:
            page = attrs.evolve(page, uncertain=True)
        self._put(carrier_call_id, page)
        xml = document.xml
        too_long = page is not None and len(xml) > LONGEST_DOCUMENT
        url = self.documents.addresses.of_reading(page.turn) if page is not None and too_long else None
        try:
            await self.client.change(carrier_call_id, document=xml, url=url, repeatable=repeatable)
        except BaseException:
            # Cancelled or refused, the leg goes on as before; unless it was given yet another page meanwhile.
            if self.pages.find(carrier_call_id) is page:
                self._put(carrier_call_id, before and attrs.evolve(before, uncertain=True))
            raise
        now = self.pages.find(carrier_call_id)
        if page is not None and now is not None and now.turn.order == page.turn.order:
            self.pages.put(carrier_call_id, attrs.evolve(now, uncertain=False))

    def _put(self, carrier_call_id: CarrierCallId, page: Page | None) -> None:
        if page is None:
            self.pages.forget(carrier_call_id)
        else:
            self.pages.put(carrier_call_id, page)

    def _new_turn(self) -> Turn:
        return Turn(self.new_serial(), 0)

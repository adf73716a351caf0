"""Twilio in all roles of a carrier: it dials, ends, speaks, listens, presses keys, hands over, and sends webhooks."""

import logging
from collections.abc import Callable
from typing import Final

import attrs

from voice_adapters.carriers.twilio.addresses import WebhookAddresses
from voice_adapters.carriers.twilio.client import TwilioClient
from voice_adapters.carriers.twilio.documents import HANG_UP, Documents, rejection
from voice_adapters.carriers.twilio.fields import Fields, Topic
from voice_adapters.carriers.twilio.leg_orders import LegOrders
from voice_adapters.carriers.twilio.owned_numbers import redirect
from voice_adapters.carriers.twilio.pages import Pages
from voice_adapters.carriers.twilio.presses import StreamPresses
from voice_adapters.carriers.twilio.serials import Serials
from voice_adapters.carriers.twilio.signature import SIGNATURE_HEADER, TwilioSignature
from voice_adapters.carriers.twilio.speech import TwilioSpeech
from voice_adapters.carriers.twilio.statuses import END_REASONS, line_status
from voice_adapters.carriers.twilio.transfers import RING_SECONDS, Transfers
from voice_adapters.carriers.twilio.twiml import Response
from voice_adapters.carriers.twilio.webhooks import signals_of, stream_problem
from voice_domain.call import Call
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import WordsHeard
from voice_domain.ports.carrier import (
    Capabilities,
    Carrier,
    CarrierSignal,
    DialRequest,
    Keypad,
    LineStatus,
    NativeSpeech,
    Redirectable,
    SpokenText,
)
from voice_domain.ports.clock import Clock
from voice_domain.ports.dial_finder import DialFinder, LostDial
from voice_domain.ports.webhook_reader import WebhookReader, WebhookRequest, WebhookResponse

__all__ = ("TwilioCarrier",)

_log = logging.getLogger(__name__)

_OFFERS_KEPT: Final = 1000
_CLOCKS_MS: Final = 120_000
"""How far Twilio's clock may be behind ours."""
_NOTED: Final = WebhookResponse(204)
"""The answer to news, which Twilio does not read."""


@attrs.frozen(kw_only=True, eq=False)
class TwilioCarrier(Carrier, DialFinder, Keypad, NativeSpeech, Redirectable, WebhookReader):
    """One Twilio account. What it keeps of a call is forgotten when the call is over."""

    client: TwilioClient
    signature: TwilioSignature
    webhook_url: Callable[[], str]
    """Gives the public address of the webhooks."""
    stream_url: Callable[[CallId], str | None]
    """Gives a fresh `wss://` address with a token in its path; None for a call that is not streamed (any more)."""
    clock: Clock
    voice: str | None = None
    """What reads texts where there is no stream: a voice of Twilio's or of OpenAI's; None for one of the language."""
    detects_machines: bool = False
    """Whether it is asked to find out what answered, for which it charges."""
    media_streams: bool = True
    """Whether calls are streamed at all."""
    _pages: Pages = attrs.field(factory=Pages, init=False)
    _transfers: Transfers = attrs.field(factory=Transfers, init=False)
    _orders: LegOrders = attrs.field(factory=LegOrders, init=False)
    _offers: dict[CarrierCallId, bool] = attrs.field(factory=dict, init=False)
    """Calls to our number whose webhook waits for an answer, and whether they are to hear an engaged tone."""
    _new_serial: Serials = attrs.field(init=False)
    _documents: Documents = attrs.field(init=False)
    _speech: TwilioSpeech = attrs.field(init=False)
    _presses: StreamPresses = attrs.field(init=False)

    @_new_serial.default
    def _make_serials(self) -> Serials:
        return Serials(self.clock)

    @_documents.default
    def _make_documents(self) -> Documents:
        return Documents(WebhookAddresses(self.webhook_url), self.voice)

    @_speech.default
    def _make_speech(self) -> TwilioSpeech:
        return TwilioSpeech(
            client=self.client,
            documents=self._documents,
            pages=self._pages,
            new_serial=self._new_serial,
            now_ms=self.clock.now_ms,
            orders=self._orders,
        )

    @_presses.default
    def _make_presses(self) -> StreamPresses:
        return StreamPresses(
            client=self.client,
            documents=self._documents,
            new_serial=self._new_serial,
            orders=self._orders,
        )

    @property
    def name(self) -> str:
        """The word for it in the settings file."""
        return "twilio"

    @property
    def capabilities(self) -> Capabilities:
        """Everything; a media stream if the settings want one."""
        return Capabilities(
            media_stream=self.media_streams,
            native_speech=True,
            native_listening=True,
            digits=True,
            transfer=True,
            inbound=True,
            reject=True,
        )

    async def dial(self, request: DialRequest) -> CarrierCallId:
        """Place a call; see the port. Twilio gets both deadlines too.

        Raises:
            CarrierError: see `TwilioClient.dial`.
        """
        addresses = self._documents.addresses
        return await self.client.dial(
            request,
            url=addresses.of_call(request.call_id),
            status_url=addresses.told(Topic.STATUS, request.call_id),
            detection_url=addresses.told(Topic.DETECTION, request.call_id) if self.detects_machines else None,
        )

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        """Do nothing: the answer to the webhook takes the call."""

    async def reject(self, carrier_call_id: CarrierCallId, *, busy: bool) -> None:
        """Have the webhook of the offer refuse the call; one whose webhook was answered is ended.

        Raises:
            CarrierError: see `TwilioClient.complete`.
        """
        if carrier_call_id in self._offers:
            self._offers[carrier_call_id] = busy
        else:
            await self.client.complete(carrier_call_id)

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        """End the leg, answered or not; see the port.

        Raises:
            CarrierError: see `TwilioClient.complete`.
        """
        await self.client.complete(carrier_call_id)
        self._pages.forget(carrier_call_id)

    async def redirect(self, number: PhoneNumber, *, from_url: str, to_url: str) -> bool:
        """Have calls to *number* come to another address; see the role `Redirectable`.

        Raises:
            CarrierError: if Twilio refused or could not be reached.
        """
        return await redirect(self.client, number, from_url=from_url, to_url=to_url)

    async def find_dial(self, lost: LostDial) -> tuple[CarrierCallId, ...]:
        """Return the live calls with the same numbers that are not older; see the role `DialFinder`.

        Raises:
            CarrierError: see `TwilioClient.find_live`.
        """
        since_ms = lost.at_ms - _CLOCKS_MS
        placed = await self.client.find_live(lost.caller, lost.callee)
        return tuple(call.sid for call in placed if call.at_ms is None or call.at_ms >= since_ms)

    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        """Return what Twilio says of a call; see the port.

        Raises:
            CarrierError: see `TwilioClient.fetch_call`.
        """
        status = line_status(await self.client.fetch_call(carrier_call_id))
        if status.alive is False:
            self._pages.forget(carrier_call_id)
        return status

    async def send_digits(self, carrier_call_id: CarrierCallId, digits: str) -> None:
        """Press keys. A media stream breaks for a moment and is opened again; what Twilio's voice reads is cut.

        Raises:
            CarrierError: if Twilio did not take them, or one of them is no key.
        """
        if self.media_streams and self._pages.find(carrier_call_id) is None:
            await self._presses.press(carrier_call_id, digits)
        else:
            await self._speech.press(carrier_call_id, digits)

    async def transfer(self, carrier_call_id: CarrierCallId, to: PhoneNumber) -> None:
        """Ring *to* for 20 seconds and connect the counterpart; returns once it has answered.

        If it does not, the counterpart comes back to us.

        Raises:
            CarrierError: if Twilio did not take it, or *to* did not answer.
        """
        document = self._documents.handing_over(to, ring_seconds=RING_SECONDS, serial=self._new_serial())
        with self._transfers.attempt(carrier_call_id) as attempt:
            async with self._orders.alone(carrier_call_id):
                await self.client.change(carrier_call_id, document=document.xml, repeatable=False)
            await attempt.outcome()

    @property
    def tells_end(self) -> bool:
        """See `TwilioSpeech`."""
        return self._speech.tells_end

    async def speak(self, carrier_call_id: CarrierCallId, spoken: SpokenText) -> None:
        """Read a text with Twilio's voice; ends the leg's media stream, if it has one. See `TwilioSpeech`."""
        await self._speech.speak(carrier_call_id, spoken)

    async def silence(self, carrier_call_id: CarrierCallId) -> None:
        """Stop reading; see `TwilioSpeech`."""
        await self._speech.silence(carrier_call_id)

    async def listen(self, carrier_call_id: CarrierCallId, *, locale: str) -> None:
        """Transcribe the counterpart from now on; see `TwilioSpeech`."""
        await self._speech.listen(carrier_call_id, locale=locale)

    async def stop_listening(self, carrier_call_id: CarrierCallId) -> None:
        """Transcribe no more; see `TwilioSpeech`."""
        await self._speech.stop_listening(carrier_call_id)

    @property
    def required_headers(self) -> tuple[str, ...]:
        """The signature."""
        return (SIGNATURE_HEADER,)

    def authenticate(self, request: WebhookRequest) -> str:
        """Return a key made from what was signed; see `TwilioSignature`.

        Raises:
            NotAuthenticError: if it is not Twilio's.
        """
        return self.signature.authenticate(request)

    def translate(self, request: WebhookRequest) -> tuple[CarrierSignal, ...]:
        """Return what a webhook tells; see `signals_of`. Old words are left out; see `Pages`.

        What it shows of its leg is kept in mind, which repeating does not change.

        Raises:
            BadWebhookError: if it names no call.
        """
        fields = Fields.of(request)
        is_stale = self._pages.is_stale(fields)
        self._keep_in_mind(fields)
        signals = signals_of(fields, now_ms=self.clock.now_ms())
        if not is_stale:
            return signals
        return tuple(signal for signal in signals if not isinstance(signal.news, WordsHeard))

    def respond(self, request: WebhookRequest, call: Call | None) -> WebhookResponse:
        """Return the document that the call carries out next; nothing where Twilio wants none."""
        fields = Fields.of(request)
        if fields.topic is not Topic.DOCUMENT:
            return _NOTED
        return WebhookResponse(200, "text/xml", self._document(fields, call).xml.encode())

    def _document(self, fields: Fields, call: Call | None) -> Response:
        busy = self._offers.pop(fields.leg, False)
        if call is None or call.final_reason is not None:
            self._pages.forget(fields.leg)
            # To hang up an offer would answer it first, and cost money.
            return rejection(busy=busy) if fields.is_offer else HANG_UP
        spoken = self._speech.next_document(fields)
        if spoken is not None:
            return spoken
        stream_url = self.stream_url(call.call_id)
        serial = self._new_serial()
        if stream_url is not None:
            return self._documents.streaming(call.call_id, stream_url, lost=_lost(fields), serial=serial)
        if fields.is_offer:
            return self._documents.answering(call.call_id, serial=serial)
        return self._documents.waiting(call.call_id, serial=serial)

    def _keep_in_mind(self, fields: Fields) -> None:
        if fields.is_offer:
            self._offers.setdefault(fields.leg, False)
            if len(self._offers) > _OFFERS_KEPT:  # those whose webhook failed are never answered
                del self._offers[next(iter(self._offers))]
        if fields.status in END_REASONS and fields.topic is not Topic.TRANSFER:
            self._pages.forget(fields.leg)
            self._offers.pop(fields.leg, None)
        self._pages.note(fields)
        self._transfers.note(fields)
        self._presses.note(fields)
        problem = stream_problem(fields)
        if problem:
            _log.warning("call %s: Twilio reports a broken media stream (%s)", fields.leg, problem)


def _lost(fields: Fields) -> int:
    """Return how many media streams in a row a leg has come back from."""
    count = fields.query.get("lost", "")
    return int(count) if count.isascii() and count.isdigit() and len(count) < 6 else 0

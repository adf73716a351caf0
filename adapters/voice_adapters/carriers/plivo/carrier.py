"""Plivo in all roles of a carrier: it dials, ends, speaks, listens, presses keys, hands over, and sends webhooks."""

import logging
from collections.abc import Callable
from typing import Final

import attrs

from voice_adapters.carriers.plivo.addresses import WebhookAddresses
from voice_adapters.carriers.plivo.application import redirect
from voice_adapters.carriers.plivo.client import PlivoClient
from voice_adapters.carriers.plivo.documents import HANG_UP, Documents, refusal
from voice_adapters.carriers.plivo.fields import Fields, Topic, Turn
from voice_adapters.carriers.plivo.line_status import line_status
from voice_adapters.carriers.plivo.markup import Response
from voice_adapters.carriers.plivo.names import LegNames
from voice_adapters.carriers.plivo.pages import Pages
from voice_adapters.carriers.plivo.serials import Serials
from voice_adapters.carriers.plivo.signature import NONCE_HEADERS, PlivoSignature
from voice_adapters.carriers.plivo.speech import PlivoSpeech
from voice_adapters.carriers.plivo.transfers import RING_SECONDS, Transfers
from voice_adapters.carriers.plivo.webhooks import signals_of, stream_problem
from voice_domain.call import Call
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import WordsHeard
from voice_domain.ports.carrier import (
    Capabilities,
    Carrier,
    CarrierError,
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

__all__ = ("PlivoCarrier",)

_log = logging.getLogger(__name__)

_OFFERS_KEPT: Final = 1000
_NOTED: Final = WebhookResponse(200, "text/plain", b"OK")
"""The answer to news, which Plivo does not read."""
# w pauses for half a second and W for a whole one (www.plivo.com/docs/voice/xml/dtmf).
_PAUSES: Final = str.maketrans({",": "w", "W": "w", "p": "W", "P": "W"})


@attrs.frozen(kw_only=True, eq=False)
class PlivoCarrier(Carrier, DialFinder, Keypad, NativeSpeech, Redirectable, WebhookReader):
    """One Plivo account. What it keeps of a call is forgotten when the call is over."""

    client: PlivoClient
    signature: PlivoSignature
    webhook_url: Callable[[], str]
    """Gives the public address of the webhooks."""
    stream_url: Callable[[CallId], str | None]
    """Gives a fresh `wss://` address with a token in its path; None for a call that is not streamed (any more)."""
    clock: Clock
    own_number: PhoneNumber | None = None
    """The number that we call from; shown to those that a counterpart is handed over to."""
    voice: str | None = None
    """What reads texts where there is no stream: a voice of Amazon's or of OpenAI's; None for one of the language."""
    detects_machines: bool = False
    """Whether it is asked to find out what answered, for which it charges."""
    media_streams: bool = True
    """Whether calls are streamed at all."""
    _names: LegNames = attrs.field(factory=LegNames, init=False)
    _pages: Pages = attrs.field(factory=Pages, init=False)
    _transfers: Transfers = attrs.field(factory=Transfers, init=False)
    _offers: dict[CarrierCallId, bool] = attrs.field(factory=dict, init=False)
    """Calls to our number whose webhook waits for an answer, and whether they are to hear an engaged tone."""
    _streamed: set[CarrierCallId] = attrs.field(factory=set, init=False)
    """Legs that were given a media stream last."""
    _new_serial: Serials = attrs.field(init=False)
    _documents: Documents = attrs.field(init=False)
    _speech: PlivoSpeech = attrs.field(init=False)

    @_new_serial.default
    def _make_serials(self) -> Serials:
        return Serials(self.clock)

    @_documents.default
    def _make_documents(self) -> Documents:
        return Documents(WebhookAddresses(self.webhook_url), self.own_number, self.voice)

    @_speech.default
    def _make_speech(self) -> PlivoSpeech:
        return PlivoSpeech(
            client=self.client, documents=self._documents, pages=self._pages, new_serial=self._new_serial
        )

    @property
    def name(self) -> str:
        """The word for it in the settings file."""
        return "plivo"

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
        """Place a call and return the request's name; news bring the call's own. Plivo gets both deadlines too.

        Raises:
            CarrierError: see `PlivoClient.dial`.
        """
        addresses = self._documents.addresses
        detected = addresses.told(Topic.DETECTION, request.call_id) if self.detects_machines else None
        return await self.client.dial(request, addresses.of_call(request.call_id), detection_url=detected)

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        """Do nothing: the answer to the webhook takes the call."""

    async def reject(self, carrier_call_id: CarrierCallId, *, busy: bool) -> None:
        """Have the webhook of the offer refuse the call; one whose webhook was answered is ended.

        Raises:
            CarrierError: see `hang_up`.
        """
        if carrier_call_id in self._offers:
            self._offers[carrier_call_id] = busy
        else:
            await self.hang_up(carrier_call_id)

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        """End the leg by either of its names, answered or not; see the port.

        Raises:
            CarrierError: if it may still be alive.
        """
        leg = self._names.leg(carrier_call_id)
        # After a restart nobody knows which of the two a name is.
        if not await self.client.end(leg) and leg == carrier_call_id:
            await self.client.withdraw(carrier_call_id)
        self._forget(leg)

    async def redirect(self, number: PhoneNumber, *, from_url: str, to_url: str) -> bool:
        """Have calls to *number* come to another address; see the role `Redirectable`.

        Raises:
            CarrierError: if Plivo refused or could not be reached.
        """
        return await redirect(self.client, number, from_url=from_url, to_url=to_url)

    async def find_dial(self, lost: LostDial) -> tuple[CarrierCallId, ...]:
        """Return the calls with the same numbers that live or wait; see the role `DialFinder`.

        Raises:
            CarrierError: see `PlivoClient.find_live`.
        """
        return await self.client.find_live(lost.caller, lost.callee)

    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        """Return what Plivo says of a call; see the port.

        Raises:
            CarrierError: if it could not be asked.
        """
        leg = self._names.leg(carrier_call_id)
        live = await self.client.fetch(leg, live=True)
        record = None if live is not None else await self.client.fetch(leg, live=False)
        status = line_status(live, record)
        if status.alive is False:
            self._forget(leg)
        return status

    async def send_digits(self, carrier_call_id: CarrierCallId, digits: str) -> None:
        """Press keys; streams and speech go on.

        Raises:
            CarrierError: if Plivo did not take them.
        """
        await self.client.press(self._names.leg(carrier_call_id), digits.translate(_PAUSES))

    async def transfer(self, carrier_call_id: CarrierCallId, to: PhoneNumber) -> None:
        """Ring *to* for 20 seconds and connect the counterpart; returns once it has answered.

        If it does not, the counterpart comes back to us.

        Raises:
            CarrierError: if Plivo did not take it, or *to* did not answer.
        """
        leg, turn = self._names.leg(carrier_call_id), Turn(self._new_serial(), 0)
        document = self._documents.handing_over(to, ring_seconds=RING_SECONDS, serial=turn.order)
        with self._transfers.attempt(leg, turn, document) as attempt:
            await self.client.redirect(leg, self._documents.addresses.of_order(turn))
            # What they say to each other is not for us.
            await self._end_stream(leg)
            await attempt.outcome()

    @property
    def tells_end(self) -> bool:
        """See `PlivoSpeech`."""
        return self._speech.tells_end

    async def speak(self, carrier_call_id: CarrierCallId, spoken: SpokenText) -> None:
        """Read a text with Plivo's voice; ends the leg's media stream, if it has one. See `PlivoSpeech`."""
        leg = self._names.leg(carrier_call_id)
        await self._speech.speak(leg, spoken)
        await self._end_stream(leg)

    async def silence(self, carrier_call_id: CarrierCallId) -> None:
        """Stop reading; see `PlivoSpeech`."""
        await self._speech.silence(self._names.leg(carrier_call_id))

    async def listen(self, carrier_call_id: CarrierCallId, *, locale: str) -> None:
        """Transcribe the counterpart from now on; see `PlivoSpeech`."""
        leg = self._names.leg(carrier_call_id)
        await self._speech.listen(leg, locale=locale)
        await self._end_stream(leg)

    async def stop_listening(self, carrier_call_id: CarrierCallId) -> None:
        """Transcribe no more; see `PlivoSpeech`."""
        await self._speech.stop_listening(self._names.leg(carrier_call_id))

    @property
    def required_headers(self) -> tuple[str, ...]:
        """A nonce, of either version."""
        return NONCE_HEADERS

    def authenticate(self, request: WebhookRequest) -> str:
        """Return a key made from what was signed; see `PlivoSignature`.

        Raises:
            NotAuthenticError: if it is not Plivo's.
        """
        return self.signature.authenticate(request)

    def translate(self, request: WebhookRequest) -> tuple[CarrierSignal, ...]:
        """Return what a webhook tells; see `signals_of`. Words that answer to a replaced document are left out.

        What it shows of its leg is kept in mind, which repeating does not change.

        Raises:
            BadWebhookError: if it names no call.
        """
        fields = Fields.of(request)
        self._keep_in_mind(fields)
        signals = signals_of(fields, now_ms=self.clock.now_ms())
        if not self._pages.is_stale(fields):
            return signals
        return tuple(signal for signal in signals if not isinstance(signal.news, WordsHeard))

    def respond(self, request: WebhookRequest, call: Call | None) -> WebhookResponse:
        """Return the document that the call carries out next; nothing of use where Plivo wants none."""
        fields = Fields.of(request)
        if fields.topic is not Topic.DOCUMENT:
            return _NOTED
        return WebhookResponse(200, "application/xml", self._document(fields, call).xml.encode())

    def _document(self, fields: Fields, call: Call | None) -> Response:
        busy = self._offers.pop(fields.leg, False)
        if call is None or call.final_reason is not None:
            self._forget(fields.leg)
            # To hang up an offer would answer it first, and cost money.
            return refusal(busy=busy) if fields.is_offer else HANG_UP
        chosen = self._transfers.document(fields) or self._speech.next_document(fields)
        if chosen is not None:
            return chosen
        stream_url, serial = self.stream_url(call.call_id), self._new_serial()
        if stream_url is not None:
            self._streamed.add(fields.leg)
            return self._documents.streaming(call.call_id, stream_url, lost=_lost(fields), serial=serial)
        if fields.is_offer:
            return self._documents.answering(call.call_id, serial=serial)
        return self._documents.waiting(call.call_id, serial=serial)

    def _keep_in_mind(self, fields: Fields) -> None:
        self._transfers.note(fields)
        if fields.is_end:
            self._forget(fields.leg)
            return
        self._names.note(fields)
        if fields.is_offer:
            self._offers.setdefault(fields.leg, False)
            if len(self._offers) > _OFFERS_KEPT:  # those whose webhook failed are never answered
                del self._offers[next(iter(self._offers))]
        problem = stream_problem(fields)
        if problem:
            _log.warning("call %s: Plivo reports trouble with a media stream (%s)", fields.leg, problem)

    async def _end_stream(self, leg: CarrierCallId) -> None:
        if leg not in self._streamed:
            return
        self._streamed.discard(leg)
        try:
            await self.client.stop_streams(leg)
        except CarrierError as error:
            _log.warning("call %s: its media stream may go on: %s", leg, error)

    def _forget(self, leg: CarrierCallId) -> None:
        self._names.forget(leg)
        self._pages.forget(leg)
        self._offers.pop(leg, None)
        self._streamed.discard(leg)


def _lost(fields: Fields) -> int:
    """Return how many media streams in a row a leg has come back from."""
    count = fields.query.get("lost", "")
    return int(count) if count.isascii() and count.isdigit() and len(count) < 6 else 0

"""Telnyx in all roles of a carrier: it dials, ends, speaks, listens, presses keys, hands over, and sends webhooks."""

from collections.abc import Callable
from typing import Final

import attrs

from voice_adapters.carriers.telnyx.application import redirect
from voice_adapters.carriers.telnyx.client import TelnyxClient
from voice_adapters.carriers.telnyx.client_state import ClientState, Role
from voice_adapters.carriers.telnyx.error_codes import is_over
from voice_adapters.carriers.telnyx.fields import Fields
from voice_adapters.carriers.telnyx.finals import Finals
from voice_adapters.carriers.telnyx.serials import Serials
from voice_adapters.carriers.telnyx.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, TelnyxSignature
from voice_adapters.carriers.telnyx.speech import TelnyxSpeech
from voice_adapters.carriers.telnyx.streams import Streams
from voice_adapters.carriers.telnyx.transfers import RING_SECONDS, Transfers
from voice_adapters.carriers.telnyx.webhooks import Moment, signals_of
from voice_domain.call import Call
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.ports.carrier import (
    Capabilities,
    Carrier,
    CarrierError,
    CarrierSignal,
    DialRequest,
    Exchange,
    Keypad,
    LineStatus,
    NativeSpeech,
    Redirectable,
    SelfDriven,
    SpokenText,
)
from voice_domain.ports.clock import Clock
from voice_domain.ports.dial_finder import DialFinder, LostDial
from voice_domain.ports.webhook_reader import WebhookReader, WebhookRequest, WebhookResponse

__all__ = ("TelnyxCarrier",)

_NOTED: Final = WebhookResponse(200, "text/plain", b"OK")
# w pauses for half a second and W for a whole one (developers.telnyx.com, send_dtmf).
_PAUSES: Final = str.maketrans({",": "w", "W": "w", "p": "W", "P": "W"})


@attrs.frozen(kw_only=True, eq=False)
class TelnyxCarrier(Carrier, DialFinder, Keypad, NativeSpeech, Redirectable, SelfDriven, WebhookReader):
    """One Telnyx account. What it keeps of a call is forgotten when the call is over."""

    client: TelnyxClient
    signature: TelnyxSignature
    webhook_url: Callable[[], str]
    """Gives the public address of the webhooks."""
    stream_url: Callable[[CallId], str | None]
    """Gives a fresh `wss://` address with a token in its path; None for a call that is not streamed."""
    clock: Clock
    own_number: PhoneNumber | None
    """The number that we call from; tells our end of a call from the other one."""
    voice: str | None = None
    """What reads texts where there is no stream: a voice of Telnyx's or of OpenAI's; None for one of the language."""
    detects_machines: bool = False
    """Whether it is asked to find out what answered, for which it charges."""
    media_streams: bool = True
    """Whether calls are streamed at all."""
    _up: set[CarrierCallId] = attrs.field(factory=set, init=False)
    """Legs that were answered."""
    _finals: Finals = attrs.field(factory=Finals, init=False)
    _transfers: Transfers = attrs.field(factory=Transfers, init=False)
    _new_serial: Serials = attrs.field(init=False)
    _speech: TelnyxSpeech = attrs.field(init=False)
    _streams: Streams = attrs.field(init=False)

    @_new_serial.default
    def _make_serials(self) -> Serials:
        return Serials(self.clock)

    @_speech.default
    def _make_speech(self) -> TelnyxSpeech:
        return TelnyxSpeech(client=self.client, new_serial=self._new_serial, voice=self.voice)

    @_streams.default
    def _make_streams(self) -> Streams:
        return Streams(self.client, self.stream_url, self._new_serial)

    @property
    def name(self) -> str:
        """The word for it in the settings file."""
        return "telnyx"

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

    async def run(self, exchange: Exchange) -> None:
        """Start the media streams that answered calls are to have, until cancelled."""
        del exchange  # webhooks tell everything
        await self._streams.run()

    async def dial(self, request: DialRequest) -> CarrierCallId:
        """Place a call; see the port. Telnyx gets both deadlines too.

        Raises:
            CarrierError: see `TelnyxClient.dial`.
        """
        return await self.client.dial(
            request, webhook_url=self.webhook_url(), detects_machine=self.detects_machines
        )

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        """Take a call that is parked; the command's id is always the same, so it is taken once.

        Raises:
            CarrierError: if Telnyx did not take it.
        """
        await self.client.command(carrier_call_id, "answer", {"command_id": f"answer-{carrier_call_id}"})

    async def reject(self, carrier_call_id: CarrierCallId, *, busy: bool) -> None:
        """Refuse a call that is parked; one that is over counts as refused.

        Raises:
            CarrierError: if it may still ring.
        """
        cause = "USER_BUSY" if busy else "CALL_REJECTED"
        fields = {"cause": cause, "command_id": f"reject-{carrier_call_id}"}
        await self._until_over(carrier_call_id, "reject", fields)

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        """End the leg, answered or not; one that is over counts. See the port.

        Raises:
            CarrierError: if it may still be alive.
        """
        await self._until_over(carrier_call_id, "hangup", {"command_id": f"hangup-{self._new_serial()}"})
        self._forget(carrier_call_id)

    async def redirect(self, number: PhoneNumber, *, from_url: str, to_url: str) -> bool:
        """Have calls to *number* come to another address; see the role `Redirectable`.

        Raises:
            CarrierError: if Telnyx refused or could not be reached.
        """
        return await redirect(self.client, number, from_url=from_url, to_url=to_url)

    async def find_dial(self, lost: LostDial) -> tuple[CarrierCallId, ...]:
        """Return the live legs that carry our name for the call; see the role `DialFinder`.

        Raises:
            CarrierError: see `TelnyxClient.find_live`.
        """
        return await self.client.find_live(lost.call_id)

    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        """Return what Telnyx says of a call; it knows one for ten minutes after its end.

        Raises:
            CarrierError: if it could not be asked.
        """
        told = await self.client.fetch(carrier_call_id)
        alive = False if told is None else told.get("is_alive")
        if not isinstance(alive, bool):
            return LineStatus(alive=None)
        if alive:
            return LineStatus(alive=True, cause="alive")
        self._forget(carrier_call_id)
        return LineStatus(alive=False, cause="unknown to Telnyx" if told is None else "ended")

    async def send_digits(self, carrier_call_id: CarrierCallId, digits: str) -> None:
        """Press keys; streams and speech go on.

        Raises:
            CarrierError: if Telnyx did not take them.
        """
        fields = {"digits": digits.translate(_PAUSES), "command_id": f"keys-{self._new_serial()}"}
        await self.client.command(carrier_call_id, "send_dtmf", fields)

    async def transfer(self, carrier_call_id: CarrierCallId, to: PhoneNumber) -> None:
        """Ring *to* for 20 seconds and connect the counterpart; returns once it has answered.

        If it does not, the counterpart stays with us.

        Raises:
            CarrierError: if Telnyx did not take it, or *to* did not answer.
        """
        fields = {
            "to": to.e164,
            "timeout_secs": RING_SECONDS,
            "client_state": ClientState(role=Role.TRANSFER).encoded,
            "target_leg_client_state": ClientState(role=Role.TARGET, parent=carrier_call_id).encoded,
            "command_id": f"transfer-{self._new_serial()}",
        }
        if self.own_number is not None:
            # Without it the counterpart's own number would be shown as the caller's.
            fields["from"] = self.own_number.e164
        # What they say to each other is not for us.
        language = self._speech.language_of(carrier_call_id)
        await self._speech.stop_listening(carrier_call_id)
        try:
            with self._transfers.attempt(carrier_call_id) as attempt:
                await self.client.command(carrier_call_id, "transfer", fields)
                await attempt.outcome()
        except CarrierError:
            if language is not None:
                await self._speech.listen_in(carrier_call_id, language)
            raise

    @property
    def tells_end(self) -> bool:
        """See `TelnyxSpeech`."""
        return self._speech.tells_end

    async def speak(self, carrier_call_id: CarrierCallId, spoken: SpokenText) -> None:
        """Read a text with Telnyx's voice; the leg gets no media stream any more. See `TelnyxSpeech`."""
        self._streams.leave(carrier_call_id)
        await self._speech.speak(carrier_call_id, spoken)

    async def silence(self, carrier_call_id: CarrierCallId) -> None:
        """Stop reading; see `TelnyxSpeech`."""
        await self._speech.silence(carrier_call_id)

    async def listen(self, carrier_call_id: CarrierCallId, *, locale: str) -> None:
        """Transcribe the counterpart from now on; see `TelnyxSpeech`."""
        self._streams.leave(carrier_call_id)
        await self._speech.listen(carrier_call_id, locale=locale)

    async def stop_listening(self, carrier_call_id: CarrierCallId) -> None:
        """Transcribe no more; see `TelnyxSpeech`."""
        await self._speech.stop_listening(carrier_call_id)

    @property
    def required_headers(self) -> tuple[str, ...]:
        """The signature and its time."""
        return (SIGNATURE_HEADER, TIMESTAMP_HEADER)

    def authenticate(self, request: WebhookRequest) -> str:
        """Return a key made from what was signed; see `TelnyxSignature`.

        Raises:
            NotAuthenticError: if it is not Telnyx's.
        """
        return self.signature.authenticate(request)

    def translate(self, request: WebhookRequest) -> tuple[CarrierSignal, ...]:
        """Return what a webhook tells; see `signals_of`. Words that their own final transcription has overtaken
        are left out.

        Raises:
            BadWebhookError: if it is no event of a call.
        """
        fields = Fields.of(request)
        self._finals.note(fields)
        if self._finals.is_late(fields):
            return ()
        was_up = fields.leg in self._up
        return signals_of(fields, Moment(self.clock.now_ms(), self.own_number, was_up=was_up))

    def respond(self, request: WebhookRequest, call: Call | None) -> WebhookResponse:
        """Return the answer, which Telnyx does not read; a call that was answered gets its media stream now."""
        fields = Fields.of(request)
        self._transfers.note(fields)
        if fields.state.role is Role.TARGET:
            return _NOTED
        if fields.event_type == "call.hangup" or (call is not None and call.final_reason is not None):
            self._forget(fields.leg)
            return _NOTED
        if call is None:
            return _NOTED
        if fields.event_type == "call.answered":
            self._up.add(fields.leg)
        if self.media_streams:
            self._streams.note(fields, call)
        return _NOTED

    async def _until_over(self, leg: CarrierCallId, command: str, fields: dict[str, str]) -> None:
        """Give a command that ends a leg.

        Raises:
            CarrierError: if the leg may still be alive.
        """
        try:
            await self.client.command(leg, command, fields)
        except CarrierError as error:
            if not is_over(error) and (await self.look_up(leg)).alive is not False:
                raise

    def _forget(self, leg: CarrierCallId) -> None:
        self._up.discard(leg)
        self._finals.forget(leg)
        self._speech.forget(leg)
        self._streams.forget(leg)

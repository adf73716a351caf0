"""The carrier itself: what we want, as requests to Example."""

from collections.abc import Callable

import attrs

from example_carrier.client import ExampleClient
from example_carrier.webhooks import END_REASONS, ExampleWebhooks
from voice_domain.call import Call
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import (
    Capabilities,
    Carrier,
    CarrierSignal,
    DialRequest,
    Keypad,
    LineStatus,
    NativeSpeech,
    SpokenText,
    UnsupportedError,
)
from voice_domain.ports.webhook_reader import WebhookReader, WebhookRequest, WebhookResponse

__all__ = ("ExampleCarrier",)


@attrs.frozen(kw_only=True)
class ExampleCarrier(Carrier, NativeSpeech, Keypad, WebhookReader):
    """Example reads texts and listens itself; it has no media streams and hands no calls over."""

    client: ExampleClient
    webhooks: ExampleWebhooks
    webhook_url: Callable[[], str]

    @property
    def name(self) -> str:
        """The word for it in the settings file, the same as the entry point's."""
        return "example"

    @property
    def capabilities(self) -> Capabilities:
        """What it can do; whatever is not named here it refuses."""
        return Capabilities(native_speech=True, native_listening=True, digits=True, inbound=True, reject=True)

    async def dial(self, request: DialRequest) -> CarrierCallId:
        """Place a call. Both deadlines are given to Example too: no call outlives them if we are gone."""
        body = {
            "from": str(request.caller),
            "to": str(request.callee),
            "reference": request.call_id,
            "webhook": self.webhook_url(),
            "ringSeconds": request.ring_ms / 1000,
            "maxSeconds": request.cap_ms / 1000,
        }
        return CarrierCallId(str((await self.client.ask("POST", "/calls", body))["id"]))

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        """Take an inbound call."""
        await self._do(carrier_call_id, "answer")

    async def reject(self, carrier_call_id: CarrierCallId, *, busy: bool) -> None:
        """Refuse an inbound call; one that is gone has been refused."""
        await self._do(carrier_call_id, "reject", gone_is_fine=True, busy=busy)

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        """End a call; one that is gone has ended."""
        await self._do(carrier_call_id, "hang-up", gone_is_fine=True)

    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        """Return what Example knows of a call."""
        told = await self.client.ask("GET", f"/calls/{carrier_call_id}", gone_is_fine=True)
        cause = str(told.get("cause") or "")
        return LineStatus(
            alive=bool(told.get("alive")),
            reason=END_REASONS.get(cause),
            cause=cause,
            answered=bool(told.get("answered")),
        )

    async def send_digits(self, carrier_call_id: CarrierCallId, digits: str) -> None:
        """Press keys."""
        await self._do(carrier_call_id, "press", digits=digits)

    async def transfer(self, carrier_call_id: CarrierCallId, to: PhoneNumber) -> None:
        """Refuse: Example cannot."""
        del carrier_call_id, to
        raise UnsupportedError(self.name, "transfer")

    @property
    def tells_end(self) -> bool:
        """Example tells when a text was read to its end."""
        return True

    async def speak(self, carrier_call_id: CarrierCallId, spoken: SpokenText) -> None:
        """Read a text, in the place of what is read now."""
        await self._do(
            carrier_call_id,
            "say",
            text=spoken.text,
            language=spoken.locale,
            speech=spoken.speech_id,
            part=spoken.part,
        )

    async def silence(self, carrier_call_id: CarrierCallId) -> None:
        """Stop reading."""
        await self._do(carrier_call_id, "silence", gone_is_fine=True)

    async def listen(self, carrier_call_id: CarrierCallId, *, locale: str) -> None:
        """Transcribe from now on."""
        await self._do(carrier_call_id, "listen", language=locale)

    async def stop_listening(self, carrier_call_id: CarrierCallId) -> None:
        """Transcribe no more."""
        await self._do(carrier_call_id, "stop-listening", gone_is_fine=True)

    @property
    def required_headers(self) -> tuple[str, ...]:
        """See `ExampleWebhooks`."""
        return self.webhooks.required_headers

    def authenticate(self, request: WebhookRequest) -> str:
        """See `ExampleWebhooks`."""
        return self.webhooks.authenticate(request)

    def translate(self, request: WebhookRequest) -> tuple[CarrierSignal, ...]:
        """See `ExampleWebhooks`."""
        return self.webhooks.translate(request)

    def respond(self, request: WebhookRequest, call: Call | None) -> WebhookResponse:
        """See `ExampleWebhooks`."""
        return self.webhooks.respond(request, call)

    async def _do(
        self, carrier_call_id: CarrierCallId, verb: str, *, gone_is_fine: bool = False, **body: object
    ) -> None:
        await self.client.ask("POST", f"/calls/{carrier_call_id}/{verb}", body, gone_is_fine=gone_is_fine)

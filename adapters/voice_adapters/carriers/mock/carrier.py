"""A phone network without a network: every command succeeds, and the callee plays a script."""

from collections import deque

import anyio

from voice_adapters.carriers.mock.leg import Leg, LegServices
from voice_adapters.carriers.mock.script import MockScript
from voice_adapters.carriers.mock.webhooks import MockWebhooks
from voice_adapters.media.pacer import Pacer
from voice_adapters.speech.scripted import ScriptedTranscriber
from voice_domain.call import Call
from voice_domain.e164 import PhoneNumber
from voice_domain.identity import CarrierCallId
from voice_domain.inputs import LineAnswered, LineBridged, LineEnded, LineRang
from voice_domain.ports.carrier import (
    Capabilities,
    Carrier,
    CarrierSignal,
    DialRequest,
    Exchange,
    Keypad,
    LineStatus,
    SelfDriven,
)
from voice_domain.ports.clock import Clock
from voice_domain.ports.synthesizer import Synthesizer
from voice_domain.ports.webhook_reader import WebhookReader, WebhookRequest, WebhookResponse
from voice_domain.vocabulary import Direction, EndReason

__all__ = ("MockCarrier",)

_ENDED_KEPT = 500


class MockCarrier(Carrier, Keypad, SelfDriven, WebhookReader):
    """The built-in carrier: for a first call, for tests of host programs, for demonstrations.

    Its legs live while `run` does; what is dialled before waits for it. What is told from outside, by webhooks or by
    `follow`, moves the legs as if their people had done it. The last 500 legs that ended are remembered.
    """

    def __init__(
        self,
        script: MockScript,
        *,
        synthesizer: Synthesizer,
        transcriber: ScriptedTranscriber,
        clock: Clock,
        memory_frames: int = 0,
    ) -> None:
        self._pacer = Pacer()
        self._services = LegServices(
            script=script,
            synthesizer=synthesizer,
            transcriber=transcriber,
            clock=clock,
            pacer=self._pacer,
            memory_frames=memory_frames,
        )
        self._webhooks = MockWebhooks(clock)
        self._legs: dict[CarrierCallId, Leg] = {}
        self._ended: dict[CarrierCallId, Leg] = {}
        self._new: deque[Leg] = deque()
        self._wake = anyio.Event()

    @property
    def name(self) -> str:
        """The word for it in the settings file."""
        return "mock"

    @property
    def capabilities(self) -> Capabilities:
        """Everything but voices and ears of its own."""
        return Capabilities(media_stream=True, digits=True, transfer=True, inbound=True, reject=True)

    def leg(self, carrier_call_id: CarrierCallId) -> Leg | None:
        """Return a leg, live or remembered; None if there is none of that name."""
        return self._legs.get(carrier_call_id) or self._ended.get(carrier_call_id)

    async def dial(self, request: DialRequest) -> CarrierCallId:
        """Begin a leg `mock-<call id>`; dialling the same call again changes nothing. Never fails."""
        name = CarrierCallId(f"mock-{request.call_id}")
        if self.leg(name) is None:
            self._begin(Leg(name, self._services, request=request))
        return name

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        """Take an inbound call. Never fails: one that was not announced to us begins here."""
        self._offered(carrier_call_id).answer()

    async def reject(self, carrier_call_id: CarrierCallId, *, busy: bool) -> None:
        """Refuse an inbound call. Never fails."""
        self._offered(carrier_call_id).end(EndReason.HANGUP_BOT, "busy" if busy else "rejected")

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        """End the leg. Never fails."""
        leg = self._legs.get(carrier_call_id)
        if leg is not None:
            leg.end(EndReason.HANGUP_BOT, "hang-up")

    async def look_up(self, carrier_call_id: CarrierCallId) -> LineStatus:
        """Return what the network knows: nothing, after a restart. Never fails."""
        leg = self.leg(carrier_call_id)
        return leg.status if leg else LineStatus(alive=False, cause="unknown to the mock network")

    async def send_digits(self, carrier_call_id: CarrierCallId, digits: str) -> None:
        """Let the callee hear keys; `Leg.digits_heard` tells which. Never fails."""
        leg = self._legs.get(carrier_call_id)
        if leg is not None:
            leg.hear_digits(digits)

    async def transfer(self, carrier_call_id: CarrierCallId, to: PhoneNumber) -> None:
        """Ring *to* for the counterpart; the script says whether that one answers. Never fails."""
        leg = self._legs.get(carrier_call_id)
        if leg is not None and self._services.script.outcome_for(to).picks_up:
            leg.transfer()

    async def run(self, exchange: Exchange) -> None:
        """Let the legs live until cancelled; those that live then are gone without a word."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._pacer.run)
                while True:
                    while self._new:
                        tasks.start_soon(self._live, self._new.popleft(), exchange)
                    self._wake = anyio.Event()
                    await self._wake.wait()
        finally:
            self._legs.clear()

    @property
    def required_headers(self) -> tuple[str, ...]:
        """None: nobody signs."""
        return self._webhooks.required_headers

    def authenticate(self, request: WebhookRequest) -> str:
        """Return the body's digest: everybody is trusted, and the same body again is a repetition."""
        return self._webhooks.authenticate(request)

    def translate(self, request: WebhookRequest) -> tuple[CarrierSignal, ...]:
        """Return what the request tells; see `MockWebhooks`."""
        return self._webhooks.translate(request)

    def respond(self, request: WebhookRequest, call: Call | None) -> WebhookResponse:
        """Return the answer, and let the legs follow what the request told."""
        for signal in self.translate(request):
            self.follow(signal, call)
        return self._webhooks.respond(request, call)

    def follow(self, signal: CarrierSignal, call: Call | None) -> None:
        """Do to the leg what *signal*, which came from outside and was taken, says of it.

        *call* is the call as it is then; it tells an inbound leg our name for it. A signal of no leg of ours, and
        news that are no deeds of the network's people, change nothing.
        """
        leg = self._leg_of(signal)
        if leg is None:
            return
        named: CarrierCallId | None = getattr(signal.news, "carrier_call_id", None)
        if named is not None:
            leg.rename(named)
            self._legs[named] = leg
        if call is not None and call.carrier_call_id == leg.carrier_call_id:
            leg.bind(call.call_id, call.opened.locale)
        match signal.news:
            case LineAnswered() | LineBridged():
                leg.answer(told=True)
            case LineEnded(reason=reason, cause=cause):
                leg.end(reason, cause, told=True)
            case _:
                pass

    def _leg_of(self, signal: CarrierSignal) -> Leg | None:
        for name, leg in self._legs.items():
            if name == signal.carrier_call_id or (signal.call_id and signal.call_id == leg.call_id):
                return leg
        if (
            isinstance(signal.news, LineRang)
            and signal.direction is Direction.INBOUND
            and signal.carrier_call_id
        ):
            return self._offered(signal.carrier_call_id)
        return None

    def _offered(self, carrier_call_id: CarrierCallId) -> Leg:
        leg = self.leg(carrier_call_id)
        return leg or self._begin(Leg(carrier_call_id, self._services))

    def _begin(self, leg: Leg) -> Leg:
        self._legs[leg.carrier_call_id] = leg
        self._new.append(leg)
        self._wake.set()
        return leg

    async def _live(self, leg: Leg, exchange: Exchange) -> None:
        await leg.run(exchange)
        for name in [name for name, known in self._legs.items() if known is leg]:
            del self._legs[name]
        self._ended[leg.carrier_call_id] = leg
        if len(self._ended) > _ENDED_KEPT:
            del self._ended[next(iter(self._ended))]

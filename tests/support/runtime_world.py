"""The whole runtime on one carrier's adapter, against its twin, in one process and in virtual time, without streams."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, Generic, TypeVar, cast
from urllib.parse import parse_qsl

import anyio
import attrs
import httpx
from support.telephone import Parrot

from voice_adapters.clock import EventLoopClock, RandomIdentities
from voice_adapters.media.native_voice import NativeVoice
from voice_adapters.media.voice import SpeechMoments, Voice
from voice_adapters.runtime.exchange import CallExchange
from voice_adapters.runtime.services import CallServices
from voice_adapters.runtime.switchboard import LiveCalls
from voice_adapters.stores.memory import MemoryStore
from voice_contracts.twins.faults import FaultPlan
from voice_contracts.twins.stage import CarrierTwin
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.call import Call
from voice_domain.decide import open_call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import Opened
from voice_domain.evolve import fold
from voice_domain.identity import CallId
from voice_domain.inbound_policy import InboundPolicy
from voice_domain.inputs import CallInput
from voice_domain.mode_rules import Mode
from voice_domain.pairing import PairingBook
from voice_domain.ports.carrier import Carrier, Keypad, NativeSpeech
from voice_domain.ports.pairing_store import PairingStore
from voice_domain.ports.webhook_reader import WebhookReader, WebhookRequest, WebhookResponse
from voice_domain.terms import CallTerms
from voice_domain.use_cases.admit_call import AdmitCall, InboundRules
from voice_domain.vocabulary import Direction
from voice_entrypoints.http.replay import ReplayCache

__all__ = ("CLOCK", "Parties", "RuntimeWorld", "as_request", "runtime_world")

CLOCK = EventLoopClock()
_AnyTwin = TypeVar("_AnyTwin", bound=CarrierTwin)
_AnyCarrier = TypeVar("_AnyCarrier", bound=Carrier)


class _NoPairing(PairingStore):
    async def load(self) -> PairingBook:
        return PairingBook()

    async def change(self, change: Callable[[PairingBook], PairingBook]) -> PairingBook:
        return change(PairingBook())


async def as_request(request: httpx.Request) -> WebhookRequest:
    """Return a request as the webhook gate gives it to a reader."""
    return WebhookRequest(
        method=request.method,
        urls=(str(request.url),),
        query=dict(parse_qsl(request.url.query.decode(), keep_blank_values=True)),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.aread(),
        path=request.url.path,
    )


@attrs.define
class _Gate:
    """The webhook gate without its defences, and with its memory of what was answered."""

    reader: WebhookReader
    exchange: CallExchange
    replays: ReplayCache = attrs.field(factory=ReplayCache)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = await as_request(request)

        async def process() -> WebhookResponse:
            call = None
            for signal in self.reader.translate(asked):
                call = await self.exchange.receive(signal)
            if hasattr(self.reader, "deliberate"):
                await self.reader.deliberate(asked, call)
            return self.reader.respond(asked, call)

        answer, _ = await self.replays.answer(self.reader.authenticate(asked), process)
        headers = {"content-type": answer.content_type} if answer.body else {}
        return httpx.Response(answer.status, headers=headers, content=answer.body)


@attrs.frozen
class Parties:
    """Who speaks with whom, and in which language."""

    ours: PhoneNumber
    theirs: PhoneNumber
    locale: str = "en-US"


@attrs.define
class RuntimeWorld(Generic[_AnyTwin, _AnyCarrier]):
    """What a journey needs: places calls, lets somebody call us, and looks at both ends."""

    twin: _AnyTwin
    carrier: _AnyCarrier
    calls: LiveCalls
    store: MemoryStore
    responder: Parrot
    parties: Parties

    async def place(
        self, opening: str, *, mode: Mode = Mode.CONVERSATION, locale: str | None = None, **terms: int
    ) -> Call:
        """Dial, and return the call once the carrier has taken it."""
        opened = Opened(
            at_ms=CLOCK.now_ms(),
            call_id=RandomIdentities().new_call_id(),
            carrier=self.carrier.name,
            direction=Direction.OUTBOUND,
            caller=self.parties.ours,
            callee=self.parties.theirs,
            mode=mode,
            locale=locale or self.parties.locale,
            terms=CallTerms(**terms),
            opening=opening,
        )
        return await self.calls.open(open_call(opened))

    async def over(self, call_id: CallId) -> Call:
        """Wait until a call is over, here and at the carrier, and its last news have come."""
        while self.calls.find(call_id) is not None or self.twin.ledger.legs_alive():  # noqa: ASYNC110 - virtual time
            await anyio.sleep(0.05)
        await anyio.sleep(3)
        return fold(await self.store.load(call_id))

    async def only_call(self) -> Call:
        """Wait until there is a live call."""
        while not self.calls.live():  # noqa: ASYNC110 - virtual time: looking costs nothing
            await anyio.sleep(0.05)
        return self.calls.live()[0]

    def heard(self, call: Call) -> tuple[str, ...]:
        """Return what the other end heard the carrier's voice say."""
        assert call.carrier_call_id is not None
        return self.twin.ear(call.carrier_call_id).texts


@asynccontextmanager
async def runtime_world(
    open_twin: Callable[[Surroundings], AbstractAsyncContextManager[_AnyTwin]],
    make_carrier: Callable[[httpx.AsyncClient], _AnyCarrier],
    parties: Parties,
    *,
    policy: InboundPolicy = InboundPolicy.OPEN,
    faults: FaultPlan | None = None,
) -> AsyncIterator[RuntimeWorld[_AnyTwin, _AnyCarrier]]:
    """Run everything for as long as the block lasts. *make_carrier* is given a client that reaches the twin."""
    gates: list[_Gate] = []

    async def webhook(request: httpx.Request) -> httpx.Response:
        return await gates[0](request)

    around = Surroundings(
        faults=faults or FaultPlan(), webhooks=httpx.MockTransport(webhook), epoch_ms=CLOCK.epoch_ms
    )
    async with AsyncExitStack() as stack:
        twin = await stack.enter_async_context(open_twin(around))
        transport = cast("Any", twin).transport
        carrier = make_carrier(await stack.enter_async_context(httpx.AsyncClient(transport=transport)))
        store, responder = MemoryStore(), Parrot()
        services = CallServices(
            store=store,
            carrier=carrier,
            keypad=cast("Keypad", carrier) if carrier.capabilities.digits else None,
            responder=responder,
            clock=CLOCK,
            make_voice=_native_voice(carrier),
        )
        calls = LiveCalls(services, limit=5)
        admit = AdmitCall(
            rules=InboundRules(
                own_number=parties.ours, policy=policy, terms=CallTerms(), greeting="Good morning."
            ),
            switchboard=calls,
            pairing=_NoPairing(),
            carrier=carrier,
            clock=CLOCK,
            identities=RandomIdentities(),
        )
        gates.append(_Gate(cast("WebhookReader", carrier), CallExchange(calls, store, admit)))
        await stack.enter_async_context(calls.running())
        yield RuntimeWorld(twin, carrier, calls, store, responder, parties)


def _native_voice(carrier: Carrier) -> Callable[..., Voice]:
    def make(
        call: Call, report: Callable[[CallInput], None], moments: SpeechMoments, now: Callable[[], Call]
    ) -> Voice:
        del call
        return NativeVoice(
            cast("NativeSpeech", carrier),
            carrier_call_id=lambda: now().carrier_call_id,
            report=report,
            moments=moments,
        )

    return make

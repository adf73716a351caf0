"""The whole runtime on the Aliyun adapter, against Aliyun's twin, in one process and in virtual time."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

import anyio
import attrs
import httpx
from support.telephone import Parrot

from voice_adapters.carriers.aliyun import AccessKey, AliyunCarrier, AliyunClient, CallbackToken, Scripts
from voice_adapters.clock import EventLoopClock, RandomIdentities
from voice_adapters.media.native_voice import NativeVoice
from voice_adapters.media.voice import SpeechMoments, Voice
from voice_adapters.runtime.exchange import CallExchange
from voice_adapters.runtime.services import CallServices
from voice_adapters.runtime.switchboard import LiveCalls
from voice_adapters.stores.memory import MemoryStore
from voice_adapters.transports.http_client import HttpClient
from voice_contracts.twins.aliyun import AliyunAccount, AliyunTwin, aliyun_twin
from voice_contracts.twins.callee import Callee
from voice_contracts.twins.faults import FaultPlan
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
from voice_domain.ports.pairing_store import PairingStore
from voice_domain.ports.webhook_reader import WebhookRequest, WebhookResponse
from voice_domain.terms import CallTerms
from voice_domain.use_cases.admit_call import AdmitCall, InboundRules
from voice_domain.vocabulary import Direction
from voice_entrypoints.http.replay import ReplayCache

__all__ = ("HOOK", "OURS", "THEIRS", "TOKEN", "AliyunWorld", "aliyun_world", "as_request")

OURS = PhoneNumber("+865710000000")
THEIRS = PhoneNumber("+8613900000000")
TOKEN = "s3cret-token"
HOOK = f"https://voice.example.com/voice/webhook/{TOKEN}"
_CLOCK = EventLoopClock()


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

    reader: AliyunCarrier
    exchange: CallExchange
    replays: ReplayCache = attrs.field(factory=ReplayCache)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = await as_request(request)

        async def process() -> WebhookResponse:
            call = None
            for signal in self.reader.translate(asked):
                call = await self.exchange.receive(signal)
            await self.reader.deliberate(asked, call)
            return self.reader.respond(asked, call)

        answer, _ = await self.replays.answer(self.reader.authenticate(asked), process)
        return httpx.Response(
            answer.status, headers={"content-type": answer.content_type}, content=answer.body
        )


@attrs.define
class AliyunWorld:
    """What a journey needs: places calls, and looks at both ends."""

    twin: AliyunTwin
    carrier: AliyunCarrier
    calls: LiveCalls
    store: MemoryStore
    responder: Parrot

    async def place(self, opening: str, *, mode: Mode = Mode.CONVERSATION, **terms: int) -> Call:
        """Dial, and return the call once the carrier has taken it."""
        opened = Opened(
            at_ms=_CLOCK.now_ms(),
            call_id=RandomIdentities().new_call_id(),
            carrier="aliyun",
            direction=Direction.OUTBOUND,
            caller=OURS,
            callee=THEIRS,
            mode=mode,
            locale="zh-CN",
            terms=CallTerms(**terms),
            opening=opening,
        )
        return await self.calls.open(open_call(opened))

    async def over(self, call_id: CallId) -> Call:
        """Wait until a call is over, here and at the carrier, and everything about it was reported."""
        while self.calls.find(call_id) is not None or self.twin.legs_alive():  # noqa: ASYNC110 - virtual time
            await anyio.sleep(0.05)
        await anyio.sleep(1)
        return fold(await self.store.load(call_id))

    def heard(self, call: Call) -> tuple[str, ...]:
        """Return what the other end heard Aliyun's voice say."""
        assert call.carrier_call_id is not None
        return self.twin.ear(call.carrier_call_id).texts


@asynccontextmanager
async def aliyun_world(
    *,
    callee: Callee | None = None,
    faults: FaultPlan | None = None,
    account: dict[str, Any] | None = None,
    **scripts: Any,
) -> AsyncIterator[AliyunWorld]:
    """Run everything for as long as the block lasts."""
    gates: list[_Gate] = []

    async def webhook(request: httpx.Request) -> httpx.Response:
        return await gates[0](request)

    known = AliyunAccount(
        **{
            "callees": {THEIRS.national_digits: callee or Callee()},
            "callback_url": HOOK,
            "report_url": HOOK,
            **(account or {}),
        }
    )
    around = Surroundings(
        faults=faults or FaultPlan(), webhooks=httpx.MockTransport(webhook), epoch_ms=_CLOCK.epoch_ms
    )
    async with AsyncExitStack() as stack:
        twin = await stack.enter_async_context(aliyun_twin(known, around))
        http = await stack.enter_async_context(httpx.AsyncClient(transport=twin.transport))
        carrier = AliyunCarrier(
            client=AliyunClient(
                http=HttpClient(http, _CLOCK), key=AccessKey(known.key_id, known.key_secret), clock=_CLOCK
            ),
            token=CallbackToken(lambda: TOKEN),
            scripts=Scripts(**scripts),
            clock=_CLOCK,
        )
        store, responder = MemoryStore(), Parrot()
        services = CallServices(
            store=store,
            carrier=carrier,
            keypad=None,
            responder=responder,
            clock=_CLOCK,
            make_voice=_native_voice(carrier),
        )
        calls = LiveCalls(services, limit=5)
        admit = AdmitCall(
            rules=InboundRules(
                own_number=OURS, policy=InboundPolicy.OPEN, terms=CallTerms(), greeting="您好"
            ),
            switchboard=calls,
            pairing=_NoPairing(),
            carrier=carrier,
            clock=_CLOCK,
            identities=RandomIdentities(),
        )
        gates.append(_Gate(carrier, CallExchange(calls, store, admit)))
        await stack.enter_async_context(calls.running())
        yield AliyunWorld(twin, carrier, calls, store, responder)


def _native_voice(carrier: AliyunCarrier) -> Callable[..., Voice]:
    def make(
        call: Call, report: Callable[[CallInput], None], moments: SpeechMoments, now: Callable[[], Call]
    ) -> Voice:
        del call
        return NativeVoice(
            carrier, carrier_call_id=lambda: now().carrier_call_id, report=report, moments=moments
        )

    return make

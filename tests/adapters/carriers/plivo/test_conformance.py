"""The Plivo adapter keeps the promises of its ports, against Plivo's twin."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import anyio
import attrs
import httpx
import pytest
from support.dialect_samples import dialect_samples
from support.on_twin import OnTwin, not_kept
from support.twin_people import TwinPeople

from voice_adapters.carriers.plivo import PlivoCarrier, PlivoClient, PlivoDialect, PlivoSignature
from voice_adapters.clock import EventLoopClock
from voice_adapters.transports.http_client import HttpClient
from voice_contracts.conformance.carrier import CarrierConformance
from voice_contracts.conformance.carrier_errors import CarrierErrorsConformance
from voice_contracts.conformance.carrier_speech import CarrierSpeechConformance
from voice_contracts.conformance.carrier_stage import CarrierStage
from voice_contracts.conformance.kit import run_kit
from voice_contracts.conformance.webhook_reader import WebhookReaderConformance
from voice_contracts.twins.callee import Callee
from voice_contracts.twins.plivo.account import Application, PlivoAccount
from voice_contracts.twins.plivo.twin import PlivoTwin, plivo_twin
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.call import Call
from voice_domain.decide import decide, open_call, refuse_call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import Opened
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import LineAnswered
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import Exchange
from voice_domain.ports.clock import Clock
from voice_domain.ports.webhook_reader import WebhookReader, WebhookRequest
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Webhooks

CLOCK = EventLoopClock()
HOOK = "https://voice.example.com/voice/webhook"
OURS, THEIRS = PhoneNumber("+15550000000"), PhoneNumber("+15550005678")
_ANSWER_MS = 10_000


def call_of(leg: CarrierCallId, *, answered: bool) -> Call:
    opened = Opened(
        at_ms=1,
        call_id=CallId("call-1"),
        carrier="plivo",
        direction=Direction.INBOUND,
        caller=THEIRS,
        callee=OURS,
        mode=Mode.CONVERSATION,
        locale="en-US",
        terms=CallTerms(),
        opening="",
        carrier_call_id=leg,
    )
    if not answered:
        return refuse_call(opened, busy=True, error="").call
    return decide(open_call(opened).call, LineAnswered(1), 1).call


async def as_request(request: httpx.Request) -> WebhookRequest:
    """Return a request as the webhook gate gives it to a reader."""
    return WebhookRequest(
        method=request.method,
        urls=(str(request.url),),
        query=dict(parse_qsl(request.url.query.decode(), keep_blank_values=True)),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.aread(),
    )


@attrs.frozen(kw_only=True, eq=False)
class Watched(PlivoCarrier):
    """Lets its stage see what was decided about a caller."""

    decided: anyio.Event
    rejected: list[CarrierCallId] = attrs.field(factory=list)

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        await super().answer(carrier_call_id)
        self.decided.set()

    async def reject(self, carrier_call_id: CarrierCallId, *, busy: bool) -> None:
        await super().reject(carrier_call_id, busy=busy)
        self.rejected.append(carrier_call_id)
        self.decided.set()


@attrs.frozen
class Stage(TwinPeople):
    carrier: Watched
    twin: PlivoTwin
    offered: anyio.Event

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        await self.twin.answered(carrier_call_id)

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        self.twin.hang_up(carrier_call_id)

    async def ring_in(self) -> CarrierCallId:
        leg = self.twin.call_in(str(THEIRS), str(OURS), Callee())
        await self.offered.wait()
        return CarrierCallId(leg)


@asynccontextmanager
async def open_plivo(exchange: Exchange) -> AsyncIterator[CarrierStage]:
    stages: list[Stage] = []

    async def webhook(request: httpx.Request) -> httpx.Response:
        (stage,) = stages
        carrier = stage.carrier
        asked = await as_request(request)
        carrier.authenticate(asked)
        signals = carrier.translate(asked)
        for signal in signals:
            await exchange.tell(signal)
        leg = signals[0].carrier_call_id if signals else None
        if signals and signals[0].direction is Direction.INBOUND and not stage.offered.is_set():
            stage.offered.set()
            await carrier.decided.wait()
        call = None if leg is None else call_of(leg, answered=leg not in carrier.rejected)
        answer = carrier.respond(asked, call)
        return httpx.Response(
            answer.status, headers={"content-type": answer.content_type}, content=answer.body
        )

    account = PlivoAccount(
        numbers={str(OURS): Application(HOOK, hangup_url=HOOK)},
        callees={str(THEIRS): Callee(answer_after_ms=_ANSWER_MS)},
    )
    around = Surroundings(webhooks=httpx.MockTransport(webhook), epoch_ms=CLOCK.epoch_ms)
    async with plivo_twin(account, around) as twin, httpx.AsyncClient(transport=twin.transport) as http:
        client = PlivoClient(http=HttpClient(http, CLOCK), auth_id=account.auth_id, auth_token=account.token)
        carrier = Watched(
            client=client,
            signature=PlivoSignature(auth_token=account.token),
            webhook_url=lambda: HOOK,
            stream_url=lambda _: None,
            clock=CLOCK,
            own_number=OURS,
            decided=anyio.Event(),
        )
        stages.append(Stage(carrier, twin, anyio.Event()))
        yield stages[0]


@pytest.mark.anyio
class TestPlivoCarrier(CarrierConformance, CarrierSpeechConformance, CarrierErrorsConformance):
    def open_stage(self, exchange: Exchange) -> AbstractAsyncContextManager[CarrierStage]:
        return open_plivo(exchange)


class Noon(Clock):
    """A clock that stands still."""

    def now_ms(self) -> int:
        return 1_770_000_000_000


class TestPlivoWebhooks(WebhookReaderConformance):
    @pytest.fixture(autouse=True)
    def _desk(self, make_carrier: "Callable[..., PlivoCarrier]", webhooks: "Webhooks") -> None:
        self._carrier = make_carrier(clock=Noon())
        self._requests = webhooks(Direction="inbound", CallStatus="ringing"), webhooks(f"{HOOK}?callId=c-1")

    def reader(self) -> WebhookReader:
        return self._carrier

    def requests(self) -> tuple[WebhookRequest, WebhookRequest]:
        return self._requests

    def forged(self) -> WebhookRequest:
        return attrs.evolve(self._requests[0], body=self._requests[0].body + b"&CallStatus=completed")

    def test_the_whole_kit_finds_everything_shown_and_nothing_broken(self) -> None:
        report = run_kit(
            OnTwin(
                opened=open_plivo,
                reading=self,
                streams=dialect_samples("plivo", PlivoDialect(), "playedStream"),
            )
        )

        assert not_kept(report) == []

"""The Twilio adapter keeps the promises of its ports, against Twilio's twin."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio
import attrs
import httpx
import pytest
from support.dialect_samples import dialect_samples
from support.on_twin import OnTwin, not_kept
from support.runtime_world import as_request
from support.twilio_world import HOOK, OURS, THEIRS
from support.twin_people import TwinPeople
from twilio.request_validator import RequestValidator

from voice_adapters.carriers.twilio import TwilioCarrier, TwilioClient, TwilioDialect, TwilioSignature
from voice_adapters.clock import EventLoopClock
from voice_adapters.transports.http_client import HttpClient
from voice_contracts.conformance.carrier import CarrierConformance
from voice_contracts.conformance.carrier_errors import CarrierErrorsConformance
from voice_contracts.conformance.carrier_speech import CarrierSpeechConformance
from voice_contracts.conformance.carrier_stage import CarrierStage
from voice_contracts.conformance.kit import run_kit
from voice_contracts.conformance.webhook_reader import WebhookReaderConformance
from voice_contracts.twins.callee import Callee
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.twin import TwilioTwin, twilio_twin
from voice_domain.call import Call
from voice_domain.decide import decide, open_call, refuse_call
from voice_domain.events import Opened
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import LineAnswered
from voice_domain.mode_rules import Mode
from voice_domain.ports.carrier import Exchange
from voice_domain.ports.clock import Clock
from voice_domain.ports.webhook_reader import WebhookReader, WebhookRequest
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction

CLOCK = EventLoopClock()
TOKEN = "test-auth-token-0123456789abcdef"
_ANSWER_MS = 10_000


def call_of(leg: CarrierCallId, *, answered: bool) -> Call:
    opened = Opened(
        at_ms=1,
        call_id=CallId("call-1"),
        carrier="twilio",
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


@attrs.frozen(kw_only=True, eq=False)
class Watched(TwilioCarrier):
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
    twin: TwilioTwin
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
async def open_twilio(exchange: Exchange) -> AsyncIterator[CarrierStage]:
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

    account = TwilioAccount(
        numbers={str(OURS): NumberSettings(HOOK, status_callback=f"{HOOK}?type=status")},
        callees={str(THEIRS): Callee(answer_after_ms=_ANSWER_MS)},
    )
    around = Surroundings(webhooks=httpx.MockTransport(webhook), epoch_ms=CLOCK.epoch_ms)
    async with twilio_twin(account, around) as twin, httpx.AsyncClient(transport=twin.transport) as http:
        client = TwilioClient(http=HttpClient(http, CLOCK), account_sid=account.sid, auth_token=account.token)
        carrier = Watched(
            client=client,
            signature=TwilioSignature(auth_token=account.token),
            webhook_url=lambda: HOOK,
            stream_url=lambda _: None,
            clock=CLOCK,
            decided=anyio.Event(),
        )
        stages.append(Stage(carrier, twin, anyio.Event()))
        yield stages[0]


@pytest.mark.anyio
class TestTwilioCarrier(CarrierConformance, CarrierSpeechConformance, CarrierErrorsConformance):
    def open_stage(self, exchange: Exchange) -> AbstractAsyncContextManager[CarrierStage]:
        return open_twilio(exchange)


class Noon(Clock):
    def now_ms(self) -> int:
        return 1_000


class TestTwilioWebhooks(WebhookReaderConformance):
    def reader(self) -> WebhookReader:
        http = HttpClient(httpx.AsyncClient(transport=httpx.MockTransport(_nobody)), Noon())
        return TwilioCarrier(
            client=TwilioClient(http=http, account_sid="AC1", auth_token=TOKEN),
            signature=TwilioSignature(auth_token=TOKEN),
            webhook_url=lambda: HOOK,
            stream_url=lambda _: None,
            clock=Noon(),
        )

    def requests(self) -> tuple[WebhookRequest, WebhookRequest]:
        return self._request("ringing"), self._request("in-progress")

    def forged(self) -> WebhookRequest:
        request = self._request("ringing")
        return attrs.evolve(request, body=request.body + b"&CallStatus=completed")

    def test_the_whole_kit_finds_everything_shown_and_nothing_broken(self) -> None:
        report = run_kit(
            OnTwin(opened=open_twilio, reading=self, streams=dialect_samples("twilio", TwilioDialect()))
        )

        assert not_kept(report) == []

    def _request(self, status: str) -> WebhookRequest:
        body = f"CallSid=CA1&CallStatus={status}&Direction=outbound-api"
        fields = dict(part.split("=") for part in body.split("&"))
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": RequestValidator(TOKEN).compute_signature(HOOK, fields),
        }
        return WebhookRequest(method="POST", urls=(HOOK,), query={}, headers=headers, body=body.encode())


def _nobody(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(404)

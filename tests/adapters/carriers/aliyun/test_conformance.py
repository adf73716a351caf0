"""The Aliyun adapter keeps the promises of its ports, against Aliyun's twin."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import attrs
import httpx
import pytest
from support.aliyun_desk import TOKEN, Api, Noon, a_call, callback, report
from support.aliyun_world import HOOK, OURS, THEIRS
from support.on_twin import OnTwin, not_kept
from support.runtime_world import as_request
from support.twin_people import TwinPeople

from voice_adapters.carriers.aliyun import AccessKey, AliyunCarrier, AliyunClient, CallbackToken, Scripts
from voice_adapters.clock import EventLoopClock
from voice_adapters.transports.http_client import HttpClient
from voice_contracts.conformance.carrier import CarrierConformance
from voice_contracts.conformance.carrier_errors import CarrierErrorsConformance
from voice_contracts.conformance.carrier_speech import CarrierSpeechConformance
from voice_contracts.conformance.carrier_stage import CarrierStage
from voice_contracts.conformance.kit import run_kit
from voice_contracts.conformance.webhook_reader import WebhookReaderConformance
from voice_contracts.twins.aliyun import AliyunAccount, AliyunTwin, aliyun_twin
from voice_contracts.twins.callee import Callee, Outcome
from voice_contracts.twins.surroundings import Surroundings
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import Exchange
from voice_domain.ports.webhook_reader import WebhookReader, WebhookRequest

CLOCK = EventLoopClock()


class UnexpectedCallerError(Exception):
    """Nobody can call in."""


@attrs.frozen
class Stage(TwinPeople):
    carrier: AliyunCarrier
    twin: AliyunTwin

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        self.twin.pick_up(carrier_call_id)
        await self.twin.answered(carrier_call_id)

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        self.twin.hang_up(carrier_call_id)

    async def ring_in(self) -> CarrierCallId:
        raise UnexpectedCallerError


@asynccontextmanager
async def open_aliyun(exchange: Exchange) -> AsyncIterator[CarrierStage]:
    stages: list[Stage] = []

    async def webhook(request: httpx.Request) -> httpx.Response:
        carrier = stages[0].carrier
        asked = await as_request(request)
        carrier.authenticate(asked)
        for signal in carrier.translate(asked):
            await exchange.tell(signal)
        answer = carrier.respond(asked, a_call())
        return httpx.Response(
            answer.status, headers={"content-type": answer.content_type}, content=answer.body
        )

    account = AliyunAccount(
        callees={THEIRS.national_digits: Callee(outcome=Outcome.NO_ANSWER)},
        callback_url=HOOK,
        report_url=HOOK,
    )
    around = Surroundings(webhooks=httpx.MockTransport(webhook), epoch_ms=CLOCK.epoch_ms)
    async with aliyun_twin(account, around) as twin, httpx.AsyncClient(transport=twin.transport) as http:
        carrier = AliyunCarrier(
            client=AliyunClient(
                http=HttpClient(http, CLOCK), key=AccessKey(account.key_id, account.key_secret), clock=CLOCK
            ),
            token=CallbackToken(lambda: TOKEN),
            scripts=Scripts(),
            clock=CLOCK,
        )
        stages.append(Stage(carrier, twin))
        yield stages[0]


@pytest.mark.anyio
class TestAliyunCarrier(CarrierConformance, CarrierSpeechConformance, CarrierErrorsConformance):
    # The network decides how long it rings: a minute here, whatever we ask for.
    deadline_seconds = 75.0
    caller = OURS
    callee = THEIRS

    def open_stage(self, exchange: Exchange) -> AbstractAsyncContextManager[CarrierStage]:
        return open_aliyun(exchange)


class Chinese(OnTwin):
    deadline_seconds = TestAliyunCarrier.deadline_seconds
    caller = OURS
    callee = THEIRS


class TestAliyunWebhooks(WebhookReaderConformance):
    def reader(self) -> WebhookReader:
        http = HttpClient(httpx.AsyncClient(transport=httpx.MockTransport(Api())), Noon())
        client = AliyunClient(http=http, key=AccessKey("id", "secret"), clock=Noon())
        return AliyunCarrier(
            client=client, token=CallbackToken(lambda: TOKEN), scripts=Scripts(), clock=Noon()
        )

    def requests(self) -> tuple[WebhookRequest, WebhookRequest]:
        return callback("normal", words="您好"), report(status_code="200201")

    def forged(self) -> WebhookRequest:
        return attrs.evolve(callback(), path="/voice/webhook/guessed")

    def test_the_whole_kit_finds_everything_shown_and_nothing_broken(self) -> None:
        report = run_kit(Chinese(opened=open_aliyun, reading=self))

        assert not_kept(report) == []

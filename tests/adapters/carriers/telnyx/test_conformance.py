"""The Telnyx adapter keeps the promises of its ports, against Telnyx's twin."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import anyio
import attrs
import httpx
import pytest
from support.on_twin import OnTwin, not_kept
from support.runtime_world import as_request
from support.telnyx_world import HOOK, OURS, THEIRS, telnyx_parts
from support.twin_people import TwinPeople

from voice_adapters.carriers.telnyx import TelnyxCarrier
from voice_adapters.clock import EventLoopClock
from voice_contracts.conformance.carrier import CarrierConformance
from voice_contracts.conformance.carrier_errors import CarrierErrorsConformance
from voice_contracts.conformance.carrier_speech import CarrierSpeechConformance
from voice_contracts.conformance.carrier_stage import CarrierStage
from voice_contracts.conformance.kit import run_kit
from voice_contracts.conformance.webhook_reader import WebhookReaderConformance
from voice_contracts.twins.callee import Callee
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.telnyx.account import TelnyxAccount
from voice_contracts.twins.telnyx.twin import TelnyxTwin, telnyx_twin
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import Exchange
from voice_domain.ports.webhook_reader import WebhookReader, WebhookRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Webhooks

_ANSWER_MS = 10_000


@attrs.frozen
class Stage(TwinPeople):
    carrier: TelnyxCarrier
    twin: TelnyxTwin
    offered: anyio.Event

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        await self.twin.answered(carrier_call_id)

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        self.twin.hang_up(carrier_call_id)

    async def ring_in(self) -> CarrierCallId:
        leg = self.twin.call_in(str(THEIRS), str(OURS), Callee())
        await self.offered.wait()
        return CarrierCallId(leg)


async def _tell(stages: list[Stage], exchange: Exchange, request: httpx.Request) -> httpx.Response:
    (stage,) = stages
    asked = await as_request(request)
    stage.carrier.authenticate(asked)
    signals = stage.carrier.translate(asked)
    for signal in signals:
        await exchange.tell(signal)
        stage.offered.set()
    answer = stage.carrier.respond(asked, None)
    return httpx.Response(answer.status, content=answer.body)


@asynccontextmanager
async def open_telnyx(exchange: Exchange) -> AsyncIterator[CarrierStage]:
    stages: list[Stage] = []
    account = TelnyxAccount(
        webhook_url=HOOK,
        numbers=frozenset({str(OURS)}),
        callees={str(THEIRS): Callee(answer_after_ms=_ANSWER_MS)},
    )
    webhooks = httpx.MockTransport(partial(_tell, stages, exchange))
    around = Surroundings(webhooks=webhooks, epoch_ms=EventLoopClock().epoch_ms)
    async with telnyx_twin(account, around) as twin, httpx.AsyncClient(transport=twin.transport) as http:
        carrier = TelnyxCarrier(**telnyx_parts(account, http))  # type: ignore[arg-type]  # the parts vary
        stages.append(Stage(carrier, twin, anyio.Event()))
        yield stages[0]


@pytest.mark.anyio
class TestTelnyxCarrier(CarrierConformance, CarrierSpeechConformance, CarrierErrorsConformance):
    def open_stage(self, exchange: Exchange) -> AbstractAsyncContextManager[CarrierStage]:
        return open_telnyx(exchange)


class TestTelnyxWebhooks(WebhookReaderConformance):
    @pytest.fixture(autouse=True)
    def _desk(self, make_carrier: "Callable[..., TelnyxCarrier]", webhooks: "Webhooks") -> None:
        self._carrier, self._webhooks = make_carrier(), webhooks
        self._requests = webhooks("call.initiated", direction="incoming"), webhooks("call.answered")

    def reader(self) -> WebhookReader:
        return self._carrier

    def requests(self) -> tuple[WebhookRequest, WebhookRequest]:
        return self._requests

    def forged(self) -> WebhookRequest:
        return attrs.evolve(self._requests[0], body=self._requests[0].body + b" ")

    def test_the_whole_kit_finds_everything_shown_and_nothing_broken(self) -> None:
        report = run_kit(OnTwin(opened=open_telnyx, reading=self))

        assert not_kept(report) == []

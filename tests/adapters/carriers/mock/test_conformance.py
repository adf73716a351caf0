"""The mock carrier keeps the promises of its ports."""

from contextlib import AbstractAsyncContextManager

import pytest
from support.mock_stage import mock_stage

from voice_adapters.carriers.mock.webhooks import MockWebhooks
from voice_contracts.conformance.carrier import CarrierConformance
from voice_contracts.conformance.carrier_audio import CarrierAudioConformance
from voice_contracts.conformance.carrier_stage import CarrierStage
from voice_contracts.conformance.webhook_reader import WebhookReaderConformance
from voice_domain.ports.carrier import Exchange
from voice_domain.ports.clock import Clock
from voice_domain.ports.webhook_reader import WebhookReader, WebhookRequest


@pytest.mark.anyio
class TestMockCarrier(CarrierConformance, CarrierAudioConformance):
    def open_stage(self, exchange: Exchange) -> AbstractAsyncContextManager[CarrierStage]:
        return mock_stage(exchange)


class Noon(Clock):
    def now_ms(self) -> int:
        return 1_000


class TestMockWebhooks(WebhookReaderConformance):
    def reader(self) -> WebhookReader:
        return MockWebhooks(Noon())

    def requests(self) -> tuple[WebhookRequest, WebhookRequest]:
        rang = b'{"events": [{"type": "call.ringing", "callId": "c1"}]}'
        return self._request(rang), self._request(rang.replace(b"ringing", b"answered"))

    def forged(self) -> None:
        return None

    def _request(self, body: bytes) -> WebhookRequest:
        return WebhookRequest(method="POST", urls=("http://x/voice",), query={}, headers={}, body=body)

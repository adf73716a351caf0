"""The mock carrier as the carrier kit gets it, whole or with a fault built in."""

from contextlib import AbstractAsyncContextManager

from support.mock_stage import mock_stage

from voice_adapters.carriers.mock import MockCarrier
from voice_adapters.carriers.mock.webhooks import MockWebhooks
from voice_contracts.conformance.carrier_stage import CarrierStage
from voice_contracts.conformance.carrier_under_test import CarrierUnderTest, WebhookSamples
from voice_domain.ports.carrier import Exchange
from voice_domain.ports.clock import Clock
from voice_domain.ports.webhook_reader import WebhookRequest

__all__ = ("MockUnderTest",)


class _Noon(Clock):
    def now_ms(self) -> int:
        return 1_000


class MockUnderTest(CarrierUnderTest):
    """The built-in carrier: its audio is attached, its network cannot fail."""

    network_can_fail = False
    attaches_audio = True
    make: type[MockCarrier] = MockCarrier

    def open_stage(self, exchange: Exchange) -> AbstractAsyncContextManager[CarrierStage]:
        return mock_stage(exchange, self.make)

    def webhooks(self) -> WebhookSamples | None:
        rang = b'{"events": [{"type": "call.ringing", "callId": "c1"}]}'
        requests = _request(rang), _request(rang.replace(b"ringing", b"answered"))
        return WebhookSamples(reader=MockWebhooks(_Noon()), requests=requests, forged=None)

    def dialect(self) -> None:
        return None


def _request(body: bytes) -> WebhookRequest:
    return WebhookRequest(method="POST", urls=("http://x/voice",), query={}, headers={}, body=body)

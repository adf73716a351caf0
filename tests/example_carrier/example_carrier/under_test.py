"""The carrier on the stage of voicecall's kit.

Run `python -m voice_contracts.conformance example_carrier.under_test:Example`.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import attrs
import httpx

from example_carrier.carrier import ExampleCarrier
from example_carrier.client import ExampleClient
from example_carrier.network import Network, running_network
from example_carrier.webhooks import SIGNATURE_HEADER, ExampleWebhooks, sign
from voice_adapters.clock import EventLoopClock
from voice_adapters.transports.http_client import HttpClient
from voice_contracts.conformance.carrier_stage import CarrierStage, FailingStage, PressingStage, TalkingStage
from voice_contracts.conformance.carrier_under_test import CarrierUnderTest, WebhookSamples
from voice_contracts.twins.http_client import InProcess
from voice_domain.identity import CarrierCallId
from voice_domain.ports.carrier import Exchange
from voice_domain.ports.webhook_reader import WebhookRequest

__all__ = ("Example",)

HOOK = "https://voice.example.com/voice/webhook"
SECRET = "a secret of the kit"


@attrs.frozen
class ExampleStage(CarrierStage, TalkingStage, PressingStage, FailingStage):
    """The people at the far end do what they are told."""

    carrier: ExampleCarrier
    network: Network

    async def answer(self, carrier_call_id: CarrierCallId) -> None:
        """See the port."""
        self.network.pick_up(self.network.legs[carrier_call_id])

    async def hang_up(self, carrier_call_id: CarrierCallId) -> None:
        """See the port."""
        self.network.end(self.network.legs[carrier_call_id], "counterpart")

    async def ring_in(self) -> CarrierCallId:
        """See the port."""
        return CarrierCallId((await self.network.call_in("+15550001234", "+15550000000")).name)

    async def say(self, carrier_call_id: CarrierCallId, words: str) -> None:
        """See the port."""
        self.network.tell(self.network.legs[carrier_call_id], "heard", text=words)

    async def press(self, carrier_call_id: CarrierCallId, digits: str) -> None:
        """See the port."""
        self.network.tell(self.network.legs[carrier_call_id], "pressed", digits=digits)

    async def fail(self) -> None:
        """See the port."""
        self.network.broken = True


class Example(CarrierUnderTest):
    """What the kit needs to know."""

    def open_stage(self, exchange: Exchange) -> AbstractAsyncContextManager[CarrierStage]:
        """See the port."""
        return _stage(exchange)

    def webhooks(self) -> WebhookSamples:
        """See the port."""
        rings = _event("rings")
        return WebhookSamples(
            reader=ExampleWebhooks(secret=SECRET),
            requests=(_request(rings), _request(_event("answered"))),
            forged=attrs.evolve(_request(rings), body=rings.replace(b"leg-1", b"leg-2")),
        )

    def dialect(self) -> None:
        """There are no media streams."""


@asynccontextmanager
async def _stage(exchange: Exchange) -> AsyncIterator[CarrierStage]:
    webhooks, clock = ExampleWebhooks(secret=SECRET), EventLoopClock()

    async def deliver(body: bytes, headers: Mapping[str, str]) -> None:
        for signal in webhooks.translate(_request(body, headers)):
            await exchange.tell(signal)

    async with (
        running_network(SECRET, deliver) as network,
        httpx.AsyncClient(transport=InProcess(network.handle)) as http,
    ):
        client = ExampleClient(
            http=HttpClient(http, clock), api_key="key", base_url="https://api.example.com"
        )
        yield ExampleStage(
            ExampleCarrier(client=client, webhooks=webhooks, webhook_url=lambda: HOOK), network
        )


def _event(kind: str) -> bytes:
    event = {
        "id": f"event-{kind}",
        "type": kind,
        "call": "leg-1",
        "reference": "call-1",
        "inbound": False,
        "from": "+15550000000",
        "to": "+15550005678",
        "at": 1_750_000_000_000,
    }
    return json.dumps(event).encode()


def _request(body: bytes, headers: Mapping[str, str] | None = None) -> WebhookRequest:
    signed = {SIGNATURE_HEADER: sign(SECRET, body)} if headers is None else headers
    return WebhookRequest(method="POST", urls=(HOOK,), query={}, headers=signed, body=body)

"""A Telnyx that answers what a test says, without a network: requests are kept, webhooks are made and signed."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from voice_adapters.carriers.telnyx import TelnyxCarrier, TelnyxClient, TelnyxSignature
from voice_adapters.clock import EventLoopClock
from voice_adapters.transports.http_client import HttpClient
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.clock import Clock
from voice_domain.ports.webhook_reader import WebhookRequest

LEG = "v3:fake-call-control-id-0001"
WEBHOOK = "https://voice.example.com/voice/webhook"
NOW = 1_770_000_000

Answer = httpx.Response | Exception


class At(Clock):
    """A clock that stands still."""

    def now_ms(self) -> int:
        return NOW * 1000


class Api:
    """Answers requests in the order in which answers were given; then as for a call that was placed, for ever."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[httpx.Request] = []

    def refuse(self, code: str, status: int = 422) -> httpx.Response:
        error = {"code": code, "title": "Refused", "detail": "said by Telnyx of +15550005678"}
        return httpx.Response(status, json={"errors": [error]})

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        placed = {"call_control_id": LEG, "is_alive": True, "record_type": "call"}
        answer = self.answers.pop(0) if self.answers else httpx.Response(200, json={"data": placed})
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def commands(self) -> list[tuple[str, dict[str, Any]]]:
        """What was asked for: the last word of each path, and the fields."""
        return [
            (request.url.path.rsplit("/", 1)[-1], json.loads(request.content or b"{}"))
            for request in self.requests
        ]


class Webhooks:
    """Makes webhooks of one leg as Telnyx does."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"telnyx-test-key-1").digest())
        self._count = 0

    def __call__(self, event_type: str, *, leg: str = LEG, **payload: object) -> WebhookRequest:
        """An event of a leg of ours, unless *payload* says otherwise; `sender` stands for `from`."""
        self._count += 1
        said = {"call_control_id": leg, "client_state": None, **payload}
        if "sender" in said:
            said["from"] = said.pop("sender")
        data = {
            "record_type": "event",
            "event_type": event_type,
            "id": f"event-{self._count}",
            "payload": said,
        }
        return self.signed(json.dumps({"data": data}).encode())

    def signed(self, body: bytes, at: int = NOW) -> WebhookRequest:
        signature = self.key.sign(f"{at}|".encode() + body)
        return WebhookRequest(
            method="POST",
            urls=(WEBHOOK,),
            query={},
            headers={
                "content-type": "application/json",
                "telnyx-signature-ed25519": b64encode(signature).decode(),
                "telnyx-timestamp": str(at),
            },
            body=body,
        )


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def webhooks() -> Webhooks:
    return Webhooks()


@pytest.fixture
def client(api: Api) -> TelnyxClient:
    # Without a socket there is nothing to close, so that tests without an event loop can have one too.
    http = httpx.AsyncClient(transport=httpx.MockTransport(api))
    return TelnyxClient(
        http=HttpClient(http, EventLoopClock(), jitter=lambda: 1.0),
        api_key="KEY-secret",
        connection_id="7267000000000000000",
    )


@pytest.fixture
def streams() -> dict[str, str]:
    """The stream addresses of calls by our name for them; a call that is not in it is not streamed."""
    return {}


@pytest.fixture
def make_carrier(
    client: TelnyxClient, streams: Mapping[str, str], webhooks: Webhooks
) -> Callable[..., TelnyxCarrier]:
    def make(**changes: Any) -> TelnyxCarrier:
        parts: dict[str, Any] = {
            "client": client,
            "signature": TelnyxSignature(public_key=webhooks.key.public_key(), clock=At()),
            "webhook_url": lambda: WEBHOOK,
            "stream_url": streams.get,
            "clock": At(),
            "own_number": PhoneNumber("+15550001234"),
        }
        return TelnyxCarrier(**{**parts, **changes})

    return make


@pytest.fixture
def carrier(make_carrier: Callable[..., TelnyxCarrier]) -> TelnyxCarrier:
    return make_carrier()

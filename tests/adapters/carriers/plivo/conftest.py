"""A Plivo that answers what a test says, without a network: requests are kept, webhooks are made and signed."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from plivo.utils.signature_v3 import construct_post_url, get_signature_v3

from voice_adapters.carriers.plivo import PlivoCarrier, PlivoClient, PlivoSignature
from voice_adapters.clock import EventLoopClock, SystemClock
from voice_adapters.transports.http_client import HttpClient
from voice_domain.call import Call
from voice_domain.decide import decide, open_call
from voice_domain.e164 import PhoneNumber
from voice_domain.events import Opened
from voice_domain.identity import CallId, CarrierCallId
from voice_domain.inputs import DialAccepted, LineAnswered
from voice_domain.mode_rules import Mode
from voice_domain.ports.webhook_reader import WebhookRequest
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import Direction

AUTH_ID = "MAXXXXXXXXXXXXXXXXXX"
TOKEN = "plivo-test-auth-token-0123456789"
LEG = "00000000-0000-4000-8000-000000000001"
REQUEST = "00000000-0000-4000-8000-000000000002"
WEBHOOK = "https://voice.example.com/voice/webhook"

Answer = httpx.Response | Exception


class Api:
    """Answers requests in the order in which answers were given; then as for a call that was placed, for ever."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[httpx.Request] = []
        self.answers_with: Callable[[httpx.Request], httpx.Response] | None = None
        """Answers everything instead, where a list does not do."""

    def refuse(self, status: int) -> httpx.Response:
        return httpx.Response(status, json={"api_id": "a-1", "error": "said by Plivo of 15550005678"})

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        if self.answers_with is not None:
            return self.answers_with(request)
        placed = {"api_id": "a-1", "message": "call fired", "request_uuid": REQUEST}
        answer = self.answers.pop(0) if self.answers else httpx.Response(201, json=placed)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Method, and path and query behind the account, of every request."""
        account = f"/v1/Account/{AUTH_ID}/"
        return [
            (request.method, request.url.raw_path.decode().removeprefix(account)) for request in self.requests
        ]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The fields of every request, in order."""
        return [json.loads(request.content or b"{}") for request in self.requests]

    @property
    def led_to(self) -> list[str]:
        """The addresses that live calls were led to, in order."""
        return [body["aleg_url"] for body in self.bodies if "aleg_url" in body]


class Webhooks:
    """Makes webhooks of one leg as Plivo does, signed by Plivo's own SDK."""

    def __init__(self) -> None:
        self.leg = LEG
        self._count = 0

    def __call__(self, url: str = WEBHOOK, **fields: str) -> WebhookRequest:
        """A post to *url* about a call of ours that is up, unless *fields* say otherwise."""
        form = {
            "CallUUID": self.leg,
            "From": "15550001234",
            "To": "15550005678",
            "Direction": "outbound",
            "CallStatus": "in-progress",
            **fields,
        }
        self._count += 1
        nonce = f"{self._count:020}"
        signed = construct_post_url(url, dict(form)).decode()
        headers = {
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "x-plivo-signature-v3": get_signature_v3(TOKEN.encode(), signed, nonce).decode(),
            "x-plivo-signature-v3-nonce": nonce,
        }
        return WebhookRequest(
            method="POST",
            urls=(url,),
            query=dict(parse_qsl(urlsplit(url).query)),
            headers=headers,
            body=urlencode(form).encode(),
        )


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def webhooks() -> Webhooks:
    return Webhooks()


@pytest.fixture
def http(api: Api) -> HttpClient:
    # Without a socket there is nothing to close, so that tests without an event loop can have one too.
    client = httpx.AsyncClient(transport=httpx.MockTransport(api))
    return HttpClient(client, EventLoopClock(), jitter=lambda: 1.0)


@pytest.fixture
def client(http: HttpClient) -> PlivoClient:
    return PlivoClient(http=http, auth_id=AUTH_ID, auth_token=TOKEN)


@pytest.fixture
def streams() -> dict[str, str]:
    """The stream addresses of calls by our name for them; a call that is not in it is not streamed."""
    return {}


@pytest.fixture
def make_carrier(client: PlivoClient, streams: Mapping[str, str]) -> Callable[..., PlivoCarrier]:
    def make(**changes: Any) -> PlivoCarrier:
        parts: dict[str, Any] = {
            "client": client,
            "signature": PlivoSignature(auth_token=TOKEN),
            "webhook_url": lambda: WEBHOOK,
            "stream_url": streams.get,
            "clock": SystemClock(),
            "own_number": PhoneNumber("+15550001234"),
        }
        return PlivoCarrier(**{**parts, **changes})

    return make


@pytest.fixture
def carrier(make_carrier: Callable[..., PlivoCarrier]) -> PlivoCarrier:
    return make_carrier()


@pytest.fixture(scope="session")
def up() -> Call:
    """A call that we placed and that was answered."""
    opened = Opened(
        at_ms=1_000,
        call_id=CallId("c-1"),
        carrier="plivo",
        direction=Direction.OUTBOUND,
        caller=PhoneNumber("+15550001234"),
        callee=PhoneNumber("+15550005678"),
        mode=Mode.CONVERSATION,
        locale="en-US",
        terms=CallTerms(),
        opening="",
    )
    dialled = decide(open_call(opened).call, DialAccepted(CarrierCallId(LEG)), 1_000).call
    return decide(dialled, LineAnswered(1_000), 1_000).call

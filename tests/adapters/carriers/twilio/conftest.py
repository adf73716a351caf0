"""A Twilio that answers what a test says, without a network: requests are kept, webhooks are made and signed."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import anyio
import httpx
import pytest
from twilio.request_validator import RequestValidator

from voice_adapters.carriers.twilio import TwilioCarrier, TwilioClient, TwilioSignature
from voice_adapters.clock import EventLoopClock, SystemClock
from voice_adapters.transports.http_client import HttpClient
from voice_domain.ports.webhook_reader import WebhookRequest

SID = "AC00000000000000000000000000000001"
TOKEN = "test-auth-token-0123456789abcdef"
LEG = "CA0000000000000000000000000000002a"
WEBHOOK = "https://voice.example.com/voice/webhook"

Answer = httpx.Response | Exception


class Api:
    """Answers requests in the order in which answers were given; then 200 with the leg's SID for ever."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[httpx.Request] = []
        self.slowness_seconds: list[float] = []
        """How long each request takes, in order; then none takes any time."""

    def refuse(self, code: int, status: int = 400, **headers: str) -> httpx.Response:
        document = {"code": code, "message": "said by Twilio of +15550005678", "status": status}
        return httpx.Response(status, headers=headers, json=document)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        if self.slowness_seconds:
            await anyio.sleep(self.slowness_seconds.pop(0))
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else httpx.Response(200, json={"sid": LEG})
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def forms(self) -> list[dict[str, str]]:
        """The fields of every request, in order."""
        return [dict(parse_qsl(request.content.decode())) for request in self.requests]

    @property
    def documents(self) -> list[str]:
        """The documents that live calls were given, in order."""
        return [form["Twiml"] for form in self.forms if "Twiml" in form]


class Webhooks:
    """Makes webhooks of one leg as Twilio does."""

    def __init__(self) -> None:
        self.leg = LEG

    def __call__(self, url: str = WEBHOOK, **fields: str) -> WebhookRequest:
        """A post to *url* about a call of ours that is up, unless *fields* say otherwise."""
        form = {
            "CallSid": self.leg,
            "AccountSid": SID,
            "From": "+15550001234",
            "To": "+15550005678",
            "Direction": "outbound-api",
            "CallStatus": "in-progress",
            **fields,
        }
        headers = {
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "x-twilio-signature": RequestValidator(TOKEN).compute_signature(url, form),
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
def client(http: HttpClient) -> TwilioClient:
    return TwilioClient(http=http, account_sid=SID, auth_token=TOKEN)


@pytest.fixture
def streams() -> dict[str, str]:
    """The stream addresses of calls by our name for them; a call that is not in it is not streamed."""
    return {}


@pytest.fixture
def make_carrier(client: TwilioClient, streams: Mapping[str, str]) -> Callable[..., TwilioCarrier]:
    def make(**changes: Any) -> TwilioCarrier:
        parts: dict[str, Any] = {
            "client": client,
            "signature": TwilioSignature(auth_token=TOKEN),
            "webhook_url": lambda: WEBHOOK,
            "stream_url": streams.get,
            "clock": SystemClock(),
        }
        return TwilioCarrier(**{**parts, **changes})

    return make


@pytest.fixture
def carrier(make_carrier: Callable[..., TwilioCarrier]) -> TwilioCarrier:
    return make_carrier()

"""With `skipSignatureVerification` nobody has to sign; everything else is checked as ever."""

import base64
import hashlib
import hmac
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from support.memory_phone import MemoryPhone
from support.web_ask import Asked, ask

from voice_adapters.carriers.twilio import TwilioCarrier, TwilioClient, TwilioSignature
from voice_adapters.clock import EventLoopClock
from voice_adapters.transports.http_client import HttpClient
from voice_adapters.transports.shared_http import SharedHttp
from voice_contracts.settings_reading import read_settings
from voice_domain.call import Call
from voice_domain.ports.carrier import CarrierSignal
from voice_entrypoints.http.gateway import GatewayParts, webhook_gate
from voice_entrypoints.http.metrics import Metrics
from voice_entrypoints.http.public_app import public_app

pytestmark = pytest.mark.anyio

TOKEN = "token-of-the-account"
PUBLIC = "https://voice.example.com/voice/webhook"


class Desk:
    """A gateway's public listener for Twilio, and what came through it."""

    def __init__(self, *, skip: bool) -> None:
        document = {
            "provider": "twilio",
            "fromNumber": "+15550000000",
            "twilio": {"accountSid": "AC1", "authToken": TOKEN},
            "publicUrl": PUBLIC,
            "skipSignatureVerification": skip,
        }
        self.settings = read_settings(document, {}).require()
        self.taken: list[CarrierSignal] = []
        self.verdicts: list[str] = []

    async def receive(self, signals: tuple[CarrierSignal, ...]) -> Call | None:
        self.taken += signals
        return None

    def app(self) -> Any:
        clock, phone = EventLoopClock(), MemoryPhone()
        client = TwilioClient(
            http=HttpClient(SharedHttp().client(), clock), account_sid="AC1", auth_token=TOKEN
        )
        carrier = TwilioCarrier(
            client=client,
            signature=TwilioSignature(auth_token=TOKEN),
            webhook_url=lambda: PUBLIC,
            stream_url=lambda _: None,
            clock=clock,
        )
        metrics = Metrics(phone.live)
        parts = GatewayParts(
            settings=self.settings,
            home=Path(),
            api=phone,
            reader=carrier,
            receive_signals=self.receive,
            metrics=metrics,
            public_url=PUBLIC,
        )
        return public_app(webhook_gate(parts))


def webhook(*, signature: str | None, status: str = "ringing") -> Asked:
    body = urlencode({"CallSid": "CA1", "CallStatus": status, "AccountSid": "AC1"}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if signature is not None:
        headers["X-Twilio-Signature"] = signature
    return Asked(
        path="/voice/webhook",
        query="type=status&callId=c1",
        method="POST",
        pieces=(body,),
        client="192.0.2.1",
        headers=headers,
    )


def true_signature() -> str:
    signed = f"{PUBLIC}?type=status&callId=c1AccountSidAC1CallSidCA1CallStatusringing"
    return base64.b64encode(hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()).decode()


@pytest.mark.parametrize("signature", [None, "Zm9yZ2Vk"])
async def test_an_unsigned_or_forged_webhook_is_taken_only_where_signatures_are_skipped(
    signature: str | None,
) -> None:
    strict, lax = Desk(skip=False), Desk(skip=True)

    refused = await ask(strict.app(), webhook(signature=signature))
    taken = await ask(lax.app(), webhook(signature=signature))

    assert (refused.status, strict.taken) == (401, [])
    assert taken.status < 300
    assert len(lax.taken) == 1


@pytest.mark.parametrize("skip", [False, True])
async def test_a_signed_webhook_is_taken_in_either_case(*, skip: bool) -> None:
    desk = Desk(skip=skip)

    reply = await ask(desk.app(), webhook(signature=true_signature()))

    assert reply.status < 300
    assert len(desk.taken) == 1


async def test_an_unsigned_webhook_that_comes_again_is_a_repetition_and_another_is_not() -> None:
    desk = Desk(skip=True)
    app = desk.app()

    for status in ("ringing", "ringing", "in-progress"):
        await ask(app, webhook(signature=None, status=status))

    assert len(desk.taken) == 2


async def test_what_is_no_webhook_of_the_carrier_is_still_refused() -> None:
    desk = Desk(skip=True)
    asked = Asked(path="/voice/webhook", method="POST", pieces=(b"CallStatus=ringing",), client="192.0.2.1")

    assert (await ask(desk.app(), asked)).status == 400
    assert desk.taken == []

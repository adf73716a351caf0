"""Settings that name Plivo make its carrier, with everything that they say."""

from pathlib import Path
from typing import Any

import pytest

from voice_adapters.carriers.plivo import PlivoCarrier, PlivoDialect
from voice_contracts.settings_reading import read_settings
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.webhook_reader import NotAuthenticError, WebhookRequest
from voice_entrypoints.container import Container

SETTINGS = {"authId": "MA1", "authToken": "t0ken"}
STREAMING = {
    "tts": {"provider": "openai", "openai": {"apiKey": "sk", "voice": "echo"}},
    "streaming": {"enabled": True, "provider": "openai", "providers": {"openai": {"apiKey": "sk"}}},
}


def container(plivo: dict[str, Any] | None = None, **more: Any) -> Container:
    document: dict[str, Any] = {
        "provider": "plivo",
        "fromNumber": "+15550001234",
        "publicUrl": "https://voice.example.com/voice/webhook",
        "plivo": SETTINGS if plivo is None else plivo,
        **more,
    }
    return Container(settings=read_settings(document, {}).require(), home=Path())


def carrier_of(made: Container) -> PlivoCarrier:
    carrier = made.carrier_set().carrier
    assert isinstance(carrier, PlivoCarrier)
    return carrier


def test_the_account_its_address_and_our_number_reach_the_carrier() -> None:
    plain = carrier_of(container())
    elsewhere = carrier_of(container({**SETTINGS, "apiBaseUrl": "http://127.0.0.1:4010"}))

    assert (plain.client.auth_id, plain.client.auth_token) == ("MA1", "t0ken")
    assert plain.signature.auth_token == "t0ken"
    assert plain.own_number == PhoneNumber("+15550001234")
    assert (plain.client.base_url, elsewhere.client.base_url) == (
        "https://api.plivo.com",
        "http://127.0.0.1:4010",
    )


def test_calls_are_streamed_in_plivos_words_if_the_settings_want_it() -> None:
    streamed, plain = container(**STREAMING), container()

    assert isinstance(streamed.carrier_set().dialect, PlivoDialect)
    assert carrier_of(streamed).capabilities.media_stream
    assert not carrier_of(plain).capabilities.media_stream
    assert carrier_of(streamed).voice == "echo"


def test_without_an_account_no_webhook_is_authentic() -> None:
    carrier = carrier_of(container({}, enabled=False))
    request = WebhookRequest(method="POST", urls=(), query={}, headers={}, body=b"")

    with pytest.raises(NotAuthenticError):
        carrier.authenticate(request)


def test_the_address_that_the_console_needs_is_that_of_the_webhooks() -> None:
    made = container()
    made.address().set("https://voice.example.com/voice/webhook")
    callback_url = made.carrier_set().callback_url

    assert callback_url is not None
    assert callback_url() == "https://voice.example.com/voice/webhook"

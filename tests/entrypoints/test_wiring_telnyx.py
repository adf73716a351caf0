"""Settings that name Telnyx make its carrier, with everything that they say."""

from pathlib import Path
from typing import Any

import pytest

from voice_adapters.carriers.telnyx import BadPublicKeyError, TelnyxCarrier, TelnyxDialect
from voice_contracts.settings_reading import read_settings
from voice_domain.e164 import PhoneNumber
from voice_domain.ports.webhook_reader import NotAuthenticError, WebhookRequest
from voice_entrypoints.container import Container

KEY = "Vu3PpSpG3sMXpWXqwAm1XlVDnVBmqKvoi8q1Le2Dl0w="
SETTINGS = {"apiKey": "KEY1", "connectionId": "7267", "publicKey": KEY}
STREAMING = {
    "tts": {"provider": "openai", "openai": {"apiKey": "sk", "voice": "echo"}},
    "streaming": {"enabled": True, "provider": "openai", "providers": {"openai": {"apiKey": "sk"}}},
}


def container(telnyx: dict[str, Any] | None = None, **more: Any) -> Container:
    document: dict[str, Any] = {
        "provider": "telnyx",
        "fromNumber": "+15550001234",
        "publicUrl": "https://voice.example.com/voice/webhook",
        "telnyx": telnyx or SETTINGS,
        **more,
    }
    return Container(settings=read_settings(document, {}).require(), home=Path())


def carrier_of(made: Container) -> TelnyxCarrier:
    carrier = made.carrier_set().carrier
    assert isinstance(carrier, TelnyxCarrier)
    return carrier


def test_the_account_its_address_and_our_number_reach_the_carrier() -> None:
    plain = carrier_of(container())
    elsewhere = carrier_of(container({**SETTINGS, "apiBaseUrl": "http://127.0.0.1:4010"}))

    assert (plain.client.api_key, plain.client.connection_id) == ("KEY1", "7267")
    assert plain.own_number == PhoneNumber("+15550001234")
    assert (plain.client.base_url, elsewhere.client.base_url) == (
        "https://api.telnyx.com",
        "http://127.0.0.1:4010",
    )


def test_calls_are_streamed_in_telnyxs_words_if_the_settings_want_it() -> None:
    streamed, plain = container(**STREAMING), container()

    assert isinstance(streamed.carrier_set().dialect, TelnyxDialect)
    assert carrier_of(streamed).capabilities.media_stream
    assert not carrier_of(plain).capabilities.media_stream
    assert carrier_of(streamed).voice == "echo"


def test_a_key_that_is_none_keeps_the_gateway_from_starting() -> None:
    with pytest.raises(BadPublicKeyError, match=r"telnyx\.publicKey"):
        container({**SETTINGS, "publicKey": "not a key"}).carrier_set()


def test_without_a_key_no_webhook_is_authentic() -> None:
    carrier = carrier_of(
        container({"apiKey": "KEY1", "connectionId": "7267"}, skipSignatureVerification=True)
    )
    request = WebhookRequest(method="POST", urls=(), query={}, headers={}, body=b"{}")

    with pytest.raises(NotAuthenticError):
        carrier.authenticate(request)


def test_the_address_that_the_portal_needs_is_that_of_the_webhooks() -> None:
    made = container()
    made.address().set("https://voice.example.com/voice/webhook")
    callback_url = made.carrier_set().callback_url

    assert callback_url is not None
    assert callback_url() == "https://voice.example.com/voice/webhook"

"""Twilio may sign an address with or without the port of its scheme; both are taken, and no other port is."""

import pytest

from voice_adapters.carriers.twilio import TwilioSignature
from voice_contracts.twins.twilio.signature import sign
from voice_domain.ports.webhook_reader import NotAuthenticError, WebhookRequest

TOKEN = "a token of the test"


def accepts(ours: str, signed: str, signature: str | None = None) -> bool:
    headers = {"x-twilio-signature": sign(TOKEN, signed, ()) if signature is None else signature}
    request = WebhookRequest(method="GET", urls=(ours,), query={}, headers=headers, body=b"")
    try:
        TwilioSignature(auth_token=TOKEN).authenticate(request)
    except NotAuthenticError:
        return False
    return True


@pytest.mark.parametrize(("scheme", "port"), [("https", 443), ("wss", 443), ("http", 80), ("ws", 80)])
def test_the_port_of_the_scheme_may_be_signed_or_not(scheme: str, port: int) -> None:
    plain, explicit = f"{scheme}://voice.example.com/hook", f"{scheme}://voice.example.com:{port}/hook"

    assert accepts(plain, explicit)
    assert accepts(explicit, plain)
    assert not accepts(plain, f"{scheme}://voice.example.com:{port + 1}/hook")


def test_a_signature_that_is_no_text_is_refused_and_an_address_that_is_none_can_be_signed() -> None:
    assert not accepts("https://voice.example.com/hook", "", signature="\udc80")
    assert not accepts("https://voice.example.com/\udc80", "", signature="x")

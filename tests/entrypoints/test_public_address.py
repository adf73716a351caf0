"""Where carriers reach us."""

import pytest

from voice_entrypoints.public_address import NoPublicAddressError, PublicAddress, is_private


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:3334/voice/webhook",
        "https://127.0.0.1/x",
        "https://127.9.9.9/x",
        "https://[::1]/x",
        "https://0.0.0.0/x",
        "https://[::]/x",
        "https://10.1.2.3/x",
        "https://192.168.0.10/x",
        "https://169.254.1.1/x",
        "https://172.16.0.1/x",
        "https://172.31.255.1/x",
        "https://[fd00::1]/x",
        "https://[fe80::1]/x",
        "https://100.64.0.1/x",
        "https://printer.local/x",
        "https://gateway/x",
        "https://box.lan/x",
        "not a url",
    ],
)
def test_addresses_of_this_machine_and_its_network_are_private(url: str) -> None:
    assert is_private(url)


@pytest.mark.parametrize(
    "url", ["https://voice.example.com/voice/webhook", "https://172.32.0.1/x", "https://8.8.8.8/x"]
)
def test_other_addresses_are_public(url: str) -> None:
    assert not is_private(url)


def test_a_carrier_gets_the_address_of_webhooks_and_streams() -> None:
    address = PublicAddress("twilio", stream_path="/voice/stream/")
    address.set("https://voice.example.com:8443/voice/webhook")

    assert address.webhook_url() == "https://voice.example.com:8443/voice/webhook"
    assert address.stream_url("abc") == "wss://voice.example.com:8443/voice/stream/abc"


@pytest.mark.parametrize(
    ("public_path", "stream_path"),
    [
        ("/voice/webhook", "/voice/stream/abc"),
        ("/edge/voice/webhook", "/edge/voice/stream/abc"),
        ("/hooks/7", "/voice/stream/abc"),
    ],
)
def test_what_a_proxy_puts_before_the_webhooks_path_is_put_before_that_of_streams(
    public_path: str, stream_path: str
) -> None:
    address = PublicAddress("twilio", stream_path="/voice/stream", webhook_path="/voice/webhook")
    address.set(f"https://voice.example.com{public_path}")

    assert address.stream_url("abc") == f"wss://voice.example.com{stream_path}"


def test_without_a_public_address_the_remedies_are_named() -> None:
    address = PublicAddress("twilio", stream_path="/s")

    with pytest.raises(NoPublicAddressError, match=r"publicUrl.*ngrok.*tailscale-funnel"):
        address.webhook_url()
    with pytest.raises(NoPublicAddressError, match="is private"):
        address.set("http://localhost:3334/voice/webhook")


def test_a_twin_on_this_machine_may_use_a_private_address() -> None:
    address = PublicAddress("twilio", stream_path="/s")
    address.set("http://127.0.0.1:9/voice/webhook", may_be_private=True)

    assert address.stream_url("t") == "ws://127.0.0.1:9/s/t"


def test_who_follows_an_address_is_told_when_it_changes_and_when_it_is_lost() -> None:
    address = PublicAddress("twilio", stream_path="/s")
    told: list[tuple[str, str]] = []

    with address.followed(lambda: told.append((address.webhook_url(), address.problem))):
        address.set("https://one.example/x")
        address.set("https://one.example/x")
        address.lost("it is closed")
        address.set("https://two.example/x")
    address.set("https://three.example/x")

    assert told == [
        ("https://one.example/x", ""),
        ("https://one.example/x", "it is closed"),
        ("https://two.example/x", ""),
    ]

"""Aliyun signs nothing: whoever knows the callback address is believed, and told apart by all that they say."""

import re

import pytest

from voice_adapters.carriers.aliyun import CallbackToken
from voice_domain.ports.webhook_reader import NotAuthenticError, WebhookRequest

TOKEN = CallbackToken(lambda: "secret")


def asked(path: str = "/voice/webhook/secret", body: bytes = b"", **query: str) -> WebhookRequest:
    return WebhookRequest(method="POST", urls=(), query=query, headers={}, body=body, path=path)


@pytest.mark.parametrize("path", ["/voice/webhook/secret", "/voice/webhook/secret/", "/secret"])
def test_whoever_knows_the_last_segment_is_believed(path: str) -> None:
    assert re.fullmatch("aliyun:[0-9a-f]{64}", TOKEN.authenticate(asked(path)))


@pytest.mark.parametrize(
    "path",
    [
        "/voice/webhook",
        "",
        "/secret/voice",
        "/voice/webhook/secre",
        "/voice/\ud800",
        "/voice/secret2",
        "/secret!",
    ],
)
def test_nobody_else_is(path: str) -> None:
    with pytest.raises(NotAuthenticError, match="its path is not the secret one"):
        TOKEN.authenticate(asked(path))


@pytest.mark.parametrize("path", ["/voice/webhook/", "/", ""])
def test_without_a_token_nobody_is_believed(path: str) -> None:
    with pytest.raises(NotAuthenticError):
        CallbackToken(lambda: "").authenticate(asked(path))


def test_requests_that_say_different_things_have_different_keys() -> None:
    said = [
        asked(body=b"ab"),
        asked(body=b"a", b=""),
        asked(ab=""),
        asked(a="b"),
        asked(a="", b=""),
        asked(body=b"\0a\0b"[:2]),
        asked(a="\ud800"),
    ]

    keys = {TOKEN.authenticate(each) for each in said}

    assert len(keys) == len(said)
    assert TOKEN.authenticate(asked(b="2", a="1")) == TOKEN.authenticate(asked(a="1", b="2"))

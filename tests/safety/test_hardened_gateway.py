"""A gateway with a real carrier's settings, as strangers on the network meet it: real sockets, a process of its own."""

import select
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from support.stranger import Place
from support.twilio_stranger import FRIEND, PLAIN, PUBLIC, SETTINGS, TOKEN, Stranger

from voice_contracts.twins.twilio.signature import sign


def test_a_webhook_is_believed_for_its_signature_and_for_nothing_else(stranger: Stranger) -> None:
    fields = stranger.fields()
    before = len(stranger.calls())
    unsigned = httpx.post(stranger.url, data=fields, **PLAIN)
    forged = stranger.send(fields, **{"X-Twilio-Signature": "Zm9yZ2Vk"})
    longer = stranger.send(fields, **{"X-Twilio-Signature": sign(TOKEN, PUBLIC, fields.items()) + "A"})
    changed = stranger.send(
        fields | {"From": FRIEND}, **{"X-Twilio-Signature": sign(TOKEN, PUBLIC, fields.items())}
    )
    refused = len(stranger.calls())
    genuine = stranger.send(fields)

    assert [reply.status_code for reply in (unsigned, forged, longer, changed)] == [401] * 4
    assert (refused, genuine.status_code) == (before, 200)
    assert len(stranger.calls()) == before + 1


def test_a_replayed_webhook_gets_the_first_answer_and_changes_nothing(stranger: Stranger) -> None:
    fields = stranger.fields()
    first = stranger.send(fields)
    before = stranger.calls()
    second = stranger.send(fields)

    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert stranger.calls() == before


@pytest.mark.parametrize(
    "caller",
    [f"{FRIEND}0", "+25550008123", "5550008123", FRIEND[:-1], "anonymous", "", "+266696687", "Restricted"],
)
def test_a_caller_who_looks_like_a_friend_is_rejected_without_an_answer(
    stranger: Stranger, caller: str
) -> None:
    reply = stranger.send(stranger.fields(caller))

    assert [element.tag for element in ET.fromstring(reply.text)] == ["Reject"]  # noqa: S314 - our own document
    assert "answeredAt" not in stranger.calls()[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
        {"X-Original-Host": "evil.example"},
        {"Ngrok-Forwarded-Host": "evil.example"},
    ],
)
def test_a_header_does_not_choose_the_url_that_a_signature_is_for(
    stranger: Stranger, headers: dict[str, str]
) -> None:
    fields = stranger.fields()
    believed = stranger.send(fields, **headers)
    fooled = stranger.send(stranger.fields(), signed="https://evil.example/voice/webhook", **headers)

    assert (believed.status_code, fooled.status_code) == (200, 401)


def test_an_unsigned_webhook_is_refused_before_its_body_comes(stranger: Stranger) -> None:
    answer = stranger.raw(b"POST /voice/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 401 ")


def test_a_body_beyond_64_kibibytes_is_refused(stranger: Stranger) -> None:
    reply = stranger.send(stranger.fields(Padding="x" * 65_536))

    assert reply.status_code == 413


def test_a_ninth_request_of_one_address_at_a_time_is_told_to_come_later(stranger: Stranger) -> None:
    waiting = (
        b"POST /voice/webhook HTTP/1.1\r\nHost: x\r\nX-Twilio-Signature: x\r\nContent-Length: 9\r\n\r\nx"
    )
    with ExitStack() as stack:
        wires = [
            stack.enter_context(socket.create_connection(stranger.address, timeout=20)) for _ in range(9)
        ]
        for wire in wires:
            wire.sendall(waiting)
        (first, *_), _, _ = select.select(wires, [], [], 4)
        answer = first.recv(4_096)

    assert answer.startswith(b"HTTP/1.1 429 ")
    assert b"retry-after: 1" in answer.lower()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/voice/webhook", 405),
        ("PUT", "/voice/webhook", 405),
        ("POST", "/voice/webhook/x", 404),
        ("POST", "/voice/webhookx", 404),
        ("POST", "//voice/webhook", 404),
        ("POST", "/voice/../voice/webhook", 404),
        ("POST", "/rpc", 404),
        ("GET", "/metrics", 404),
        ("GET", "/healthz", 404),
        ("GET", "/", 404),
    ],
)
def test_the_public_listener_has_one_path_and_one_method(
    stranger: Stranger, method: str, path: str, status: int
) -> None:
    answer = stranger.raw(f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    ("path", "status"),
    [("/voice/stream/" + "A" * 22, 401), ("/voice/stream", 404), ("/voice/stream/a/b", 404), ("/other", 404)],
)
def test_a_media_stream_without_its_token_is_refused_in_the_handshake(
    stranger: Stranger, path: str, status: int
) -> None:
    upgrade = (
        f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )

    assert stranger.raw(upgrade.encode()).startswith(f"HTTP/1.1 {status} ".encode())


def test_nobody_writes_a_second_line_into_the_log(stranger: Stranger) -> None:
    evil = "CA1\r\n2026-01-01T00:00:00Z error voice: forged\x1b[31m"
    stranger.send(stranger.fields(CallSid=evil, CallStatus=evil))
    stranger.send({"Garbage": evil})
    log = (stranger.api.gateway.home / "stderr.txt").read_text()

    assert "\x1b" not in log
    assert not [line for line in log.splitlines() if line.startswith("2026-01-01T00:00:00Z")]


def test_the_private_listener_wants_the_token_its_own_name_and_no_foreign_page(stranger: Stranger) -> None:
    url = f"{stranger.api.gateway.api_url}/rpc"
    good = stranger.api.headers()
    cases = (
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        (good | {"Host": "evil.example"}, 403),
        (good | {"Origin": "https://evil.example"}, 403),
    )

    statuses = [httpx.post(url, content=b"{}", headers=headers, **PLAIN).status_code for headers, _ in cases]
    assert statuses == [status for _, status in cases]


def test_wrong_tokens_are_limited_and_lock_nobody_out(stranger: Stranger) -> None:
    with httpx.Client(**PLAIN) as http:
        url = f"{stranger.api.gateway.api_url}/rpc"
        statuses = [http.post(url, headers={"Authorization": "Bearer x"}).status_code for _ in range(25)]

    assert statuses[-1] == 429
    assert stranger.api.ask("status") == {"calls": stranger.api.ask("status")["calls"]}


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({"publicUrl": "https://192.168.1.7/voice/webhook"}, "publicUrl"),
        (
            {"skipSignatureVerification": True, "serve": {"bind": "::", "port": 0}},
            "skipSignatureVerification",
        ),
    ],
    ids=["a private address", "unsigned in public"],
)
def test_a_real_carriers_gateway_does_not_start_in_an_unsafe_place(
    tmp_path: Path, changes: dict[str, Any], remedy: str
) -> None:
    place = Place.made(tmp_path, {**SETTINGS, "api": {"port": 0}, "serve": {"port": 0}, **changes})

    ran = place.run("voicecall-http")

    assert (ran.code, ran.out) == (1, "")
    assert remedy in ran.err
    assert TOKEN not in ran.err

"""Webhooks are measured as Twilio sends them; one that is refused, or lost, is no measurement."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl

import anyio
import pytest

from voice_adapters.carriers.twilio.signature import TwilioSignature
from voice_domain.ports.webhook_reader import WebhookRequest
from voice_entrypoints.bench import webhooks
from voice_entrypoints.bench.webhooks.carriers import COMPARED, NEWS
from voice_entrypoints.bench.webhooks.news import ARRANGED, PlacedCall, as_request
from voice_entrypoints.bench.webhooks.posting import RefusedNoticeError, post_all


@pytest.mark.anyio
@pytest.mark.real_time
@pytest.mark.asyncio_only("the measured servers run in processes of their own; one event loop here is enough")
async def test_a_short_run_compares_durable_webhooks_with_a_bare_application() -> None:
    with anyio.fail_after(60):
        measured = await webhooks.measure(calls=3, windows=1)

    rows = {row["what"]: row for row in measured["rows"]}
    for at in ("1 connection", "8 connections"):
        assert rows[f"durable webhook, CPU each, {at}"]["aim"] == 150.0
        assert rows[f"durable webhook to bare, {at}"]["value"] > 1
    assert {f"durable end of a call, CPU each, {each}" for each in NEWS if each != COMPARED} <= rows.keys()
    assert all(row["value"] > 0 for row in rows.values())


def test_a_notice_is_signed_as_twilio_signs() -> None:
    rang = NEWS["twilio"].rang
    assert rang is not None
    head, _, body = as_request("twilio", rang(PlacedCall("ours", "CA1"))).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    url = ARRANGED.webhook_url + "?" + lines[0].split()[1].partition("?")[2]
    request = WebhookRequest(method="POST", urls=(url,), query={}, headers=headers, body=body)

    assert TwilioSignature(auth_token=ARRANGED.secret).authenticate(request)
    assert dict(parse_qsl(body.decode()))["CallStatus"] == "ringing"
    assert int(headers["content-length"]) == len(body)


@contextmanager
def answering(*answers: bytes) -> Iterator[int]:
    """Serve one connection that gives *answers*, whatever it is asked, and give its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                for answer in answers:
                    connection.recv(65_536)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            thread.join(10)


def test_every_request_is_sent_once_the_one_before_was_answered() -> None:
    with answering(
        b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    ) as port:
        took = post_all(port, [b"one", b"two"], 1)

    assert len(took) == 2
    assert took == sorted(took)


def test_a_refusal_is_no_measurement() -> None:
    with (
        answering(b"HTTP/1.1 503 Service Unavailable\r\n\r\n") as port,
        pytest.raises(RefusedNoticeError, match="503"),
    ):
        post_all(port, [b"one"], 1)

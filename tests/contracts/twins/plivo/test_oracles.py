"""Plivo's own SDK says whether the twin is right: its client, its validators, its documents.

The client is synchronous: it runs in a thread, and what it wants to send goes to the twin without a socket.
"""

import functools
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import anyio
import anyio.from_thread
import anyio.to_thread
import plivo
import pytest
import requests
from plivo import exceptions, plivoxml
from plivo.utils import validate_signature, validate_v3_signature
from support.twin_host import Arrived, Host

from voice_contracts.twins.callee import Callee, Cue, Press, Say
from voice_contracts.twins.faults import ApiFault
from voice_contracts.twins.http import Request
from voice_contracts.twins.plivo.account import Application, PlivoAccount
from voice_contracts.twins.plivo.grammar import judged
from voice_contracts.twins.plivo.twin import PlivoTwin, plivo_twin
from voice_contracts.twins.surroundings import Surroundings

OURS, THEIRS = "15550001234", "15550005678"
LONG = '<Response><Wait length="600"/></Response>'


class _IntoTwin(requests.adapters.BaseAdapter):
    """Hands what the SDK sends to the twin."""

    def __init__(self, twin: PlivoTwin) -> None:
        super().__init__()
        self._twin = twin

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        parts = urlsplit(request.url)
        assert parts.netloc == "api.plivo.com"
        body = request.body or b""
        asked = Request(
            request.method,
            parts.path,
            parts.query,
            {name.lower(): value for name, value in request.headers.items()},
            body.encode() if isinstance(body, str) else body,
        )
        answer = anyio.from_thread.run(self._twin.api.handle, asked)
        response = requests.Response()
        response.status_code, response._content, response.url = answer.status, answer.body, request.url
        response.headers.update(answer.headers)
        return response

    def close(self) -> None:
        pass


@pytest.fixture
def client(twin: PlivoTwin, account: PlivoAccount) -> plivo.RestClient:
    made = plivo.RestClient(account.auth_id, account.token)
    made.session.mount("https://", _IntoTwin(twin))
    return made


async def _ask(call: Callable[..., Any], *args: Any, **named: Any) -> Any:
    return await anyio.to_thread.run_sync(functools.partial(call, *args, **named))


async def _place(client: plivo.RestClient, host: Host, **more: Any) -> str:
    made = await _ask(
        client.calls.create,
        from_=OURS,
        to_=THEIRS,
        answer_url=host.url("answer?callId=c-1"),
        ring_url=host.url("ring?callId=c-1"),
        hangup_url=host.url("hangup?b=2&a=1"),
        **more,
    )
    assert made.message == "call fired"
    return str(made.request_uuid)


async def test_the_sdk_places_looks_up_changes_and_ends_a_call(
    client: plivo.RestClient, twin: PlivoTwin, host: Host
) -> None:
    host.documents |= {"/answer": LONG, "/new": LONG}
    request = await _place(client, host, ring_timeout=20, time_limit=300)
    name = (await twin.answered(request)).leg_id

    live = await _ask(client.live_calls.get, name)
    listed = await _ask(client.live_calls.list_ids)
    queued = await _ask(client.queued_calls.list_ids)
    moved = await _ask(client.calls.transfer, name, legs="aleg", aleg_url=host.url("new"), aleg_method="POST")
    keys = await _ask(client.calls.send_digits, name, "12#", leg="aleg")
    await anyio.sleep(1)
    said = await _ask(client.calls.speak, name, "Hello & 你好", voice="WOMAN", language="en-US", legs="aleg")
    await _ask(client.calls.stop_speaking, name)
    played = await _ask(client.calls.play, name, ["https://x.example/a.mp3"])
    await _ask(client.calls.stop_playing, name)
    await _ask(client.calls.hangup, name)
    record = await _ask(client.calls.get, name)
    records = await _ask(client.calls.list)

    assert (live.call_status, live.direction, live.to) == ("in-progress", "outbound", THEIRS)
    assert (live.request_uuid, listed.calls, queued.calls) == (request, [name], [])
    words = [one.message for one in (moved, keys, said, played)]
    assert words == ["transfer executed", "digits sent", "speak started", "play started"]
    assert len(host.at("new")) == 1
    assert (record.call_uuid, record.hangup_cause_code, record.hangup_source) == (name, 4000, "API Request")
    assert [one.call_uuid for one in records] == [name]
    assert twin.ear(name).digits == "12#"
    assert twin.ledger.violations == []


async def test_the_sdk_withdraws_a_request_and_is_told_when_it_is_gone(
    client: plivo.RestClient, twin: PlivoTwin, host: Host
) -> None:
    request = await _place(client, host)

    await _ask(client.calls.cancel, request)

    with pytest.raises(exceptions.ResourceNotFoundError, match="not found"):
        await _ask(client.calls.cancel, request)
    with pytest.raises(exceptions.ResourceNotFoundError, match="not found"):
        await _ask(client.live_calls.get, twin.leg(request).leg_id)
    assert (twin.leg(request).state, twin.leg(request).ended_by) == ("failed", "api")


async def test_the_sdk_begins_and_ends_a_stream(
    client: plivo.RestClient, twin: PlivoTwin, host: Host
) -> None:
    host.documents["/answer"] = LONG
    name = (await twin.answered(await _place(client, host))).leg_id

    begun = await _ask(
        client.calls.start_stream,
        name,
        "wss://voice.example.com/s",
        bidirectional=True,
        audio_track="inbound",
        content_type="audio/x-mulaw;rate=8000",
    )
    end = await host.stream()
    start = await end.next("start")
    await _ask(client.calls.delete_all_streams, name)

    assert await end.drain() == 1000
    assert start["start"]["streamId"] == begun.stream_id


async def test_the_sdk_understands_the_twins_refusals(
    client: plivo.RestClient, twin: PlivoTwin, host: Host, account: PlivoAccount
) -> None:
    with pytest.raises(exceptions.ValidationError, match="from parameter is not valid"):
        await _ask(client.calls.create, from_="15559999999", to_=THEIRS, answer_url=host.url("answer"))
    twin.faults.break_api(ApiFault(status=429))
    with pytest.raises(exceptions.PlivoRestError, match="429"):
        await _place(client, host)
    client.session.auth = (account.auth_id, "wrong")
    with pytest.raises(exceptions.AuthenticationError, match="authentication failed"):
        await _place(client, host)
    assert twin.ledger.legs == ()


async def test_the_sdks_validators_accept_every_webhook_and_no_changed_one(
    client: plivo.RestClient, twin: PlivoTwin, host: Host, callees: dict[str, Callee]
) -> None:
    callees["*"] = Callee((Say("明天下午三点。", 100, Cue.BEFORE), Press("7#", 1500, Cue.BEFORE)))
    ask = (
        f'<Response><GetInput action="{host.url("heard?turn=1")}" inputType="speech"/></Response>',
        f'<Response><GetInput action="{host.url("keys")}" method="GET" inputType="dtmf"/></Response>',
    )
    host.documents |= {"/answer": ask[0], "/heard": ask[1]}
    await twin.ended(await _place(client, host, answer_method="GET"))
    await anyio.sleep(1)

    assert {one.path for one in host.arrived} == {"/ring", "/answer", "/heard", "/keys", "/hangup"}
    assert {one.method for one in host.arrived} == {"GET", "POST"}
    for one in host.arrived:
        assert _valid(one, twin.account.token)
        assert not _valid(one, twin.account.token, changed=True)
        assert not _valid(one, "another token")
    assert host.at("heard")[0]["Speech"] == "明天下午三点。"


def _valid(one: Arrived, token: str, *, changed: bool = False) -> bool:
    nonce, signature = (one.headers[f"x-plivo-signature-v3{part}"] for part in ("-nonce", ""))
    url, fields = one.url, dict(one.fields)
    if one.method == "GET":
        url, fields = f"{url}&From=1" if changed else url, {}
    elif changed:
        fields["From"] = "1"
    v3 = validate_v3_signature(one.method, url, nonce, token, signature, fields)
    nonce, signature = (one.headers[f"x-plivo-signature-v2{part}"] for part in ("-nonce", ""))
    v2 = validate_signature(url, nonce, signature, token)
    assert v2 or token == "another token"  # the second version protects neither query nor body
    return bool(v3)


async def test_a_subaccounts_webhooks_are_signed_with_both_tokens(host: Host) -> None:
    account = PlivoAccount(
        auth_id="SATW1NTW1NTW1NTW1NTW",
        main_token="the main account's token",
        numbers={f"+{OURS}": Application(host.url("inbound"))},
    )
    async with plivo_twin(account, Surroundings(webhooks=host.transport)) as twin:
        await twin.ended(twin.call_in(f"+{THEIRS}", f"+{OURS}"))

    (asked,) = host.arrived
    nonce = asked.headers["x-plivo-signature-v3-nonce"]
    for header, token in (("", account.token), ("-ma", "the main account's token")):
        signature = asked.headers[f"x-plivo-signature{header}-v3"]
        assert validate_v3_signature("POST", asked.url, nonce, token, signature, dict(asked.fields))


async def test_the_upgrade_of_a_stream_is_signed_as_a_get_of_its_address(
    twin: PlivoTwin, host: Host, order: Callable[..., Awaitable[str]]
) -> None:
    stream = '<Stream keepCallAlive="true" contentType="audio/x-mulaw;rate=8000">{}</Stream>'
    host.documents["/answer"] = (
        f"<Response>{stream.format('wss://voice.example.com/s?b=2&amp;a=1')}</Response>"
    )
    name = await order()
    end = await host.stream()
    twin.hang_up(name)

    # The public function refuses wss addresses; the rule behind it knows no schemes.
    plain = functools.partial(validate_v3_signature.__wrapped__, "GET", end.url)
    headers = end.headers
    assert plain(headers["x-plivo-signature-v3-nonce"], twin.account.token, headers["x-plivo-signature-v3"])
    assert not plain("0", twin.account.token, headers["x-plivo-signature-v3"])


def _spoken() -> plivoxml.ResponseElement:
    speak = plivoxml.SpeakElement("Hello & 你好", voice="Polly.Joanna", language="en-US")
    return plivoxml.ResponseElement().add(speak)


async def test_documents_that_the_sdk_builds_are_carried_out(
    twin: PlivoTwin, host: Host, callees: dict[str, Callee], order: Callable[..., Awaitable[str]]
) -> None:
    callees["*"] = Callee((Say("Yes."),))
    asked = plivoxml.GetInputElement(
        action=host.url("heard"),
        method="POST",
        input_type="dtmf speech",
        execution_timeout=15,
        digit_end_timeout=5,
        speech_end_timeout=2,
        speech_model="phone_call",
        hints="yes,no",
        language="en-US",
        redirect=True,
    ).add(plivoxml.SpeakElement("Well?"))
    first = _spoken().add(asked).add(plivoxml.RedirectElement(host.url("silence"), method="POST"))
    keys = plivoxml.ResponseElement().add(plivoxml.DTMFElement("12#")).add(plivoxml.HangupElement())
    host.documents |= {"/answer": first.to_string(), "/heard": keys.to_string()}

    name = await order()
    await twin.ended(name)

    assert twin.ear(name).texts == ("Hello & 你好", "Well?")
    assert (host.at("heard")[0]["Speech"], twin.ear(name).digits) == ("Yes.", "12#")
    assert twin.ledger.violations == []


def _documents() -> list[str]:
    elements = (
        plivoxml.HangupElement(reason="rejected"),
        plivoxml.WaitElement(length=30),
        plivoxml.PlayElement("https://x.example/a.mp3"),
        plivoxml.DialElement(caller_id=OURS, timeout=20).add(plivoxml.NumberElement(THEIRS)),
        plivoxml.SpeakElement('Tom & Jerry <b> "quoted" it\'s 你好 📞'),
        plivoxml.StreamElement(
            "wss://voice.example.com/voice/stream?callId=c-1",
            bidirectional=True,
            audioTrack="inbound",
            statusCallbackUrl="https://voice.example.com/voice/webhook",
            statusCallbackMethod="POST",
            contentType="audio/x-mulaw;rate=8000",
            extraHeaders="callId=c-1,flow=test",
            keepCallAlive=True,
        ),
    )
    built = [plivoxml.ResponseElement().add(element).to_string() for element in elements]
    return [*built, plivoxml.ResponseElement().to_string(), _spoken().to_string()]


@pytest.mark.parametrize("document", _documents())
def test_the_grammar_accepts_what_the_sdk_builds(document: str) -> None:
    assert judged(document, 8011).tag == "Response"


def test_the_sdk_sends_what_the_twin_takes_for_credentials() -> None:
    account = PlivoAccount()
    client = plivo.RestClient(account.auth_id, account.token)

    request = client.create_request("GET", ["Call"], {"status": "live"})

    wanted = b64encode(f"{account.auth_id}:{account.token}".encode()).decode()
    assert request.headers["Authorization"] == f"Basic {wanted}"


async def test_the_sdk_reads_the_account_its_numbers_and_their_application(
    client: plivo.RestClient, host: Host
) -> None:
    account = await _ask(client.account.get)
    number = await _ask(client.numbers.get, OURS)
    application = await _ask(client.applications.get, number.application.rstrip("/").rpartition("/")[2])

    assert (account.account_type, float(account.cash_credits)) == ("standard", 25.0)
    assert (number.number, number.voice_enabled) == (OURS, True)
    assert (application.answer_url, application.answer_method) == (host.url("inbound"), "POST")
    with pytest.raises(exceptions.ResourceNotFoundError):
        await _ask(client.numbers.get, THEIRS)


async def test_the_sdk_changes_where_calls_to_a_number_go(
    client: plivo.RestClient, twin: PlivoTwin, host: Host
) -> None:
    number = await _ask(client.numbers.get, OURS)
    name = number.application.rstrip("/").rpartition("/")[2]
    changed = await _ask(client.applications.update, name, answer_url=host.url("moved"))
    application = await _ask(client.applications.get, name)
    await twin.ended(twin.call_in(f"+{THEIRS}", f"+{OURS}"))

    assert changed.message == "changed"
    assert (application.answer_url, application.hangup_url) == (host.url("moved"), host.url("hangup"))
    assert len(host.at("moved")) == 1
    with pytest.raises(exceptions.ResourceNotFoundError):
        await _ask(client.applications.update, "42", answer_url=host.url("moved"))
    with pytest.raises(exceptions.ValidationError):
        await _ask(client.applications.update, name, answer_url=host.url("moved"), answer_method="PUT")

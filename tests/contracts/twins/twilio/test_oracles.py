"""Twilio's own SDK says whether the twin is right; and everything runs over real sockets."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.to_thread
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from voice_contracts.twins.callee import Callee, Cue, Say
from voice_contracts.twins.faults import ApiFault
from voice_contracts.twins.http import Answer, Request
from voice_contracts.twins.http_client import Ways
from voice_contracts.twins.serving import AsgiSocket, serve_on_loopback
from voice_contracts.twins.sockets import SocketClosedError
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.twin import TwilioTwin, twilio_twin

OURS, THEIRS = "+15550001234", "+15550005678"
ORIGIN = "https://voice.example.com"

pytestmark = [pytest.mark.real_time, pytest.mark.asyncio_only("uvicorn serves both ends")]


class _Elsewhere(TwilioHttpClient):
    """Sends what the SDK wants to send to Twilio to the twin."""

    def __init__(self, url: str) -> None:
        super().__init__(pool_connections=False)
        self._url = url

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self._url), *args, **kwargs)


class Gateway:
    """Our side on loopback, behind a public address: documents, and an echo on every media stream."""

    def __init__(self, documents: dict[str, str]) -> None:
        self.documents = documents
        self.requests: list[Request] = []
        self.has_five_requests = anyio.Event()
        self.upgrades: list[Request] = []
        self.messages: list[str] = []

    async def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        if len(self.requests) == 5:
            self.has_five_requests.set()
        document = self.documents.get(request.path)
        if document is None:
            return Answer(204)
        return Answer(200, {"content-type": "text/xml"}, document.encode())

    async def stream(self, request: Request, socket: AsgiSocket) -> None:
        self.upgrades.append(request)
        if not request.path.endswith("/token"):
            await socket.refuse(401, b"{}")
            return
        await socket.accept()
        try:
            while True:
                message = await socket.receive()
                self.messages.append(message)
                if '"media"' in message and '"chunk":"10"' in message:
                    await socket.close()
        except SocketClosedError:
            return


@asynccontextmanager
async def _running(
    documents: dict[str, str], callee: Callee | None = None
) -> AsyncIterator[tuple[TwilioTwin, Gateway, Client]]:
    gateway = Gateway(documents)
    account = TwilioAccount(numbers={OURS: None}, callees={"*": callee or Callee(answer_after_ms=100)})
    async with serve_on_loopback(gateway.answer, gateway.stream) as behind:
        around = Surroundings(ways=Ways({ORIGIN: behind}))
        async with twilio_twin(account, around) as twin, twin.listening() as url:
            client = Client(account.sid, account.token, http_client=_Elsewhere(url))
            yield twin, gateway, client


async def _ask(call: Callable[[], Any]) -> Any:
    return await anyio.to_thread.run_sync(call)


def _place(client: Client, **more: Any) -> Any:
    return client.calls.create(
        to=THEIRS,
        from_=OURS,
        url=f"{ORIGIN}/answer?callId=c-1",
        status_callback=f"{ORIGIN}/status?callId=c-1",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
        **more,
    )


async def test_the_sdk_makes_reads_lists_changes_and_ends_a_call() -> None:
    async with _running({"/answer": '<Response><Pause length="60"/></Response>'}) as (twin, _, client):
        made = await _ask(lambda: _place(client, timeout=20))
        assert (made.status, made.direction, made.to) == ("queued", "outbound-api", THEIRS)
        await twin.answered(made.sid)

        read = await _ask(lambda: client.calls(made.sid).fetch())
        assert (read.status, read.start_time.year > 2000, read.duration) == ("in-progress", True, None)
        listed = await _ask(lambda: client.calls.list(status="in-progress", limit=5))
        assert [call.sid for call in listed] == [made.sid]
        told = await _ask(lambda: client.calls(made.sid).update(twiml="<Response><Pause/></Response>"))
        assert told.status == "in-progress"
        await _ask(lambda: client.calls(made.sid).update(status="completed"))
        await twin.ended(made.sid)
        over = await _ask(lambda: client.calls(made.sid).fetch())

    assert over.status == "completed"
    assert over.duration == str(twin.ledger.leg(made.sid).billed_seconds)
    assert twin.legs_alive() == ()


async def test_the_sdk_reads_and_changes_where_calls_to_a_number_go() -> None:
    async with _running({}) as (twin, _, client):
        (found,) = await _ask(lambda: client.incoming_phone_numbers.list(phone_number=OURS))
        account = await _ask(client.api.accounts(twin.account.sid).fetch)
        verified = await _ask(lambda: client.outgoing_caller_ids.list(phone_number=THEIRS))
        before = found.voice_url
        changed = await _ask(
            lambda: client.incoming_phone_numbers(found.sid).update(
                voice_url=f"{ORIGIN}/in", status_callback=f"{ORIGIN}/status"
            )
        )
        with pytest.raises(TwilioRestException) as unknown:
            await _ask(lambda: client.incoming_phone_numbers("PN" + "0" * 32).fetch())

    assert (account.status, account.type, verified) == ("active", "Full", [])
    assert (before, changed.phone_number, changed.voice_url) == ("", OURS, f"{ORIGIN}/in")
    assert twin.settings_of(OURS) == NumberSettings(f"{ORIGIN}/in", status_callback=f"{ORIGIN}/status")
    assert unknown.value.status == 404


async def test_the_sdk_understands_the_twins_refusals() -> None:
    async with _running({}) as (twin, _, client):
        twin.faults.break_api(ApiFault(status=429, retry_after_seconds=1))

        with pytest.raises(TwilioRestException) as throttled:
            await _ask(lambda: _place(client))
        with pytest.raises(TwilioRestException) as unknown:
            await _ask(lambda: client.calls("CA" + "0" * 32).fetch())

    assert (throttled.value.status, throttled.value.code) == (429, 20429)
    assert (unknown.value.status, unknown.value.code) == (404, 20404)


async def test_the_sdks_validator_accepts_every_webhook_and_no_changed_one() -> None:
    async with _running({"/answer": "<Response><Say>Hi</Say></Response>"}) as (twin, gateway, client):
        made = await _ask(lambda: _place(client, method="GET"))
        await twin.ended(made.sid)
        await gateway.has_five_requests.wait()
        validator = RequestValidator(twin.account.token)

    for request in gateway.requests:
        url = f"{ORIGIN}{request.path}?{request.query}"
        fields = dict(request.form)
        assert validator.validate(url, fields, request.headers["x-twilio-signature"])
        assert not validator.validate(url, fields | {"From": "+1"}, request.headers["x-twilio-signature"])
    assert {request.method for request in gateway.requests} == {"GET", "POST"}


async def test_a_stream_runs_over_a_real_socket_and_the_document_goes_on() -> None:
    connect = (
        f'<Response><Connect><Stream url="wss://{ORIGIN[8:]}/s/token"/></Connect><Say>Bye</Say></Response>'
    )
    callee = Callee((Say("Hello", 0, Cue.BEFORE),), answer_after_ms=100)
    async with _running({"/answer": connect}, callee) as (twin, gateway, client):
        made = await _ask(lambda: _place(client))
        await twin.ended(made.sid)

        (upgrade,) = gateway.upgrades
        signature = upgrade.headers["x-twilio-signature"]
        assert RequestValidator(twin.account.token).validate(f"wss://{ORIGIN[8:]}/s/token", {}, signature)
        assert gateway.messages[0] == '{"event":"connected","protocol":"Call","version":"1.0.0"}'
        assert len(gateway.messages) >= 12
        assert twin.ear(made.sid).texts == ("Bye",)
        assert twin.ledger.violations == []


async def test_a_refused_upgrade_says_with_which_status() -> None:
    connect = f'<Response><Connect><Stream url="wss://{ORIGIN[8:]}/s/wrong"/></Connect></Response>'
    async with _running({"/answer": connect}) as (twin, _, client):
        made = await _ask(lambda: _place(client))
        await twin.ended(made.sid)

        (violation,) = twin.ledger.violations
        assert (violation.code, "401" in violation.text) == (31920, True)

"""The way of a webhook, rule by rule."""

from collections.abc import Callable
from typing import Any

import anyio
import attrs
import pytest
from support.web_ask import Asked, Reply, ask

from voice_adapters.transports.client_address import ForwardedAddress
from voice_domain.call import Call
from voice_domain.identity import CarrierCallId
from voice_domain.inputs import LineRang
from voice_domain.ports.carrier import CarrierSignal
from voice_domain.ports.event_store import StoreError
from voice_domain.ports.switchboard import UnavailableError
from voice_domain.ports.webhook_reader import (
    BadWebhookError,
    NotAuthenticError,
    WebhookReader,
    WebhookRequest,
    WebhookResponse,
)
from voice_entrypoints.http.public_app import public_app
from voice_entrypoints.http.public_url import PublicUrls
from voice_entrypoints.http.unsigned_webhooks import UnsignedWebhooks
from voice_entrypoints.http.webhook_gate import WebhookGate

pytestmark = pytest.mark.anyio

PATH = "/voice/webhook"


class _Reader(WebhookReader):
    """A carrier whose signature is the word `genuine`, and whose body says what it tells."""

    def __init__(self) -> None:
        self.requests: list[WebhookRequest] = []
        self.told = CarrierSignal(news=LineRang(1))

    @property
    def required_headers(self) -> tuple[str, ...]:
        return ("x-signature", "x-old-signature")

    def authenticate(self, request: WebhookRequest) -> str:
        if "x-old-signature" in request.headers:
            return "old"
        if request.headers["x-signature"] == "keyless":
            return ""
        if request.headers["x-signature"] != "genuine":
            raise NotAuthenticError("the signature is wrong")
        return request.body.decode()

    def translate(self, request: WebhookRequest) -> tuple[CarrierSignal, ...]:
        if request.body == b"bad":
            raise BadWebhookError("no")
        self.requests.append(request)
        return () if request.body == b"nothing" else (self.told,)

    def respond(self, request: WebhookRequest, call: Call | None) -> WebhookResponse:
        return WebhookResponse(200, "text/xml", b"<Response/>")


@attrs.define
class _Desk:
    reader: _Reader = attrs.field(factory=_Reader)
    verdicts: list[str] = attrs.field(factory=list)
    taken: list[CarrierSignal] = attrs.field(factory=list)
    trouble: Exception | None = None
    slow: anyio.Event | None = None

    async def receive(self, signals: tuple[CarrierSignal, ...]) -> Call | None:
        if self.slow is not None:
            await self.slow.wait()
        if self.trouble is not None:
            raise self.trouble
        self.taken += signals
        return None

    def gate(self) -> WebhookGate:
        return WebhookGate(
            path=PATH,
            reader=self.reader,
            receive_signals=self.receive,
            urls=PublicUrls(public_url="https://voice.example/hook"),
            count=self.verdicts.append,
        )

    def app(self) -> Any:
        return public_app(self.gate())


def webhook(body: bytes = b"ring", **changes: Any) -> Asked:
    asked = Asked(
        path=PATH, method="POST", pieces=(body,), client="192.0.2.1", headers={"X-Signature": "genuine"}
    )
    return attrs.evolve(asked, **changes)


async def test_a_genuine_webhook_is_taken_and_answered_as_the_carrier_wants() -> None:
    desk = _Desk()
    reply = await ask(desk.app(), webhook(query="callId=7"))

    assert (reply.status, reply.body) == (200, b"<Response/>")
    assert reply.headers["content-type"].startswith("text/xml")
    assert len(desk.taken) == 1
    assert desk.reader.requests[0].urls[0] == "https://voice.example/hook?callId=7"
    assert desk.reader.requests[0].query == {"callId": "7"}
    assert desk.verdicts == ["accepted"]


async def test_news_without_use_are_answered_too() -> None:
    desk = _Desk(trouble=RuntimeError("not reached"))

    assert (await ask(desk.app(), webhook(b"nothing"))).status == 200


@pytest.mark.parametrize(
    "path", ["/", "/voice/webhook-evil", "/voice/webhook/x", "/voice/webhookx", "/rpc", "/healthz"]
)
async def test_every_other_path_is_404_unread(path: str) -> None:
    desk = _Desk()
    reply = await ask(desk.app(), webhook(path=path, stalls=True))

    assert reply.status == 404
    assert desk.verdicts == []


async def test_a_trailing_slash_is_the_same_path() -> None:
    assert (await ask(_Desk().app(), webhook(path=f"{PATH}/"))).status == 200


class _SecretReader(_Reader):
    """A carrier that is believed because it knows the address."""

    secret_path = "k3y"

    @property
    def required_headers(self) -> tuple[str, ...]:
        return ()


@pytest.mark.parametrize("path", [f"{PATH}/k3y", f"{PATH}/k3y/"])
async def test_a_secret_path_is_where_its_carrier_is_heard(path: str) -> None:
    desk = _Desk(_SecretReader())

    assert (await ask(desk.app(), webhook(path=path))).status == 200
    assert desk.reader.requests[0].path == path


@pytest.mark.parametrize(
    "path",
    [
        PATH,
        f"{PATH}/",
        f"{PATH}/k3Y",
        f"{PATH}/k3",
        f"{PATH}/k3yy",
        f"{PATH}/k3y/x",
        f"{PATH}/é",
        f"{PATH}//k3y",
    ],
)
async def test_whoever_does_not_know_the_secret_path_finds_nothing(path: str) -> None:
    desk = _Desk(_SecretReader())
    reply = await ask(desk.app(), webhook(path=path, stalls=True))

    assert reply.status == 404
    assert desk.verdicts == []


class _SlowReader(_Reader):
    """A carrier that gets its answer when somebody has thought of one."""

    def __init__(self) -> None:
        super().__init__()
        self.thought = anyio.Event()
        self.asked = anyio.Event()

    async def deliberate(self, request: WebhookRequest, call: Call | None) -> None:
        self.asked.set()
        await self.thought.wait()


async def test_a_reader_may_wait_for_what_it_is_to_answer() -> None:
    reader = _SlowReader()
    desk = _Desk(reader)
    replies: list[Reply] = []

    async def send() -> None:
        replies.append(await ask(desk.app(), webhook()))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(send)
        await reader.asked.wait()
        assert desk.taken != []
        assert replies == []
        reader.thought.set()

    assert [reply.status for reply in replies] == [200]


async def test_without_signatures_an_address_stays_secret_and_a_reader_may_still_wait() -> None:
    class Both(_SecretReader, _SlowReader):
        """Reached secretly, and slow."""

    reader = Both()
    reader.thought.set()
    desk = _Desk(UnsignedWebhooks(reader))  # type: ignore[arg-type]  # what is under test stands before the reader

    assert (await ask(desk.app(), webhook(path=f"{PATH}/k3y"))).status == 200
    assert (await ask(desk.app(), webhook())).status == 404
    assert reader.asked.is_set()


async def test_a_websocket_at_any_path_is_404() -> None:
    assert (await ask(_Desk().app(), webhook(kind="websocket"))).status == 404


async def test_without_a_carrier_that_tells_everything_is_404() -> None:
    assert (await ask(public_app(None), webhook())).status == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "OPTIONS"])
async def test_only_post_is_taken(method: str) -> None:
    reply = await ask(_Desk().app(), webhook(method=method))

    assert (reply.status, reply.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("headers", [{}, {"X-Signature": ""}])
async def test_a_missing_signature_is_401_before_the_body_is_read(headers: dict[str, str]) -> None:
    desk = _Desk()
    reply = await ask(desk.app(), webhook(headers=headers, stalls=True))

    assert reply.status == 401
    assert desk.verdicts == ["no_signature"]


async def test_any_of_the_headers_that_a_carrier_may_sign_with_is_enough_to_be_read() -> None:
    desk = _Desk()
    reply = await ask(desk.app(), webhook(headers={"X-Old-Signature": "1"}))

    assert reply.status == 200
    assert desk.verdicts == ["accepted"]


@pytest.mark.parametrize("signature", ["forged", "keyless"])
async def test_what_is_not_authentic_is_401_and_changes_nothing(signature: str) -> None:
    desk = _Desk()
    reply = await ask(desk.app(), webhook(headers={"X-Signature": signature}))

    assert reply.status == 401
    assert desk.taken == []
    assert desk.verdicts == ["not_authentic"]


async def test_what_cannot_be_understood_is_400() -> None:
    desk = _Desk()

    assert (await ask(desk.app(), webhook(b"bad"))).status == 400
    assert desk.verdicts == ["bad"]


async def test_64_kibibytes_are_taken_and_one_more_byte_is_413() -> None:
    desk = _Desk()

    assert (await ask(desk.app(), webhook(b"x" * 65_536))).status == 200
    assert (await ask(desk.app(), webhook(b"x" * 65_537))).status == 413
    assert (await ask(desk.app(), webhook(pieces=(b"x" * 40_000, b"x" * 40_000)))).status == 413
    assert len(desk.taken) == 1


async def test_a_body_that_takes_more_than_five_seconds_is_408() -> None:
    started = anyio.current_time()
    reply = await ask(_Desk().app(), webhook(stalls=True))

    assert reply.status == 408
    assert anyio.current_time() - started == pytest.approx(5)


async def test_a_ninth_request_of_one_address_at_a_time_is_429() -> None:
    desk = _Desk(slow=anyio.Event())
    app = desk.app()
    replies: list[Reply] = []

    async def one(body: bytes, client: str) -> None:
        replies.append(await ask(app, webhook(body, client=client)))

    async with anyio.create_task_group() as tasks:
        for number in range(8):
            tasks.start_soon(one, str(number).encode(), "192.0.2.1")
        await anyio.wait_all_tasks_blocked()
        ninth = await ask(app, webhook(b"9"))
        tasks.start_soon(one, b"other", "192.0.2.2")
        await anyio.wait_all_tasks_blocked()
        assert desk.slow is not None
        desk.slow.set()

    assert (ninth.status, ninth.headers["retry-after"]) == (429, "1")
    assert [reply.status for reply in replies] == [200] * 9
    assert (await ask(app, webhook(b"10"))).status == 200


async def test_behind_a_trusted_proxy_requests_are_counted_by_who_sent_them() -> None:
    desk = _Desk(slow=anyio.Event())
    gate = attrs.evolve(desk.gate(), address_of=ForwardedAddress(trusted_proxies=("192.0.2.1",)))
    replies: list[Reply] = []

    async def send(place: int) -> None:
        headers = {"X-Signature": "genuine", "X-Forwarded-For": f"198.51.100.{place}"}
        replies.append(await ask(public_app(gate), webhook(f"{place}".encode(), headers=headers)))

    async with anyio.create_task_group() as tasks:
        for place in range(20):
            tasks.start_soon(send, place)
        await anyio.sleep(0.1)
        assert desk.slow is not None
        desk.slow.set()

    assert [reply.status for reply in replies] == [200] * 20


async def test_a_replay_gets_the_first_answer_and_changes_nothing() -> None:
    desk = _Desk()
    app = desk.app()
    first, second = await ask(app, webhook()), await ask(app, webhook())

    assert (second.status, second.body) == (first.status, first.body)
    assert len(desk.taken) == 1
    assert desk.verdicts == ["accepted", "replay"]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ", 200),
        ("116000015900^100000012900~!", 200),
        ("x" * 256, 200),
        ("x" * 257, 400),
        *(
            (f"CA1{strange}2", 400)
            for strange in ("\r\n", "\x00", "\x1b[31m", " ", "\x7f", "\u00e9", "\u4e2d")
        ),
        ("", 400),
    ],
)
@pytest.mark.parametrize("new", [False, True])
async def test_a_carriers_name_for_a_call_is_plain_and_short_or_changes_nothing(
    name: str,
    status: int,
    new: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    desk = _Desk()
    leg = CarrierCallId(name)
    desk.reader.told = (
        CarrierSignal(news=LineRang(1, carrier_call_id=leg))
        if new
        else CarrierSignal(news=LineRang(1), carrier_call_id=leg)
    )
    reply = await ask(desk.app(), webhook())

    assert reply.status == status
    assert len(desk.taken) == (status == 200)


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (lambda: StoreError("disk full"), 503),
        (lambda: UnavailableError("draining"), 503),
        (lambda: BadWebhookError("later"), 400),
        (lambda: RuntimeError("a bug"), 500),
    ],
)
async def test_a_webhook_that_could_not_be_kept_is_processed_when_it_is_told_again(
    trouble: Callable[[], Exception], status: int
) -> None:
    desk = _Desk(trouble=trouble())
    app = desk.app()
    refused = await ask(app, webhook())
    desk.trouble = None
    taken = await ask(app, webhook())

    assert refused.status == status
    assert ("retry-after" in refused.headers) == (status == 503)
    assert taken.status == 200
    assert len(desk.taken) == 1


async def test_a_client_that_leaves_in_the_middle_of_its_body_changes_nothing() -> None:
    desk = _Desk()
    leaves = anyio.Event()
    leaves.set()
    reply = await ask(desk.app(), webhook(stalls=True, leaves=leaves))

    assert reply.status == 0
    assert desk.verdicts == ["client_gone"]

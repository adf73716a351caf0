"""Requests to interfaces over HTTP: deadlines, repetitions and Retry-After, in virtual time."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from email.utils import format_datetime

import anyio
import httpx
import pytest

from voice_adapters.clock import EventLoopClock
from voice_adapters.transports.cookieless_client import CookielessClient
from voice_adapters.transports.http_client import HttpClient, HttpRequest, UnreachableError

pytestmark = pytest.mark.anyio

Step = httpx.Response | Exception | float


class Far:
    """The far end: plays its steps in order, a number being seconds of silence; then it answers 200."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.asked_at: list[float] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked_at.append(anyio.current_time())
        step = self.steps.pop(0) if self.steps else httpx.Response(200, json={"ok": 1})
        if isinstance(step, float):
            await anyio.sleep(step)
            return httpx.Response(200)
        if isinstance(step, Exception):
            raise step
        return step


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
async def http(far: Far) -> AsyncIterator[HttpClient]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(far)) as client:
        yield HttpClient(client, EventLoopClock(), jitter=lambda: 0.0)


def request(*, repeatable: bool, url: str = "https://api.example.com/v1") -> HttpRequest:
    return HttpRequest(method="POST", url=url, repeatable=repeatable, body=b"To=%2B15550005678")


ONCE = request(repeatable=False)
AGAIN = request(repeatable=True)


async def test_what_an_answer_sets_as_a_cookie_no_later_request_tells() -> None:
    told: list[str | None] = []

    def answer(asked: httpx.Request) -> httpx.Response:
        told.append(asked.headers.get("cookie"))
        return httpx.Response(200, headers={"Set-Cookie": "session=1"})

    async with CookielessClient(transport=httpx.MockTransport(answer)) as client:
        http = HttpClient(client, EventLoopClock())
        await http.send(AGAIN)
        await http.send(AGAIN)

    assert told == [None, None]


async def test_an_answer_is_given_whatever_its_status(http: HttpClient, far: Far) -> None:
    far.steps = [httpx.Response(404, headers={"X-Why": "gone"}, json={"code": 1})]

    answer = await http.send(AGAIN)

    assert (answer.status, answer.succeeded, answer.json_object()) == (404, False, {"code": 1})
    assert answer.headers["x-why"] == "gone"


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"\xff", b"[" * 5000])
async def test_a_body_that_is_no_json_object_reads_as_an_empty_one(
    http: HttpClient, far: Far, body: bytes
) -> None:
    far.steps = [httpx.Response(200, content=body)]

    assert (await http.send(AGAIN)).json_object() == {}


async def test_a_repeatable_request_is_tried_three_times_with_growing_pauses(
    http: HttpClient, far: Far
) -> None:
    far.steps = [httpx.Response(503), httpx.ReadError("cut"), httpx.Response(500), httpx.Response(200)]

    answer = await http.send(AGAIN)

    assert answer.status == 500
    assert far.asked_at == pytest.approx([0, 0.125, 0.375])


async def test_a_request_that_may_have_been_carried_out_is_not_repeated(http: HttpClient, far: Far) -> None:
    far.steps = [httpx.Response(503)]
    assert (await http.send(ONCE)).status == 503

    far.steps = [httpx.ReadError("cut")]
    with pytest.raises(UnreachableError, match="broke the connection off") as broken:
        await http.send(ONCE)

    assert broken.value.sent
    assert len(far.asked_at) == 2


async def test_a_request_that_did_not_arrive_is_repeated_even_if_it_must_not_be_done_twice(
    http: HttpClient, far: Far
) -> None:
    far.steps = [httpx.ConnectError("x"), httpx.PoolTimeout("x")]

    assert (await http.send(ONCE)).succeeded
    far.steps = [httpx.ConnectError("x")] * 3
    with pytest.raises(UnreachableError, match=r"api\.example\.com cannot be reached") as lost:
        await http.send(ONCE)

    assert not lost.value.sent


async def test_silence_is_given_up_after_eight_seconds_and_the_whole_after_fourteen(
    http: HttpClient, far: Far
) -> None:
    far.steps = [60.0]
    with pytest.raises(UnreachableError, match="did not answer within 8 s"):
        await http.send(ONCE)
    assert anyio.current_time() == pytest.approx(8)

    far.steps = [60.0, 60.0, 60.0]
    with pytest.raises(UnreachableError, match="did not answer within 6 s"):
        await http.send(AGAIN)
    assert anyio.current_time() == pytest.approx(22)


@pytest.mark.parametrize("wish", [lambda: "2", lambda: format_datetime(datetime.fromtimestamp(2, UTC))])
async def test_retry_after_is_waited_for(http: HttpClient, far: Far, wish: Callable[[], str]) -> None:
    clock_starts = EventLoopClock().now_ms() / 1000
    text = wish() if wish() == "2" else format_datetime(datetime.fromtimestamp(clock_starts + 2, UTC))
    far.steps = [httpx.Response(429, headers={"retry-after": text})]

    assert (await http.send(AGAIN)).succeeded
    assert far.asked_at[1] == pytest.approx(2, abs=1)
    assert far.asked_at[1] > 0.9


async def test_a_wish_to_come_back_later_than_we_can_wait_is_an_answer(http: HttpClient, far: Far) -> None:
    far.steps = [httpx.Response(429, headers={"retry-after": "60"})]

    assert (await http.send(AGAIN)).status == 429
    assert anyio.current_time() < 0.1


@pytest.mark.parametrize("wish", ["soon", "-1", "", "1.5x"])
async def test_a_wish_that_nobody_understands_is_a_short_pause(http: HttpClient, far: Far, wish: str) -> None:
    far.steps = [httpx.Response(503, headers={"retry-after": wish})]

    assert (await http.send(AGAIN)).succeeded
    assert far.asked_at == pytest.approx([0, 0.125])


@pytest.mark.parametrize("url", ["api.example.com", "ftp://api.example.com", "https://[::", ""])
async def test_what_is_no_web_address_is_refused_at_once(http: HttpClient, far: Far, url: str) -> None:
    with pytest.raises(UnreachableError, match="is no web address") as refused:
        await http.send(request(repeatable=True, url=url))

    assert not refused.value.passing
    assert far.asked_at == []


async def test_a_redirection_is_not_followed(http: HttpClient, far: Far) -> None:
    far.steps = [httpx.Response(307, headers={"location": "https://evil.example.com/"})]

    assert (await http.send(AGAIN)).status == 307
    assert len(far.asked_at) == 1


async def test_an_endless_body_is_cut(http: HttpClient, far: Far) -> None:
    far.steps = [httpx.Response(200, content=b"x" * 3_000_000)]

    assert len((await http.send(AGAIN)).body) == 1_048_576


async def test_neither_headers_nor_body_are_shown(http: HttpClient) -> None:
    secret = HttpRequest(
        method="GET",
        url="https://a.example.com",
        repeatable=True,
        headers={"authorization": "s3cret"},
        body=b"n0",
    )

    assert "s3cret" not in repr(secret)
    assert "n0" not in repr(secret)

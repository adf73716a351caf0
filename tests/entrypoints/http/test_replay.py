"""The cache of answers to webhooks."""

import anyio
import pytest

from voice_domain.ports.webhook_reader import WebhookResponse
from voice_entrypoints.http.replay import ReplayCache

pytestmark = pytest.mark.anyio


class _Work:
    def __init__(self) -> None:
        self.times = 0
        self.gate = anyio.Event()
        self.fail = False

    async def __call__(self) -> WebhookResponse:
        self.times += 1
        await self.gate.wait()
        if self.fail:
            raise RuntimeError("no")
        return WebhookResponse(body=str(self.times).encode())


async def test_an_answer_is_given_again_for_ten_minutes() -> None:
    cache, work = ReplayCache(), _Work()
    work.gate.set()

    assert (await cache.answer("a", work))[1] is False
    await anyio.sleep(599)
    assert (await cache.answer("a", work))[0].body == b"1"
    await anyio.sleep(1)
    assert (await cache.answer("a", work))[0].body == b"2"


async def test_of_two_at_once_one_is_processed_and_both_get_its_answer() -> None:
    cache, work = ReplayCache(), _Work()
    answers: list[tuple[WebhookResponse, bool]] = []

    async def one() -> None:
        answers.append(await cache.answer("a", work))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(one)
        tasks.start_soon(one)
        await anyio.wait_all_tasks_blocked()
        work.gate.set()

    assert work.times == 1
    assert sorted(is_replay for _, is_replay in answers) == [False, True]
    assert {answer.body for answer, _ in answers} == {b"1"}


async def test_when_the_first_fails_the_one_that_waits_is_processed() -> None:
    cache, work = ReplayCache(), _Work()
    work.fail = True
    answers: list[bytes] = []

    async def first() -> None:
        with pytest.raises(RuntimeError):
            await cache.answer("a", work)
        work.fail = False

    async def second() -> None:
        answers.append((await cache.answer("a", work))[0].body)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(first)
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(second)
        await anyio.wait_all_tasks_blocked()
        work.gate.set()

    assert len(answers) + len(cache) == 2
    assert work.times == 2


async def test_a_request_that_is_cancelled_releases_its_key() -> None:
    cache, work = ReplayCache(), _Work()
    with anyio.move_on_after(1):
        await cache.answer("a", work)
    work.gate.set()

    assert (await cache.answer("a", work))[1] is False


async def test_the_oldest_of_ten_thousand_answers_makes_room() -> None:
    cache, work = ReplayCache(), _Work()
    work.gate.set()
    for number in range(10_001):
        await cache.answer(str(number), work)

    assert len(cache) == 10_000
    assert (await cache.answer("10000", work))[1] is True
    assert (await cache.answer("0", work))[1] is False


async def test_an_answer_that_was_given_anew_is_not_the_oldest() -> None:
    cache, work = ReplayCache(limit=2), _Work()
    work.gate.set()
    await cache.answer("a", work)
    await anyio.sleep(300)
    await cache.answer("b", work)
    await anyio.sleep(301)
    await cache.answer("a", work)
    await cache.answer("c", work)

    assert (await cache.answer("a", work))[1] is True


async def test_a_request_that_fails_after_its_time_leaves_the_answer_of_the_next_one_alone() -> None:
    cache, slow, quick = ReplayCache(), _Work(), _Work()
    quick.gate.set()
    with anyio.move_on_after(601):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(cache.answer, "a", slow)
            await anyio.sleep(600)
            await cache.answer("a", quick)

    assert (await cache.answer("a", quick))[1] is True


async def test_expired_answers_do_not_pile_up() -> None:
    cache, work = ReplayCache(), _Work()
    work.gate.set()
    for number in range(100):
        await cache.answer(f"old {number}", work)
    await anyio.sleep(600)
    for number in range(20):
        await cache.answer(f"new {number}", work)

    assert len(cache) == 20

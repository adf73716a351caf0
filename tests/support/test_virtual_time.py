import asyncio
import hashlib
import threading
import time
from collections.abc import Awaitable, Callable, Iterator

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
import pytest
from support.busy_threads import busy_threads
from support.leftovers import names_of_tasks_left, task_ids
from support.virtual_time import virtual_backend

from voice_entrypoints.simulation.deadlock import DeadlockError

HOUR = 3600.0


@pytest.fixture
def stopwatch() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < 1.0


async def test_an_hour_of_sleep_is_exact_and_instant(stopwatch: None) -> None:
    await anyio.sleep(HOUR)

    assert anyio.current_time() == HOUR


async def test_sleepers_wake_in_the_order_of_their_alarms(stopwatch: None) -> None:
    woken: list[float] = []

    async def sleeper(seconds: float) -> None:
        await anyio.sleep(seconds)
        woken.append(seconds)

    async with anyio.create_task_group() as tasks:
        for seconds in (3 * HOUR, 0.02, 5.0, 0.01, HOUR):
            tasks.start_soon(sleeper, seconds)

    assert woken == [0.01, 0.02, 5.0, HOUR, 3 * HOUR]
    assert anyio.current_time() == 3 * HOUR


async def test_a_deadline_cuts_off_at_its_moment(stopwatch: None) -> None:
    with anyio.move_on_after(30) as scope:
        await anyio.sleep_forever()

    assert scope.cancelled_caught
    assert anyio.current_time() == 30


async def test_work_that_is_ready_runs_before_time_moves(stopwatch: None) -> None:
    async def chatter() -> None:
        for _ in range(100):
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.sleep, 1)
        await chatter()
        assert anyio.current_time() == 0


async def test_waiting_until_all_tasks_block_moves_no_timer(anyio_backend_name: str) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.sleep, HOUR)
        await anyio.wait_all_tasks_blocked()
        assert anyio.current_time() < 1
        tasks.cancel_scope.cancel()


async def test_time_stands_still_while_a_worker_thread_is_at_work() -> None:
    with anyio.fail_after(0.001):
        result = await anyio.to_thread.run_sync(_slow_digest)

    assert len(result) == 32
    assert anyio.current_time() == 0


async def test_a_worker_thread_that_waits_for_the_loop_lets_time_pass(stopwatch: None) -> None:
    def ask_for_an_hour() -> None:
        anyio.from_thread.run(anyio.sleep, HOUR)

    await anyio.to_thread.run_sync(ask_for_an_hour)

    assert anyio.current_time() == HOUR


async def test_an_hour_passes_at_once_while_idle_workers_remain(stopwatch: None) -> None:
    await anyio.to_thread.run_sync(threading.get_ident)
    await anyio.sleep(HOUR)

    assert anyio.current_time() == HOUR


@pytest.mark.real_time
async def test_the_marker_real_time_gives_the_clock_of_the_machine() -> None:
    began, machine = anyio.current_time(), time.monotonic()
    await anyio.sleep(0.01)

    assert 0.009 < anyio.current_time() - began < time.monotonic() - machine + 0.5


def test_a_thread_that_waits_for_an_event_is_parked_and_a_woken_one_is_busy() -> None:
    start, done = threading.Event(), threading.Event()
    before = set(busy_threads())

    def wait_then_work() -> None:
        start.wait()
        _slow_digest()
        done.set()

    thread = threading.Thread(target=wait_then_work)
    thread.start()
    while thread in busy_threads():
        pass
    start.set()
    woken = busy_threads()
    done.wait()
    thread.join()

    assert thread in set(woken) - before


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_a_run_in_which_every_task_waits_for_nothing_ends_with_the_places(name: str) -> None:
    async def two_wait_for_nobody() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.Event().wait)
            await anyio.Event().wait()

    with pytest.raises(Exception) as caught:  # noqa: PT011 - trio wraps what leaves a task group
        _run(name, two_wait_for_nobody)

    stuck = _innermost(caught.value)
    assert isinstance(stuck, DeadlockError)
    assert "every task waits and no timer is set" in str(stuck)
    assert "two_wait_for_nobody" in str(stuck)


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_a_run_that_a_thread_never_lets_go_on_ends_with_its_name(name: str) -> None:
    free = threading.Event()

    def poll() -> None:
        while not free.wait(0.01):
            pass

    async def sleeps() -> None:
        await anyio.sleep(1)

    stubborn = threading.Thread(target=poll, name="stubborn")
    stubborn.start()
    try:
        with pytest.raises(DeadlockError, match="the threads stubborn never finish"):
            _run(name, sleeps)
    finally:
        free.set()
        stubborn.join()


def _order(seed: int) -> tuple[int, ...]:
    order: list[int] = []

    async def note(number: int) -> None:
        for _ in range(3):
            await anyio.lowlevel.checkpoint()
            order.append(number)

    async def main() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(6):
                tasks.start_soon(note, number)

    backend, options = virtual_backend("trio", seed=seed)
    anyio.run(main, backend=backend, backend_options=options)
    return tuple(order)


def test_trio_repeats_its_order_for_a_seed_and_finds_another_for_each() -> None:
    orders = {seed: _order(seed) for seed in range(10)}

    assert orders == {seed: _order(seed) for seed in range(10)}
    assert len(set(orders.values())) == 10


@pytest.mark.asyncio_only("only asyncio lets a task outlive its parent")
async def test_a_forgotten_task_is_named() -> None:
    before = task_ids()
    forgotten = asyncio.get_running_loop().create_task(asyncio.sleep(HOUR), name="forgotten")

    assert await names_of_tasks_left(before) == ["forgotten"]
    forgotten.cancel()
    assert await names_of_tasks_left(before) == []


def _slow_digest() -> bytes:
    return hashlib.pbkdf2_hmac("sha256", b"slow", b"on purpose", 20_000)


def _run(name: str, main: Callable[[], Awaitable[None]]) -> None:
    backend, options = virtual_backend(name, patience_seconds=0.1)
    anyio.run(main, backend=backend, backend_options=options)


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error

"""How late the event loop is, as the gateway measures it, and that nothing of ours holds it up."""

import asyncio
import gc
import re
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import anyio
import anyio.lowlevel
import httpx
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from support.carrier_world import Scene, carrier_world
from support.twilio_rig import TWILIO
from support.watched_loop import WatchedLoop, WatchedVirtualLoop

from voice_contracts.settings_reading import read_settings
from voice_contracts.twins.callee import Callee, HangUp, Say, interrupt
from voice_entrypoints.container import Container
from voice_entrypoints.http.loop_watch import LoopWatch
from voice_entrypoints.http.serve import open_gateway
from voice_entrypoints.phone import Phone

LONGEST_SECONDS: Final = 0.05
SETTINGS = {
    "maxConcurrentCalls": 50,
    "serve": {"port": 0},
    "api": {"port": 0},
    "recording": {"enabled": True},
    "mock": {
        "ringMs": 1,
        "answerMs": 2,
        "realtime": False,
        "script": [{"say": "Is it open?"}, {"press": "1#"}, {"hangUp": True}],
    },
}


def values(registry: CollectorRegistry, name: str) -> list[float]:
    found = re.findall(rf"^{re.escape(name)} (\S+)$", generate_latest(registry).decode(), re.MULTILINE)
    return [float(value) for value in found]


@pytest.mark.anyio
async def test_an_idle_loop_is_never_late_and_its_tasks_are_counted() -> None:
    registry = CollectorRegistry()
    watch = LoopWatch(registry)
    before = values(registry, "voicecall_tasks")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watch.run)
        await anyio.sleep(10.1)
        during = values(registry, "voicecall_tasks")
        tasks.cancel_scope.cancel()

    assert before == []
    assert during[0] >= 2
    assert values(registry, "voicecall_event_loop_lag_seconds_count") == [40.0]
    assert values(registry, 'voicecall_event_loop_lag_seconds_bucket{le="0.001"}') == [40.0]


@pytest.mark.anyio
@pytest.mark.real_time
async def test_work_that_holds_the_loop_up_is_seen() -> None:
    registry = CollectorRegistry()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(LoopWatch(registry).run)
        await anyio.sleep(0.01)
        time.sleep(0.35)  # noqa: ASYNC251 - it is what must not happen
        await anyio.sleep(0.01)
        tasks.cancel_scope.cancel()

    (late,) = values(registry, "voicecall_event_loop_lag_seconds_sum")
    assert late > LONGEST_SECONDS


def busy(seconds: float) -> None:
    """Use the processor, whatever else the machine does."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


@pytest.fixture(autouse=True)
def _nobody_elses_objects() -> Iterator[None]:
    """Let the garbage collector look through what these gateways make, not through ten thousand other tests."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def watched(work: partial[object]) -> list[tuple[float, str]]:
    return anyio.run(work, backend_options={"loop_factory": WatchedLoop})  # type: ignore[arg-type]  # it is a coroutine


async def _with_a_bug() -> list[tuple[float, str]]:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, WatchedLoop)
    await anyio.lowlevel.checkpoint()
    busy(LONGEST_SECONDS)
    await anyio.lowlevel.checkpoint()
    return loop.costs


def test_a_callback_that_takes_long_would_be_found() -> None:
    costs = watched(partial(_with_a_bug))

    assert [name for seconds, name in costs if seconds > LONGEST_SECONDS]


def test_no_callback_of_a_working_gateway_takes_fifty_milliseconds(tmp_path: Path) -> None:
    costs = watched(partial(_at_work, tmp_path))

    assert [cost for cost in costs if cost[0] > LONGEST_SECONDS] == []


def test_no_callback_takes_fifty_milliseconds_while_calls_have_media_streams() -> None:
    costs = anyio.run(_streamed, backend_options={"loop_factory": WatchedVirtualLoop})

    assert [cost for cost in costs if cost[0] > LONGEST_SECONDS] == []


async def _streamed() -> list[tuple[float, str]]:
    """Let calls talk over media streams, beside the twins of carrier and speech service; return what was costly."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, WatchedVirtualLoop)
    people = Callee((Say("Is it open?"), interrupt("Wait, please.", 500), HangUp(1_500)))
    async with carrier_world(TWILIO.open, Scene(callee=people, settings={"maxConcurrentCalls": 5})) as world:
        await anyio.lowlevel.checkpoint()
        loop.costs.clear()  # a start takes what it takes
        for _ in range(5):
            await world.place("Hello, this is about your table for tonight, by the window as you wished.")
        while world.phone.live():  # noqa: ASYNC110 - virtual time
            await anyio.sleep(0.5)
        assert world.media.dialled == 5
        return list(loop.costs)


async def _at_work(home: Path) -> list[tuple[float, str]]:
    """Let a gateway carry calls while others read from it; return what its longer callbacks cost."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, WatchedLoop)
    settings = read_settings(SETTINGS, {}).require()
    container = Container(settings=settings, home=home)
    async with open_gateway(container, settings=settings, home=home) as (phone, gateway):
        token = (home / "api-token").read_text().strip()
        async with httpx.AsyncClient(trust_env=False, headers={"Authorization": f"Bearer {token}"}) as client:
            await anyio.lowlevel.checkpoint()
            loop.costs.clear()  # a start takes what it takes
            await _calls(phone, 20)
            for path in ("/metrics", "/readyz", "/healthz"):
                assert (await client.get(gateway.api_url + path)).is_success
            for method in ("status", "history"):
                body = {"jsonrpc": "2.0", "id": 1, "method": f"voicecall.{method}"}
                assert "result" in (await client.post(f"{gateway.api_url}/rpc", json=body)).json()
            while phone.live():  # noqa: ASYNC110 - the mock network decides when they are over
                await anyio.sleep(0.02)
            return list(loop.costs)


async def _calls(phone: Phone, count: int) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(count):
            tasks.start_soon(partial(phone.call, to="+15550005678", message="Hello.", mode="conversation"))

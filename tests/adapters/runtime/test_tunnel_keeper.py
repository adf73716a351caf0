"""A tunnel that dies is opened again, at ever longer intervals; its time is virtual."""

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import anyio
import attrs
import pytest

from voice_adapters.runtime.tunnel_keeper import TunnelKeeper
from voice_adapters.transports.lone_error import lone_errors
from voice_domain.ports.tunnel import OpenTunnel, Tunnel, TunnelError

pytestmark = pytest.mark.anyio


def dead() -> TunnelError:
    return TunnelError("ngrok", "it ended", "start it")


@attrs.define
class _Way(OpenTunnel):
    url: str
    stands: float
    moves_to: str = ""

    async def moved(self) -> str:
        await anyio.sleep(self.stands)
        if not self.moves_to:
            raise dead()
        url, self.moves_to = self.moves_to, ""
        return url


@attrs.define
class _Tunnel(Tunnel):
    """Opens as its plan says, one way after the other; None is a refusal."""

    plan: list[_Way | None]
    open_now: int = 0
    name: str = "ngrok"
    is_public: bool = True

    @asynccontextmanager
    async def opened(self, local_url: str) -> AsyncIterator[OpenTunnel]:
        assert local_url == "http://127.0.0.1:1"
        way = self.plan.pop(0) if self.plan else _Way("https://last", math.inf)
        if way is None:
            raise dead()
        self.open_now += 1
        try:
            yield way
        finally:
            self.open_now -= 1


async def story(
    plan: Sequence[_Way | None], seconds: float, *, insist: bool = False
) -> list[tuple[float, str]]:
    """What is told, and when, in *seconds*."""
    told: list[tuple[float, str]] = []
    tunnel = _Tunnel(list(plan))
    keeper = TunnelKeeper(
        tunnel=tunnel,
        reached=lambda url: told.append((round(anyio.current_time() - began, 3), url)),
        lost=lambda _, pause: told.append(
            (round(anyio.current_time() - began, 3), f"lost, again in {pause:g}")
        ),
    )
    began = anyio.current_time()
    with lone_errors():
        async with anyio.create_task_group() as tasks:
            await tasks.start(partial(keeper.run, "http://127.0.0.1:1", insist=insist))
            await anyio.sleep(seconds)
            tasks.cancel_scope.cancel()
    assert tunnel.open_now == 0
    return told


async def test_each_failure_is_waited_out_twice_as_long_and_never_longer_than_a_minute() -> None:
    told = await story([None] * 9, 300)

    pauses = [what for _, what in told]
    assert pauses[:8] == [f"lost, again in {seconds}" for seconds in (1, 2, 4, 8, 16, 32, 60, 60)]
    assert told[6][0] == 1 + 2 + 4 + 8 + 16 + 32
    assert told[-1] == (243, "https://last")


async def test_a_tunnel_that_stood_for_a_minute_is_tried_again_at_once() -> None:
    told = await story([None, None, _Way("https://one", 59), _Way("https://two", 60)], 300)

    assert told == [
        (0, "lost, again in 1"),
        (1, "lost, again in 2"),
        (3, "https://one"),
        (62, "lost, again in 4"),
        (66, "https://two"),
        (126, "lost, again in 1"),
        (127, "https://last"),
    ]


async def test_another_address_is_told() -> None:
    told = await story([_Way("https://one", 5, moves_to="https://two")], 7)

    assert told == [(0, "https://one"), (5, "https://two")]


async def test_who_insists_gets_the_first_refusal_and_no_later_one() -> None:
    with pytest.raises(TunnelError, match="it ended"):
        await story([None], 10, insist=True)
    told = await story([_Way("https://one", 1), None], 10, insist=True)

    assert told[-1] == (4, "https://last")


async def test_an_address_that_nobody_wants_closes_the_tunnel() -> None:
    tunnel = _Tunnel([_Way("https://one", math.inf)])
    seen: list[str] = []

    def refuse(url: str) -> None:
        raise TunnelError("ngrok", f"{url} is private", "use another")

    keeper = TunnelKeeper(tunnel=tunnel, reached=refuse, lost=lambda error, _: seen.append(error.problem))
    async with anyio.create_task_group() as tasks:
        await tasks.start(partial(keeper.run, "http://127.0.0.1:1", insist=False))
        tasks.cancel_scope.cancel()

    assert (seen, tunnel.open_now) == (["https://one is private"], 0)

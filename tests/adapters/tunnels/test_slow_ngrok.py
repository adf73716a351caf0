"""An ngrok that tells no address: how long it is waited for, and what is told then. Its time is virtual."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import attrs
import pytest
from anyio.abc import ByteReceiveStream, Process
from support.ngrok_stand_in import BEGINNING, failed, started

from voice_adapters.tunnels.ngrok import NgrokTunnel, ngrok_program
from voice_adapters.tunnels.program import Program
from voice_domain.ports.tunnel import TunnelError

pytestmark = pytest.mark.anyio


class _Output(ByteReceiveStream):
    """Comes in pieces that end anywhere, and then no more."""

    def __init__(self, lines: Iterable[object]) -> None:
        texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
        self._left = "".join(f"{text}\n" for text in texts).encode()

    async def receive(self, max_bytes: int = 65_536) -> bytes:
        if not self._left:
            await anyio.sleep_forever()
        await anyio.lowlevel.checkpoint()
        piece, self._left = self._left[:1_003], self._left[1_003:]
        return piece

    async def aclose(self) -> None:
        pass


class _Process:
    def __init__(self, lines: Iterable[object]) -> None:
        self.stdout = _Output(lines)


@attrs.frozen(kw_only=True)
class _MemoryProgram(Program):
    lines: tuple[object, ...]

    @asynccontextmanager
    async def started(self, *arguments: str, merged: bool = True) -> AsyncIterator[Process]:
        yield _Process(self.lines)  # type: ignore[misc]  # of a process only its output is used here


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        ((*BEGINNING, failed("dial tcp: i/o timeout")), "; its last problem was: dial tcp: i/o timeout"),
        (("\x00\ufffd{{{", "[1]", "x" * 70_000, '{"addr":1,"url":2}', "[" * 5_000), ""),
        (
            (started("http://a1b2.ngrok.io"), started("https://evil.example/path?x=1"), started("https://")),
            "",
        ),
    ],
    ids=["it cannot reach the service", "garbage", "addresses that are none"],
)
async def test_one_that_tells_no_address_is_given_up_after_thirty_seconds(
    lines: tuple[object, ...], last: str
) -> None:
    plain = ngrok_program({})
    made = NgrokTunnel(program=_MemoryProgram(name="ngrok", environ={}, remedy=plain.remedy, lines=lines))
    began = anyio.current_time()

    with pytest.raises(TunnelError) as caught:
        async with made.opened("http://127.0.0.1:3334"):
            pass

    assert caught.value.problem == f"ngrok startup timed out (30s){last}"
    assert anyio.current_time() - began == pytest.approx(30)


async def test_an_address_after_garbage_counts() -> None:
    lines = ("x" * 70_000, "", "no JSON", started("https://A1B2.ngrok-free.app/"))
    made = NgrokTunnel(program=_MemoryProgram(name="ngrok", environ={}, remedy="", lines=lines))

    async with made.opened("http://127.0.0.1:3334") as way:
        assert way.url == "https://a1b2.ngrok-free.app"

"""The twins' WebSocket client and server on real sockets, and the pair that needs none."""

import contextlib
import socket as net
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import pytest

from voice_contracts.twins.http import Answer, Request
from voice_contracts.twins.serving import AsgiSocket, serve_on_loopback
from voice_contracts.twins.socket_client import dial_socket
from voice_contracts.twins.sockets import Socket, SocketClosedError, SocketRefusedError, memory_pair

real = pytest.mark.real_time
lonely = pytest.mark.asyncio_only("uvicorn serves the other end")


async def _nothing(_: Request) -> Answer:
    return Answer(404)


@asynccontextmanager
async def _serving(serve: Callable[[AsgiSocket], Awaitable[None]]) -> AsyncIterator[str]:
    async def accepted(_: Request, socket: AsgiSocket) -> None:
        await socket.accept()
        await serve(socket)

    async with serve_on_loopback(_nothing, accepted) as url:
        yield url.replace("http", "ws")


async def _echo(socket: AsgiSocket) -> None:
    with contextlib.suppress(SocketClosedError):
        while True:
            await socket.send(await socket.receive())


@real
@lonely
async def test_messages_of_any_size_come_back_whole() -> None:
    async with _serving(_echo) as url:
        socket = await dial_socket(f"{url}/a?b=1", {"x-a": "b"})
        for size in (0, 1, 200_000):
            await socket.send("é" * size)
            assert await socket.receive() == "é" * size
        await socket.close()


@real
@lonely
async def test_the_other_ends_close_code_is_told() -> None:
    async def leave(socket: AsgiSocket) -> None:
        await socket.close(4001)

    async with _serving(leave) as url:
        socket = await dial_socket(url, {})
        with pytest.raises(SocketClosedError) as closed:
            await socket.receive()
        with pytest.raises(SocketClosedError):
            await socket.send("late")
        await socket.abort()

    assert closed.value.code == 4001


@real
@lonely
async def test_who_aborts_is_missed_by_the_other_end() -> None:
    codes: list[int] = []
    missed = anyio.Event()

    async def note(socket: AsgiSocket) -> None:
        with pytest.raises(SocketClosedError) as closed:
            await socket.receive()
        codes.append(closed.value.code)
        missed.set()

    async with _serving(note) as url:
        socket = await dial_socket(url, {})
        await socket.abort()
        with anyio.fail_after(60):
            await missed.wait()

    assert codes[0] in {1005, 1006}


@real
@lonely
async def test_a_reader_notices_that_its_own_end_aborts() -> None:
    async with _serving(_echo) as url:
        socket = await dial_socket(url, {})
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_abort_soon, socket)
            with anyio.fail_after(60), pytest.raises(SocketClosedError) as closed:
                await socket.receive()

    assert closed.value.code == 1006


async def _abort_soon(socket: Socket) -> None:
    await anyio.wait_all_tasks_blocked()
    await socket.abort()


@real
async def test_an_address_where_nobody_listens_refuses() -> None:
    with net.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]

    with pytest.raises(SocketRefusedError) as refused:
        await dial_socket(f"ws://127.0.0.1:{port}/", {})

    assert refused.value.status is None


async def test_a_pair_carries_messages_both_ways_and_the_close_code() -> None:
    here, there = memory_pair()

    await here.send("to there")
    await there.send("to here")
    assert (await there.receive(), await here.receive()) == ("to there", "to here")
    await here.send("last")
    await here.close(4002)

    assert await there.receive() == "last"
    with pytest.raises(SocketClosedError) as closed:
        await there.receive()
    with pytest.raises(SocketClosedError):
        await there.send("late")
    assert closed.value.code == 4002


async def test_a_pair_that_is_cut_says_so() -> None:
    here, there = memory_pair()

    await here.abort()

    with pytest.raises(SocketClosedError) as closed:
        await there.receive()
    assert closed.value.code == 1006
    await there.close()

"""JSON-RPC on standard input and output: one message a line in UTF-8, nothing else on standard output."""

import os
import select
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import anyio

from voice_entrypoints.rpc.api import PhoneApi
from voice_entrypoints.rpc.json_text import MESSAGE_LIMIT
from voice_entrypoints.rpc.jsonrpc import Dispatcher
from voice_entrypoints.rpc.session import RpcSession, Send

__all__ = ("lines_of", "serve_stdio", "writer_to")

_LINGER_SECONDS: Final = 600.0
_READ_BYTES: Final = 65_536


async def serve_stdio(
    dispatcher: Dispatcher, api: PhoneApi, *, input_fd: int = 0, output_fd: int = 1
) -> None:
    """Serve until the input ends; requests read before that are still answered.

    Raises:
        TooSlowError: if nobody reads the output.
    """
    session = RpcSession(dispatcher, api, writer_to(output_fd))
    await session.run(lines_of(input_fd), linger_seconds=_LINGER_SECONDS)


async def lines_of(descriptor: int) -> AsyncIterator[bytes]:
    """Yield the lines that come, without their ends; blank ones are left out.

    One that is too long is cut to a byte more than `MESSAGE_LIMIT`, so that it is still too long.
    """
    waiting, skipping = b"", False
    while True:
        await _ready(descriptor, anyio.wait_readable)
        data = os.read(descriptor, _READ_BYTES)
        if not data:
            break
        *lines, rest = (waiting + data).split(b"\n")
        for line in lines:
            if not skipping and line.strip():
                yield line[: MESSAGE_LIMIT + 1]
            skipping = False
        waiting = rest
        if len(waiting) > MESSAGE_LIMIT:
            if not skipping:
                yield waiting[: MESSAGE_LIMIT + 1]
            waiting, skipping = b"", True
    if waiting.strip() and not skipping:
        yield waiting


def writer_to(descriptor: int) -> Send:
    """Return a function that writes one message as a line, and never blocks the event loop on a pipe.

    Several tasks may use it: lines come one after the other.
    """
    turn = anyio.Lock()

    async def write(text: str) -> None:
        left = memoryview(text.encode() + b"\n")
        async with turn:
            while left:
                # POSIX promises this much room in a pipe that is reported writable.
                await _ready(descriptor, anyio.wait_writable)
                try:
                    written = os.write(descriptor, left[: select.PIPE_BUF])
                except BrokenPipeError as error:
                    raise anyio.BrokenResourceError from error
                left = left[written:]

    return write


async def _ready(descriptor: int, wait: Callable[[int], Awaitable[None]]) -> None:
    """Return once *descriptor* is ready. Files on a disk cannot be waited for, and are always ready."""
    try:
        await wait(descriptor)
    except PermissionError:
        await anyio.lowlevel.checkpoint()

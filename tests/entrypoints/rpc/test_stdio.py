"""JSON-RPC over pipes and files, on both event loops."""

import json
import os
from pathlib import Path
from typing import Any

import anyio
import pytest
from support.memory_phone import MemoryPhone

from voice_entrypoints.rpc.json_text import MESSAGE_LIMIT
from voice_entrypoints.rpc.jsonrpc import Dispatcher
from voice_entrypoints.rpc.methods import phone_handlers
from voice_entrypoints.rpc.stdio import lines_of, serve_stdio, writer_to

pytestmark = [pytest.mark.anyio, pytest.mark.real_time]


def request(method: str, request_id: int, **params: Any) -> bytes:
    message = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
    return json.dumps(message).encode() + b"\n"


async def served(phone: MemoryPhone, given: bytes) -> list[dict[str, Any]]:
    """Give *given* through a pipe, close it, and return what comes out of another."""
    there_out, there_in = os.pipe()
    back_out, back_in = os.pipe()
    try:
        os.write(there_in, given)
        os.close(there_in)
        dispatcher = Dispatcher(phone_handlers(phone, None))  # type: ignore[arg-type]  # none are started
        with anyio.fail_after(60):
            await serve_stdio(dispatcher, phone, input_fd=there_out, output_fd=back_in)
        os.close(back_in)
        with os.fdopen(back_out, "rb") as answers:
            return [json.loads(line) for line in answers]
    finally:
        os.close(there_out)


async def test_one_message_a_line_in_and_out_until_the_input_ends() -> None:
    given = request("voicecall.status", 1) + b"\n  \n" + b"garbage\n" + request("voicecall.history", 2)[:-1]
    answers = await served(MemoryPhone(), given)

    assert sorted(str(answer["id"]) for answer in answers) == ["1", "2", "None"]


async def test_notifications_come_between_the_answers() -> None:
    given = request("voicecall.subscribe", 1)
    phone = MemoryPhone()
    there_out, there_in = os.pipe()
    back_out, back_in = os.pipe()
    os.write(there_in, given)
    async with anyio.create_task_group() as tasks:
        dispatcher = Dispatcher(phone_handlers(phone, None))  # type: ignore[arg-type]  # none are started
        tasks.start_soon(lambda: serve_stdio(dispatcher, phone, input_fd=there_out, output_fd=back_in))
        lines = lines_of(back_out)
        with anyio.fail_after(60):
            assert json.loads(await anext(lines))["result"] == {"subscribed": True}
            await phone.call(to=None, message="Hi")
            assert json.loads(await anext(lines))["params"]["type"] == "call.initiated"
        await lines.aclose()  # type: ignore[attr-defined]  # it is a generator
        os.close(there_in)
    for descriptor in (there_out, back_out, back_in):
        os.close(descriptor)


async def test_a_line_of_more_than_a_mebibyte_is_an_error_and_the_next_is_taken() -> None:
    out, put = os.pipe()
    lines: list[bytes] = []

    async def read() -> None:
        lines.extend([line async for line in lines_of(out)])

    with anyio.fail_after(60):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            write = writer_to(put)
            await write("x" * (MESSAGE_LIMIT * 2))
            await write("next")
            os.close(put)
    os.close(out)

    assert len(lines) == 2
    assert len(lines[0]) == MESSAGE_LIMIT + 1
    assert lines[1] == b"next"


async def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "requests"
    path.write_bytes(b"one\ntwo\n\nthree")
    descriptor = os.open(path, os.O_RDONLY)
    try:
        assert [line async for line in lines_of(descriptor)] == [b"one", b"two", b"three"]
    finally:
        os.close(descriptor)


async def test_a_file_is_written_to(tmp_path: Path) -> None:
    path = tmp_path / "answers"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        await writer_to(descriptor)("näh")
    finally:
        os.close(descriptor)

    assert path.read_text(encoding="utf-8") == "näh\n"


async def test_a_reader_that_has_gone_is_noticed() -> None:
    out, put = os.pipe()
    os.close(out)
    try:
        with pytest.raises(anyio.BrokenResourceError):
            await writer_to(put)("nobody")
    finally:
        os.close(put)

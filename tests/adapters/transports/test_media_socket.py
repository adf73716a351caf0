"""Whatever bytes come, a media socket neither raises nor keeps anything."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.media_stage import MediaStage, masked, media, start, upgrade
from uvicorn.server import ServerState

from voice_adapters.transports.media_server import make_protocol

pytestmark = [pytest.mark.anyio, pytest.mark.asyncio_only("an asyncio protocol needs its loop")]


class Pipe(asyncio.Transport):
    """A transport that goes nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.gone = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("192.0.2.1", 5_000) if name == "peername" else default

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def get_write_buffer_size(self) -> int:
        return 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def close(self) -> None:
        self.gone = True

    def abort(self) -> None:
        self.gone = True

    def is_closing(self) -> bool:
        return self.gone


frames = st.builds(
    masked,
    st.integers(0, 255),
    st.one_of(
        st.binary(max_size=300),
        st.just(media().encode()),
        st.just(b'{"event": "stop"}'),
        st.just(b'{"event": "keys", "digits": "1"}'),
        st.just(start("leg").encode()),
        st.just(b'{"event": "start", "call": "other"}'),
        st.just(b"\x03\xe8bye"),
        st.text(max_size=30).map(str.encode),
    ),
)
pieces = st.one_of(st.binary(max_size=300), frames, st.just(masked(0x81, start("leg").encode())))


@given(
    st.one_of(st.lists(pieces, max_size=12), st.lists(pieces, max_size=12).map(lambda all_: [b"".join(all_)]))
)
@settings(max_examples=200, deadline=None)
async def test_any_bytes_after_the_handshake_are_survived(arriving: list[bytes]) -> None:
    stage = MediaStage(bad_messages=3)
    call_id = stage.switch.place("leg")
    state = ServerState()
    protocol: Any = make_protocol(stage.engine)
    socket = protocol(None, state, {})
    pipe = Pipe()
    socket.connection_made(pipe)
    socket.data_received(upgrade(stage.url(call_id).removeprefix("ws://127.0.0.1:0")))
    assert pipe.written[0].startswith(b"HTTP/1.1 101")

    for piece in arriving:
        if pipe.gone:
            break
        socket.data_received(piece)
    socket.connection_lost(None)

    assert state.connections == set()
    assert (stage.engine.streams, stage.engine.pending) == (0, 0)
    assert all(ear.closed == 1 for ear in stage.switch.ears.get(call_id, ()))
    assert stage.engine._newest == {}


@given(
    st.one_of(
        st.binary(min_size=1, max_size=400),
        st.binary(max_size=40).map(lambda tail: b"GET / HTTP/1.1\r\n" + tail + b"\r\n\r\n"),
    )
)
@settings(max_examples=200, deadline=None)
async def test_any_bytes_instead_of_a_handshake_are_survived(data: bytes) -> None:
    stage = MediaStage()
    state = ServerState()
    protocol: Any = make_protocol(stage.engine)
    socket = protocol(None, state, {})
    pipe = Pipe()
    socket.connection_made(pipe)

    socket.data_received(data)
    socket.connection_lost(None)

    assert state.connections == set()
    assert stage.engine.streams == 0
    assert not any(written.startswith(b"HTTP/1.1 101") for written in pipe.written)


@pytest.mark.parametrize(
    "header", ["Host", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Connection"]
)
@given(value=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30))
@settings(max_examples=50, deadline=None)
async def test_any_header_of_a_handshake_is_survived(header: str, value: str) -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    state = ServerState()
    protocol: Any = make_protocol(stage.engine)
    socket = protocol(None, state, {})
    pipe = Pipe()
    socket.connection_made(pipe)
    path = stage.url(call_id).removeprefix("ws://127.0.0.1:0")
    lines = [line for line in upgrade(path).split(b"\r\n") if not line.startswith(header.encode() + b":")]
    lines.insert(1, f"{header}: {value}".encode("latin-1"))

    socket.data_received(b"\r\n".join(lines))
    socket.connection_lost(None)

    assert pipe.written[0].startswith((b"HTTP/1.1 101", b"HTTP/1.1 4"))
    assert stage.engine.streams == 0

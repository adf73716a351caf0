"""The WebSocket client on real sockets and both event loops: what it takes, what it refuses, how it ends."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import pytest
from anyio.abc import ByteStream
from anyio.streams.tls import TLSListener
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Message,
    Ping,
    Pong,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)

from voice_adapters.transports.websocket_client import WebSocketClient, open_websocket
from voice_adapters.transports.websocket_errors import (
    WebSocketClosedError,
    WebSocketRefusedError,
    WebSocketUnreachableError,
)
from voice_adapters.transports.websocket_terms import SocketTerms, WhenFull

pytestmark = [pytest.mark.anyio, pytest.mark.real_time]

CERTIFICATE = Path(__file__).with_name("localhost.pem")


class Far:
    """The far end of one socket; what it does is a script."""

    def __init__(self, stream: ByteStream) -> None:
        self.stream = stream
        self.protocol = WSConnection(ConnectionType.SERVER)
        self.request = Request(host="", target="")
        self._events: list[Event] = []

    async def next(self) -> Event:
        while not self._events:
            self.protocol.receive_data(await self.stream.receive())
            self._events = list(self.protocol.events())
        return self._events.pop(0)

    async def send(self, *events: Event) -> None:
        await self.stream.send(b"".join(self.protocol.send(event) for event in events))

    async def accept(self) -> None:
        event = await self.next()
        assert isinstance(event, Request)
        self.request = event
        await self.send(AcceptConnection())


Script = Callable[[Far], Awaitable[None]]


@asynccontextmanager
async def far_end(script: Script, *, tls: bool = False) -> AsyncIterator[str]:
    """Give the address of a server that plays *script* for every connection."""

    async def serve(stream: ByteStream) -> None:
        async with stream:
            with suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
                await script(Far(stream))

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610 - no database is near
    served = listener
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        served = TLSListener(listener, context, standard_compatible=False)
    with anyio.fail_after(10):
        async with served, anyio.create_task_group() as tasks:
            tasks.start_soon(served.serve, serve)
            yield f"ws{'s' if tls else ''}://{'localhost' if tls else '127.0.0.1'}:{port}/x?model=m"
            tasks.cancel_scope.cancel()


async def echo(far: Far) -> None:
    await far.accept()
    while True:
        event = await far.next()
        if isinstance(event, TextMessage | BytesMessage):
            await far.send(Message(data=event.data, message_finished=event.message_finished))
        elif isinstance(event, CloseConnection):
            await far.send(event.response())
            return


async def test_text_and_bytes_travel_both_ways() -> None:
    async with far_end(echo) as url, open_websocket(url) as socket:
        await socket.send("hä")
        await socket.send(b"\x00\xff")

        assert await socket.receive() == "hä"
        assert await socket.receive() == b"\x00\xff"


async def test_headers_and_the_query_reach_the_server() -> None:
    seen: list[Request] = []

    async def script(far: Far) -> None:
        await far.accept()
        seen.append(far.request)

    async with (
        far_end(script) as url,
        open_websocket(url, headers=(("Authorization", "Bearer k"),)) as socket,
    ):
        with pytest.raises(WebSocketClosedError):
            await socket.receive()

    (request,) = seen
    assert request.target == "/x?model=m"
    assert (b"authorization", b"Bearer k") in [(name.lower(), value) for name, value in request.extra_headers]


async def test_a_refusal_keeps_its_status_and_body() -> None:
    async def script(far: Far) -> None:
        await far.next()
        await far.send(
            RejectConnection(status_code=401, headers=[(b"content-length", b"9")], has_body=True),
            RejectData(data=b"wrong key"),
        )

    async with far_end(script) as url:
        with pytest.raises(WebSocketRefusedError) as caught:
            async with open_websocket(url, headers=(("Authorization", "secret"),)):
                pass

    assert (caught.value.http_status, caught.value.body) == (401, b"wrong key")
    assert "secret" not in str(caught.value)


async def test_a_refusal_without_an_end_is_still_a_refusal() -> None:
    async def script(far: Far) -> None:
        await far.next()
        await far.stream.send(b"HTTP/1.1 503 Busy\r\n\r\n" + b"x" * 5_000)
        await anyio.sleep_forever()

    async with far_end(script) as url:
        with pytest.raises(WebSocketRefusedError) as caught:
            async with open_websocket(url):
                pass

    assert caught.value.http_status == 503
    assert len(caught.value.body) == 4_096


async def test_what_the_server_says_in_the_same_breath_as_its_yes_is_not_lost() -> None:
    async def script(far: Far) -> None:
        await far.next()
        await far.send(AcceptConnection(), TextMessage("welcome"))
        await anyio.sleep_forever()

    brief = SocketTerms(close_seconds=0.05)
    async with far_end(script) as url, open_websocket(url, terms=brief) as socket:
        assert await socket.receive() == "welcome"


@pytest.mark.parametrize(
    "answer",
    [
        b"220 smtp.example.com\r\n",
        b"HTTP/1.1 101 Hm\r\n\r\n",
        b"HTTP/1.1 101 Hm\r\nConnection: \xff\r\nUpgrade: \xff\r\nSec-WebSocket-Protocol: \xff\r\n\r\n",
        b"",
    ],
)
async def test_a_server_that_speaks_something_else_is_unreachable(answer: bytes) -> None:
    async def script(far: Far) -> None:
        await far.next()
        await far.stream.send(answer)

    async with far_end(script) as url:
        with pytest.raises(WebSocketUnreachableError) as caught:
            async with open_websocket(url):
                pass

    assert "model" not in str(caught.value)


async def test_a_server_that_says_nothing_is_unreachable_after_the_deadline() -> None:
    async def script(far: Far) -> None:
        await anyio.sleep_forever()

    async with far_end(script) as url:
        with pytest.raises(WebSocketUnreachableError, match="no answer"):
            async with open_websocket(url, terms=SocketTerms(open_seconds=0.05)):
                pass


async def test_a_port_on_which_nobody_listens_is_unreachable() -> None:
    async with far_end(echo) as url:
        pass

    with pytest.raises(WebSocketUnreachableError, match=r"127\.0\.0\.1"):
        async with open_websocket(url):
            pass


async def test_an_address_that_is_none_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="wss://host/path"):
        async with open_websocket("ftp://host"):
            pass


async def test_tls_is_spoken_with_servers_whose_certificate_is_trusted() -> None:
    trusting = ssl.create_default_context(cafile=str(CERTIFICATE))
    async with far_end(echo, tls=True) as url:
        async with open_websocket(url, tls=trusting) as socket:
            await socket.send("private")
            assert await socket.receive() == "private"
        with pytest.raises(WebSocketUnreachableError, match="certificate"):
            async with open_websocket(url):
                pass


@pytest.mark.parametrize("parts", [1, 3])
async def test_a_message_beyond_the_limit_closes_with_1009_however_it_is_cut(parts: int) -> None:
    said: list[int] = []

    async def script(far: Far) -> None:
        await far.accept()
        for part in range(parts):
            await far.send(TextMessage("x" * (1_200 // parts), message_finished=part == parts - 1))
        event = await far.next()
        if isinstance(event, CloseConnection):
            said.append(event.code)
            await far.send(event.response())

    async with far_end(script) as url, open_websocket(url, terms=SocketTerms(message_bytes=1_000)) as socket:
        with pytest.raises(WebSocketClosedError) as caught:
            await socket.receive()

    assert caught.value.close_code == 1009
    assert said == [1009]


async def _flood(far: Far) -> None:
    await far.accept()
    for number in range(10):
        await far.send(TextMessage(str(number)))
    await far.send(Ping(b"done"))
    while not isinstance(event := await far.next(), CloseConnection):
        if isinstance(event, Pong):
            await far.send(TextMessage("end"))
    await far.send(event.response())


async def test_messages_that_nobody_takes_close_the_socket() -> None:
    async with far_end(_flood) as url, open_websocket(url, terms=SocketTerms(queue=3)) as socket:
        await socket._ended.wait()
        taken = [await socket.receive() for _ in range(3)]
        with pytest.raises(WebSocketClosedError) as caught:
            await socket.receive()

    assert taken == ["0", "1", "2"]
    assert caught.value.close_code == 1013


async def test_where_the_newest_counts_the_oldest_are_dropped() -> None:
    terms = SocketTerms(queue=3, when_full=WhenFull.DROP_OLDEST)
    async with far_end(_flood) as url, open_websocket(url, terms=terms) as socket:
        got = ""
        taken = []
        while got != "end":
            got = str(await socket.receive())
            taken.append(got)

        assert len(taken) + socket.dropped == 11
        assert taken == sorted(taken)


async def test_the_servers_goodbye_is_told_after_what_it_said() -> None:
    async def script(far: Far) -> None:
        await far.accept()
        await far.send(TextMessage("last"), CloseConnection(4001, "enough"))
        await far.next()

    async with far_end(script) as url, open_websocket(url) as socket:
        assert await socket.receive() == "last"
        with pytest.raises(WebSocketClosedError) as caught:
            await socket.receive()
        with pytest.raises(WebSocketClosedError):
            await socket.send("too late")

    assert (caught.value.close_code, caught.value.reason) == (4001, "enough")


async def test_an_iteration_ends_with_a_normal_goodbye_and_fails_with_any_other() -> None:
    async def script(far: Far) -> None:
        await far.accept()
        code = 1000 if "ok" in far.request.target else 1011
        await far.send(TextMessage("a"), CloseConnection(code))
        await far.next()

    async with far_end(script) as url:
        async with open_websocket(url + "&ok=1") as socket:
            assert [message async for message in socket] == ["a"]
        async with open_websocket(url) as socket:
            with pytest.raises(WebSocketClosedError):
                assert [message async for message in socket] == []


async def test_a_cut_connection_is_told_as_1006() -> None:
    async def script(far: Far) -> None:
        await far.accept()

    async with far_end(script) as url, open_websocket(url) as socket:
        with pytest.raises(WebSocketClosedError) as caught:
            await socket.receive()

    assert caught.value.close_code == 1006


async def test_pings_are_answered_while_the_program_does_something_else() -> None:
    answered = anyio.Event()

    async def script(far: Far) -> None:
        await far.accept()
        await far.send(Ping(b"there?"))
        event = await far.next()
        if isinstance(event, Pong) and bytes(event.payload) == b"there?":
            answered.set()

    async with far_end(script) as url, open_websocket(url):
        await answered.wait()


async def test_a_far_end_that_answers_no_ping_is_given_up() -> None:
    async def script(far: Far) -> None:
        await far.accept()
        await anyio.sleep_forever()

    async with far_end(script) as url, open_websocket(url, terms=SocketTerms(ping_seconds=0.03)) as socket:
        with pytest.raises(WebSocketClosedError, match="pings") as caught:
            await socket.receive()

    assert caught.value.close_code == 1006


async def test_a_far_end_that_does_not_read_loses_the_socket() -> None:
    async def script(far: Far) -> None:
        await far.accept()
        await anyio.sleep_forever()

    terms = SocketTerms(send_seconds=0.05, close_seconds=0.05)
    async with far_end(script) as url, open_websocket(url, terms=terms) as socket:
        with pytest.raises(WebSocketClosedError) as caught:
            await _send_for_ever(socket)

    assert caught.value.close_code == 1006


async def _send_for_ever(socket: WebSocketClient) -> None:
    while True:
        await socket.send(b"x" * 1_000_000)


async def test_leaving_says_goodbye_and_waits_for_the_answer() -> None:
    said: list[int] = []

    async def script(far: Far) -> None:
        await far.accept()
        event = await far.next()
        if isinstance(event, CloseConnection):
            said.append(event.code)
            await far.send(event.response())

    async with far_end(script) as url, open_websocket(url) as socket:
        pass

    assert said == [1000]
    assert socket.closed is not None


async def test_an_error_of_the_program_leaves_the_socket_as_it_is() -> None:
    async with far_end(echo) as url:
        with pytest.raises(KeyError, match="mine"):
            async with open_websocket(url):
                raise KeyError("mine")

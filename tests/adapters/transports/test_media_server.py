"""Media streams on real sockets: who gets in, what is heard, and how each kind of bad input ends."""

import json

import anyio
import pytest
from support.media_stage import FRAME, PATH, MediaStage, closing, masked, media, start, upgrade

from voice_adapters.transports.websocket_client import open_websocket
from voice_adapters.transports.websocket_errors import WebSocketRefusedError
from voice_adapters.transports.websocket_terms import SocketTerms
from voice_domain.inputs import KeysPressed
from voice_domain.ports.event_store import StoreError

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.real_time,
    pytest.mark.asyncio_only("uvicorn runs on asyncio"),
]


async def test_frames_marks_and_keys_reach_the_call_and_its_speech_the_carrier() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    async with stage.running(), stage.carrier(call_id) as carrier:
        await carrier.send(start("leg"))
        await stage.switch.until(lambda: call_id in stage.switch.ears)
        ear = stage.switch.ear(call_id)
        await carrier.send(media())
        await carrier.send(json.dumps({"event": "keys", "digits": "1#"}))
        ear.link.send_frame(FRAME)
        ear.link.send_mark("m")
        ear.link.clear()
        said = [json.loads(await carrier.receive()) for _ in range(3)]
        await carrier.send(json.dumps({"event": "mark", "name": "m"}))
        await stage.switch.until(lambda: ear.marks and stage.switch.told)

        assert ear.frames == [FRAME]
        assert ear.marks == ["m"]
        assert [each["event"] for each in said] == ["media", "mark", "clear"]
        assert said[0] == json.loads(media())
        news = stage.switch.told[0].news
        assert isinstance(news, KeysPressed)
        assert news.digits == "1#"
        assert stage.switch.told[0].call_id == call_id


async def test_audio_of_any_length_is_heard_in_frames_of_twenty_milliseconds() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    sound = bytes(range(250)) * 3
    async with stage.running(), stage.carrier(call_id) as carrier:
        await carrier.send(start("leg"))
        for piece in (sound[:100], sound[100:700], sound[700:]):
            await carrier.send(media(piece))
        await stage.switch.until(
            lambda: len(stage.switch.ears.get(call_id, ())) and len(stage.switch.ear(call_id).frames) == 4
        )

        assert b"".join(stage.switch.ear(call_id).frames) == sound[:640]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        PATH,
        f"{PATH}/",
        f"{PATH}/a/b",
        "/voice/streams/abc",
        "/rpc",
        f"{PATH}x/abc",
        "/voice%2fstream/abc",
    ],
)
async def test_every_other_path_is_not_found(path: str) -> None:
    stage = MediaStage()
    async with stage.running():
        with pytest.raises(WebSocketRefusedError) as caught:
            async with open_websocket(f"ws://127.0.0.1:{stage.port}{path}"):
                pass

    assert caught.value.http_status == 404


async def test_a_token_that_is_made_up_or_used_is_refused_at_the_handshake() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    async with stage.running():
        url = stage.url(call_id)
        async with open_websocket(url):
            pass
        for bad in (url, f"ws://127.0.0.1:{stage.port}{PATH}/made-up"):
            with pytest.raises(WebSocketRefusedError) as caught:
                async with open_websocket(bad):
                    pass
            assert caught.value.http_status == 401
            assert b"token" in caught.value.body

    assert stage.engine.counts["refused 401"] == 2


async def test_a_query_does_not_spoil_a_token() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    async with stage.running(), open_websocket(stage.url(call_id) + "?a=b") as carrier:
        await carrier.send(start("leg"))
        await stage.switch.until(lambda: call_id in stage.switch.ears)


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        ({"connections": 1}, 503),
        ({"pending": 1}, 503),
        ({"pending_per_address": 1}, 429),
    ],
)
async def test_what_is_beyond_a_cap_is_told_to_come_back_and_keeps_its_token(
    limits: dict[str, int], status: int
) -> None:
    stage = MediaStage(**limits)
    call_id = stage.switch.place("leg")
    async with stage.running():
        url = stage.url(call_id)
        async with stage.carrier(call_id) as first:
            with pytest.raises(WebSocketRefusedError) as caught:
                async with open_websocket(url):
                    pass
            assert first.closed is None
        async with open_websocket(url):
            pass

    assert caught.value.http_status == status


async def test_a_stream_that_has_begun_is_pending_no_more() -> None:
    stage = MediaStage(pending=1, pending_per_address=1)
    one, two = stage.switch.place("leg-1"), stage.switch.place("leg-2")
    async with stage.running(), stage.carrier(one) as first:
        await first.send(start("leg-1"))
        await stage.switch.until(lambda: one in stage.switch.ears)
        async with stage.carrier(two):
            assert (stage.engine.streams, stage.engine.pending) == (2, 1)


async def test_a_stream_without_a_start_is_closed_and_leaves_its_place() -> None:
    stage = MediaStage(start_seconds=0.05)
    call_id = stage.switch.place("leg")
    async with stage.running():
        async with stage.carrier(call_id) as carrier:
            closed = await closing(carrier)
        assert (closed.close_code, closed.reason) == (1008, "Start timeout")
        assert stage.engine.pending == 0
        assert stage.switch.ears == {}


async def test_a_stream_with_a_start_outlives_the_time_for_it() -> None:
    stage = MediaStage(start_seconds=0.05, keep_alive_seconds=0.03, silent_times=1_000)
    call_id = stage.switch.place("leg")
    async with stage.running(), stage.carrier(call_id) as carrier:
        await carrier.send(start("leg"))
        with anyio.move_on_after(0.2):
            await carrier.receive()

        assert carrier.closed is None


@pytest.mark.parametrize("named", ["another", "unknown", ""])
async def test_a_start_that_names_another_call_is_a_violation(named: str) -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    stage.switch.place("another")
    async with stage.running(), stage.carrier(call_id) as carrier:
        await carrier.send(start(named))
        closed = await closing(carrier)

        assert (closed.close_code, closed.reason) == (1008, "Wrong call")
        assert stage.switch.ears == {}


async def test_a_start_for_a_call_that_is_gone_is_a_violation() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    async with stage.running(), stage.carrier(call_id) as carrier:
        stage.switch.calls.clear()
        await carrier.send(start("leg"))

        assert (await closing(carrier)).close_code == 1008


async def test_a_second_start_is_a_violation_and_ends_the_stream_once() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    async with stage.running(), stage.carrier(call_id) as carrier:
        await carrier.send(start("leg"))
        await carrier.send(start("leg"))
        closed = await closing(carrier)

        assert (closed.close_code, closed.reason) == (1008, "Duplicate start")
        assert stage.switch.ear(call_id).closed == 1
    assert stage.switch.ear(call_id).closed == 1


async def test_sound_before_the_start_is_dropped_and_counted() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    async with stage.running(), stage.carrier(call_id) as carrier:
        await carrier.send(media(b"\x01" * 160))
        await carrier.send(start("leg"))
        await carrier.send(media())
        await stage.switch.until(lambda: call_id in stage.switch.ears and stage.switch.ear(call_id).frames)

        assert stage.switch.ear(call_id).frames == [FRAME]
        assert stage.engine.counts["frame before start"] == 1


async def test_messages_that_make_no_sense_are_dropped_until_they_are_too_many() -> None:
    stage = MediaStage(bad_messages=5)
    call_id = stage.switch.place("leg")
    bad: list[str | bytes] = [b"\x00\x01", "{", "[]", '{"event": "media", "payload": "%%%"}', "\u00e9"]
    async with stage.running(), stage.carrier(call_id) as carrier:
        await carrier.send(start("leg"))
        for message in bad:
            await carrier.send(message)
        await carrier.send(media())
        await stage.switch.until(lambda: call_id in stage.switch.ears and stage.switch.ear(call_id).frames)
        assert stage.engine.counts["bad message"] == 5

        await carrier.send("[]")
        closed = await closing(carrier)

    assert (closed.close_code, closed.reason) == (1008, "Too many bad messages")
    assert stage.switch.ear(call_id).closed == 1


async def test_events_that_nobody_knows_change_nothing() -> None:
    stage = MediaStage(bad_messages=0)
    call_id = stage.switch.place("leg")
    async with stage.running(), stage.carrier(call_id) as carrier:
        await carrier.send('{"event": "weather"}')
        await carrier.send(start("leg"))
        await stage.switch.until(lambda: call_id in stage.switch.ears)


async def test_a_message_beyond_64_kib_closes_with_1009() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    async with stage.running(), stage.carrier(call_id) as carrier:
        await carrier.send(start("leg"))
        await carrier.send("x" * (64 * 1024 + 1))

        assert (await closing(carrier)).close_code == 1009
        assert stage.switch.ear(call_id).closed == 1


async def test_a_message_in_fragments_is_read_as_one() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    first, rest = start("leg").encode()[:9], start("leg").encode()[9:]
    async with stage.running(), await stage.raw(call_id) as carrier:
        await carrier.send(masked(0x01, first))
        await carrier.send(masked(0x89, b"in between"))
        await carrier.send(masked(0x80, rest))
        await stage.switch.until(lambda: call_id in stage.switch.ears)

        assert await carrier.receive() == b"\x8a\x0ain between"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (b"\x81\x02{}", 1002),
        (masked(0x83, b""), 1002),
        (masked(0xC1, b"{}"), 1002),
        (masked(0x81, b"\xff\xfe"), 1007),
        (masked(0x80, b"tail"), 1002),
    ],
    ids=["not masked", "reserved opcode", "reserved bit", "not utf-8", "no beginning"],
)
async def test_what_breaks_the_protocol_closes_the_stream(wrong: bytes, code: int) -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    async with stage.running(), await stage.raw(call_id) as carrier:
        await carrier.send(masked(0x81, start("leg").encode()))
        await carrier.send(wrong)
        goodbye = await carrier.receive()

        assert goodbye[0] == 0x88
        assert int.from_bytes(goodbye[2:4], "big") == code
        assert stage.switch.ear(call_id).closed == 1


async def test_a_handshake_that_is_none_is_refused() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    async with stage.running():
        path = stage.url(call_id).removeprefix(f"ws://127.0.0.1:{stage.port}")
        for request in (
            upgrade(path).replace(b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 12"),
            upgrade(path).replace(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b""),
        ):
            async with await anyio.connect_tcp("127.0.0.1", stage.port) as wire:
                await wire.send(request)
                assert (await wire.receive()).startswith((b"HTTP/1.1 426", b"HTTP/1.1 400"))

    assert stage.engine.streams == 0
    assert len(stage.tokens) == 1


async def test_a_newer_stream_of_the_call_takes_over_and_the_older_is_closed() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    async with stage.running(), stage.carrier(call_id) as older:
        await older.send(start("leg"))
        await stage.switch.until(lambda: call_id in stage.switch.ears)
        async with stage.carrier(call_id) as newer:
            await newer.send(start("leg"))
            closed = await closing(older)
            await newer.send(media())
            first, second = stage.switch.ears[call_id]
            await stage.switch.until(lambda: second.frames)

            assert (closed.close_code, closed.reason) == (1008, "Replaced by a newer stream")
            assert first.closed == 0
            assert (first.frames, second.frames) == ([], [FRAME])


async def test_an_older_stream_that_comes_late_does_not_take_over() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    async with stage.running(), stage.carrier(call_id) as older, stage.carrier(call_id) as newer:
        await newer.send(start("leg"))
        await stage.switch.until(lambda: call_id in stage.switch.ears)
        await older.send(start("leg"))

        assert (await closing(older)).close_code == 1008
        assert len(stage.switch.ears[call_id]) == 1
        assert newer.closed is None


async def test_a_stream_that_the_carrier_ends_ends_once() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    async with stage.running():
        async with stage.carrier(call_id) as carrier:
            await carrier.send(start("leg"))
            await carrier.send('{"event": "stop"}')
            assert (await closing(carrier)).close_code == 1000
        async with stage.carrier(call_id) as carrier:
            await carrier.send(start("leg"))
            await stage.switch.until(lambda: len(stage.switch.ears[call_id]) == 2)
        await stage.switch.until(lambda: stage.switch.ear(call_id).closed)

    assert [ear.closed for ear in stage.switch.ears[call_id]] == [1, 1]
    assert stage.engine.streams == 0


async def test_a_connection_that_is_cut_is_told_to_the_call() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    async with stage.running():
        carrier = await stage.raw(call_id)
        await carrier.send(masked(0x81, start("leg").encode()))
        await stage.switch.until(lambda: call_id in stage.switch.ears)
        await carrier.aclose()
        await stage.switch.until(lambda: stage.switch.ear(call_id).closed)

        assert stage.engine.streams == 0


async def test_a_link_that_the_call_closes_is_not_told_to_it() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    async with stage.running(), stage.carrier(call_id) as carrier:
        await carrier.send(start("leg"))
        await stage.switch.until(lambda: call_id in stage.switch.ears)
        ear = stage.switch.ear(call_id)
        ear.link.close()
        ear.link.close()
        ear.link.send_frame(FRAME)

        assert (await closing(carrier)).close_code == 1000
        assert ear.closed == 0


async def test_a_far_end_that_is_silent_is_pinged_and_then_cut() -> None:
    stage = MediaStage(keep_alive_seconds=0.03)
    call_id = stage.switch.place("leg")
    async with stage.running(), await stage.raw(call_id) as carrier:
        await carrier.send(masked(0x81, start("leg").encode()))
        assert await carrier.receive() == b"\x89\x00"
        await stage.switch.until(lambda: stage.switch.ear(call_id).closed)

        assert stage.engine.streams == 0


async def test_a_far_end_that_sends_again_is_pinged_anew_and_not_cut() -> None:
    stage = MediaStage(keep_alive_seconds=0.03, silent_times=1_000)
    call_id = stage.switch.place("leg")
    async with stage.running(), await stage.raw(call_id) as carrier:
        await carrier.send(masked(0x81, start("leg").encode()))
        assert await carrier.receive() == b"\x89\x00"
        await stage.switch.until(lambda: call_id in stage.switch.ears)
        link = stage.switch.ear(call_id).link
        before = link.silent_seconds
        await carrier.send(masked(0x81, media().encode()))
        await stage.switch.until(lambda: link.silent_seconds < before)

        assert before >= 0.03
        assert stage.engine.streams == 1


async def test_a_far_end_that_does_not_read_loses_the_stream_and_not_our_memory() -> None:
    stage = MediaStage(send_buffer_bytes=200_000)
    call_id = stage.switch.place("leg")
    async with stage.running(), await stage.raw(call_id) as carrier:
        await carrier.send(masked(0x81, start("leg").encode()))
        await stage.switch.until(lambda: call_id in stage.switch.ears)
        ear = stage.switch.ear(call_id)
        sent = 0
        while not ear.closed and sent < 200_000:
            ear.link.send_frame(FRAME)
            sent += 1

        assert ear.closed == 1
        assert stage.engine.counts["send buffer full"] == 1


async def test_clearing_drops_what_waits_for_a_slow_far_end() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    roomy = SocketTerms(queue=10_000)
    async with stage.running(), open_websocket(stage.url(call_id), terms=roomy) as carrier:
        await carrier.send(start("leg"))
        await stage.switch.until(lambda: call_id in stage.switch.ears)
        ear = stage.switch.ear(call_id)
        # The loop does not run meanwhile, so the far end cannot read: the operating system's buffers fill up.
        for _ in range(4_000):
            ear.link.send_frame(FRAME)
        ear.link.send_mark("kept")
        ear.link.clear()
        heard: list[str] = []
        while not heard or heard[-1] != "clear":
            heard.append(json.loads(await carrier.receive())["event"])

        assert heard[-2:] == ["mark", "clear"]
        assert 0 < heard.count("media") < 4_000


async def test_a_server_that_stops_says_so_and_tells_the_call() -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    async with stage.running(), stage.carrier(call_id) as carrier:
        await carrier.send(start("leg"))
        await stage.switch.until(lambda: call_id in stage.switch.ears)
        stage.stopping.set()
        closed = await closing(carrier)

        assert closed.close_code == 1012
        assert stage.switch.ear(call_id).closed == 1


async def test_a_key_is_told_again_until_it_is_kept() -> None:
    stage = MediaStage()
    stage.switch.failures = [StoreError("disk full")]
    call_id = stage.switch.place("leg")
    async with stage.running(), stage.carrier(call_id) as carrier:
        await carrier.send(start("leg"))
        for digit in "12":
            await carrier.send(json.dumps({"event": "keys", "digits": digit}))
        await stage.switch.until(lambda: len(stage.switch.told) == 2)

    assert [signal.news.digits for signal in stage.switch.told if isinstance(signal.news, KeysPressed)] == [
        "1",
        "2",
    ]


async def test_no_token_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    stage = MediaStage()
    call_id = stage.switch.place("leg")
    with caplog.at_level("DEBUG"):
        async with stage.running():
            url = stage.url(call_id)
            async with open_websocket(url) as carrier:
                await carrier.send(start("another"))
                await closing(carrier)
            with pytest.raises(WebSocketRefusedError) as caught:
                async with open_websocket(url):
                    pass

    token = url.rpartition("/")[2]
    assert caplog.text
    assert token not in caplog.text
    assert token not in str(caught.value)

"""Audio streams: the wire words, exact pacing, the queue and its checkpoints, and broken sockets."""

import itertools
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx
import numpy as np
import pytest
from support.twin_host import Host, MediaEnd

from voice_contracts.twins.callee import Callee, Cue, Press, Say, interrupt
from voice_contracts.twins.faults import MediaFault
from voice_contracts.twins.plivo.twin import PlivoTwin
from voice_contracts.twins.sockets import SocketClosedError
from voice_contracts.twins.sound import FRAME_BYTES, SILENCE, from_mulaw, hum

Order = Callable[..., Awaitable[str]]
Callees = dict[str, Callee]
SOCKET = "wss://voice.example.com/s/token"
TOLD = 'statusCallbackUrl="https://voice.example.com/stream"'
MULAW = "audio/x-mulaw;rate=8000"


def _doc(
    after: str = "<Speak>After</Speak>",
    *,
    kind: str = MULAW,
    ways: str = 'bidirectional="true" keepCallAlive="true"',
) -> str:
    stream = f'<Stream {ways} {TOLD} contentType="{kind}" extraHeaders="callId=c-1,flow=x">{SOCKET}</Stream>'
    return f"<Response>{stream}{after}</Response>"


async def _connected(
    order: Order, host: Host, document: str | None = None
) -> tuple[str, MediaEnd, dict[str, Any]]:
    host.documents["/answer"] = document or _doc()
    name = await order()
    end = await host.stream()
    return name, end, await end.next()


def _audio(end: MediaEnd, track: str = "inbound") -> bytes:
    return b"".join(
        b64decode(message["media"]["payload"])
        for message in end.messages
        if message["event"] == "media" and message["media"]["track"] == track
    )


async def _play(end: MediaEnd, audio: bytes, checkpoint: str = "", stream_id: str = "") -> None:
    payload = b64encode(audio).decode()
    await end.send(
        event="playAudio", media={"contentType": "audio/x-mulaw", "sampleRate": 8000, "payload": payload}
    )
    if checkpoint:
        await end.send(event="checkpoint", streamId=stream_id, name=checkpoint)


async def test_a_stream_begins_as_documented(twin: PlivoTwin, order: Order, host: Host) -> None:
    name, end, start = await _connected(order, host)
    media = await end.next()

    stream_id = start["start"]["streamId"]
    assert end.url == SOCKET
    assert start == {
        "sequenceNumber": 0,
        "event": "start",
        "start": {
            "callId": twin.leg(name).leg_id,
            "streamId": stream_id,
            "accountId": "12345678",
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000},
        },
        "extra_headers": '{"callId":"c-1","flow":"x"}',
    }
    assert media == {
        "sequenceNumber": 1,
        "streamId": stream_id,
        "event": "media",
        "media": {
            "track": "inbound",
            "timestamp": media["media"]["timestamp"],
            "chunk": 1,
            "payload": b64encode(SILENCE).decode(),
        },
        "extra_headers": "",
    }
    assert media["media"]["timestamp"].isdecimal()


async def test_frames_come_every_20_ms_on_an_absolute_clock(
    twin: PlivoTwin, order: Order, host: Host
) -> None:
    _, end, _ = await _connected(order, host)
    moments = []
    for _ in range(250):
        media = await end.next("media")
        moments.append(anyio.current_time())
        assert len(b64decode(media["media"]["payload"])) == FRAME_BYTES

    assert moments[-1] - moments[0] == pytest.approx(249 * 0.02)
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert max(gaps) == pytest.approx(0.02, abs=1e-6)


@pytest.mark.parametrize("rate_hz", [8000, 16000])
async def test_linear_audio_goes_both_ways(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees, rate_hz: int
) -> None:
    callees["*"] = Callee((Say("Hello from afar", 200, Cue.BEFORE),))
    name, end, _ = await _connected(order, host, _doc(kind=f"audio/x-l16;rate={rate_hz}"))
    spoken = from_mulaw(hum("one second"))
    payload = b64encode(np.repeat(spoken, rate_hz // 8000).astype("<i2").tobytes()).decode()
    media = {"contentType": "audio/x-l16", "sampleRate": rate_hz, "payload": payload}

    await end.send(event="playAudio", media=media)
    for _ in range(100):
        await end.next("media")

    heard = np.frombuffer(_audio(end), dtype="<i2")[:: rate_hz // 8000]
    assert from_mulaw(hum("Hello from afar")).tobytes() in heard.astype(np.int16).tobytes()
    assert np.array_equal(from_mulaw(twin.ear(name).audio()), spoken)


async def test_keys_arrive_and_are_pressed_while_the_stream_goes_on(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((Press("5#", 200, Cue.BEFORE),))
    name, end, _ = await _connected(order, host)

    pressed = [(await end.next("dtmf"))["dtmf"]["digit"] for _ in range(2)]
    await end.send(event="sendDTMF", dtmf="12")
    for _ in range(60):
        await end.next("media")
    await _play(end, hum("More"))
    for _ in range(60):
        await end.next("media")

    assert pressed == ["5", "#"]
    assert twin.ear(name).digits == "12"
    assert twin.ear(name).audio() == hum("More")


async def test_a_checkpoint_comes_back_when_everything_before_it_was_heard(
    twin: PlivoTwin, order: Order, host: Host
) -> None:
    name, end, start = await _connected(order, host)
    await end.next("media")
    stream_id, began = start["start"]["streamId"], anyio.current_time()
    await _play(end, hum("one second or so")[:8000], "m-1", stream_id)
    await _play(end, hum("and some more")[:1000], "m-2", stream_id)

    first = await end.next("playedStream")
    first_at = anyio.current_time()
    second = await end.next("playedStream")

    assert (first["name"], second["name"], first["streamId"]) == ("m-1", "m-2", stream_id)
    assert first_at - began == pytest.approx(1.02, abs=0.021)
    assert anyio.current_time() - first_at == pytest.approx(0.14, abs=1e-6)
    assert twin.ear(name).audio() == hum("one second or so")[:8000] + hum("and some more")[:1000]


async def test_clearing_empties_the_queue_and_checkpoints_that_were_not_reached_are_never_told(
    twin: PlivoTwin, order: Order, host: Host
) -> None:
    name, end, start = await _connected(order, host)
    stream_id = start["start"]["streamId"]
    await _play(end, hum("a very long sentence that goes on and on"), "m-1", stream_id)
    for _ in range(10):
        await end.next("media")
    began = anyio.current_time()

    await end.send(event="clearAudio", streamId=stream_id)
    cleared = await end.next("clearedAudio")

    assert (cleared["streamId"], anyio.current_time()) == (stream_id, began)
    heard = len(twin.ear(name).audio())
    await end.send(event="checkpoint", streamId=stream_id, name="m-2")
    assert (await end.next("playedStream"))["name"] == "m-2"
    for _ in range(10):
        await end.next("media")
    assert len(twin.ear(name).audio()) == heard <= 11 * FRAME_BYTES
    assert [one["name"] for one in end.messages if one["event"] == "playedStream"] == ["m-2"]


async def test_a_callee_interrupts_so_long_after_our_first_sound(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((interrupt("Wait!", 500),))
    _, end, _ = await _connected(order, host)
    await end.next("media")
    began = anyio.current_time()
    await _play(end, hum("I would like to tell you everything"))

    while hum("Wait!")[:FRAME_BYTES] not in _audio(end):
        await end.next("media")

    assert anyio.current_time() - began == pytest.approx(0.5, abs=0.041)


async def test_when_we_close_the_document_goes_on(twin: PlivoTwin, order: Order, host: Host) -> None:
    name, end, start = await _connected(order, host)

    await end.socket.close()
    await twin.ended(name)
    await anyio.sleep(1)

    assert twin.ear(name).texts == ("After",)
    told = host.at("stream")
    assert [one["Event"] for one in told] == ["StartStream", "StopStream"]
    assert told[0]["StreamID"] == start["start"]["streamId"]
    assert set(told[0]) == {"CallUUID", "From", "To", "StreamID", "ServiceURL", "Event", "Timestamp"}
    assert twin.ledger.violations == []


async def test_when_the_call_ends_the_socket_closes_without_a_word(
    twin: PlivoTwin, order: Order, host: Host, api: httpx.AsyncClient
) -> None:
    name, end, _ = await _connected(order, host)
    await end.next("media")
    await api.delete(f"/Call/{twin.leg(name).leg_id}/")

    assert await end.drain() == 1000
    await anyio.sleep(1)
    assert end.messages[-1]["event"] == "media"
    assert host.at("stream")[-1]["Event"] == "StopStream"


async def test_a_transfer_ends_the_stream_of_the_document(
    twin: PlivoTwin, order: Order, host: Host, api: httpx.AsyncClient
) -> None:
    host.documents["/new"] = "<Response><Speak>New</Speak></Response>"
    name, end, _ = await _connected(order, host)

    await api.post(f"/Call/{twin.leg(name).leg_id}/", json={"aleg_url": host.url("new")})

    assert await end.drain() == 1000
    await twin.ended(name)
    assert twin.ear(name).texts == ("New",)


async def test_a_stream_that_does_not_keep_the_call_alive_runs_beside_the_document(
    twin: PlivoTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((Say("Their words"),))
    document = _doc('<Wait/><Speak>Our words</Speak><Wait length="3"/>', ways='audioTrack="both"')
    name, end, _ = await _connected(order, host, document)

    assert await end.drain() == 1000

    assert hum("Our words") in _audio(end, "outbound")
    assert hum("Their words") in _audio(end)
    assert twin.leg(name).state == "completed"


async def test_a_lone_stream_that_does_not_keep_the_call_alive_ends_it(
    twin: PlivoTwin, order: Order, host: Host
) -> None:
    host.documents["/answer"] = _doc("", ways='bidirectional="true"')

    record = await twin.ended(await order())

    assert record.ended_ms == record.answered_ms


async def test_a_call_has_one_stream(twin: PlivoTwin, order: Order, host: Host) -> None:
    one = _doc("", ways="").removeprefix("<Response>").removesuffix("</Response>")
    host.documents["/answer"] = f"<Response>{one}{one}</Response>"

    await twin.ended(await order())

    assert [violation.text for violation in twin.ledger.violations] == ["a call has one Stream"]


async def test_the_api_begins_and_ends_a_stream(
    twin: PlivoTwin, order: Order, host: Host, api: httpx.AsyncClient
) -> None:
    host.documents["/answer"] = '<Response><Wait length="60"/></Response>'
    name = (await twin.answered(await order())).leg_id
    ordered = {
        "service_url": SOCKET,
        "bidirectional": True,
        "audio_track": "inbound",
        "status_callback_url": host.url("stream"),
        "content_type": MULAW,
    }

    begun = await api.post(f"/Call/{name}/Stream/", json=ordered)
    second = await api.post(f"/Call/{name}/Stream/", json=ordered)
    end = await host.stream()
    start = await end.next("start")
    ended = await api.delete(f"/Call/{name}/Stream/")

    assert await end.drain() == 1000
    assert [begun.status_code, second.status_code, ended.status_code] == [202, 400, 204]
    assert start["start"]["streamId"] == begun.json()["stream_id"]
    assert twin.leg(name).state == "in-progress"


async def test_a_stream_ends_at_its_limit(twin: PlivoTwin, order: Order, host: Host) -> None:
    document = _doc(ways='bidirectional="true" keepCallAlive="true" streamTimeout="5"')
    name, end, _ = await _connected(order, host, document)
    began = anyio.current_time()

    assert await end.drain() == 1000

    assert anyio.current_time() - began == pytest.approx(5)
    await twin.ended(name)
    assert twin.ear(name).texts == ("After",)


@pytest.mark.parametrize(
    "message",
    [
        "no json",
        '{"event":"playAudio"}',
        '{"event":"playAudio","media":{"contentType":"audio/x-mulaw;rate=8000","sampleRate":8000,"payload":"/w=="}}',
        '{"event":"playAudio","media":{"contentType":"audio/x-mulaw","sampleRate":16000,"payload":"/w=="}}',
        '{"event":"playAudio","media":{"contentType":"audio/x-mulaw","sampleRate":"8000","payload":"/w=="}}',
        '{"event":"playAudio","media":{"contentType":"audio/x-mulaw","sampleRate":8000,"payload":"?"}}',
        '{"event":"playAudio","media":{"contentType":"audio/x-l16","sampleRate":8000,"payload":"/w=="}}',
        '{"event":"checkpoint","name":"m-1"}',
        '{"event":"checkpoint","streamId":"SID"}',
        '{"event":"clearAudio","streamId":"other"}',
        '{"event":"sendDTMF"}',
        '{"event":"hangup","streamId":"SID"}',
        '{"event":"clearAudio","streamId":"SID","padding":"' + "x" * 65_536 + '"}',
    ],
)
async def test_a_message_against_the_protocol_is_noted(
    twin: PlivoTwin, order: Order, host: Host, message: str
) -> None:
    _, end, start = await _connected(order, host)

    await end.socket.send(message.replace("SID", start["start"]["streamId"]))
    await end.next("media")
    await end.next("media")

    assert [violation.code for violation in twin.ledger.violations] == [4]


async def test_more_than_40_seconds_cannot_wait(twin: PlivoTwin, order: Order, host: Host) -> None:
    _, end, _ = await _connected(order, host)

    for _ in range(11):
        await _play(end, SILENCE * 200)
    await end.next("media")
    await end.next("media")

    assert ["40 seconds" in violation.text for violation in twin.ledger.violations] == [True]


async def test_a_one_way_stream_takes_no_messages(twin: PlivoTwin, order: Order, host: Host) -> None:
    _, end, _ = await _connected(order, host, _doc('<Wait length="9"/>', ways=""))

    await _play(end, SILENCE)
    await end.next("media")
    await end.next("media")

    assert len(twin.ledger.violations) == 1


async def test_a_cut_socket_is_told_and_the_document_goes_on(
    twin: PlivoTwin, order: Order, host: Host
) -> None:
    twin.faults.break_media(MediaFault(cut_after_ms=1000))
    name, end, _ = await _connected(order, host)

    assert await end.drain() == 1006
    await twin.ended(name)
    await anyio.sleep(1)

    assert [one["Event"] for one in host.at("stream")] == ["StartStream", "DroppedStream"]
    assert [violation.code for violation in twin.ledger.violations] == [3]
    assert twin.ear(name).texts == ("After",)


async def test_a_half_closed_socket_stays_open_and_silent(twin: PlivoTwin, order: Order, host: Host) -> None:
    twin.faults.break_media(MediaFault(stall_after_ms=1000))
    _, end, _ = await _connected(order, host)

    with anyio.move_on_after(10) as patience:
        await end.drain()

    assert patience.cancelled_caught
    assert len(_audio(end)) <= 51 * FRAME_BYTES


async def test_a_refused_connection_is_tried_twice_more_with_a_new_signature_and_told(
    twin: PlivoTwin, order: Order, host: Host
) -> None:
    host.refuses_streams_with = 401
    host.documents["/answer"] = _doc()

    name = await order()
    await twin.ended(name)
    await anyio.sleep(1)

    assert twin.ear(name).texts == ("After",)
    assert [(one.code, "401" in one.text) for one in twin.ledger.violations] == [(2, True)]
    assert len({headers["x-plivo-signature-v3-nonce"] for headers in host.dialled}) == 3
    assert [one["Event"] for one in host.at("stream")] == ["DroppedStream"]


async def test_an_end_that_is_gone_takes_no_more_messages(twin: PlivoTwin, order: Order, host: Host) -> None:
    name, end, _ = await _connected(order, host)
    twin.hang_up(name)
    await end.drain()

    with pytest.raises(SocketClosedError):
        await _play(end, SILENCE)

"""Media streams: the wire words, exact pacing, the play buffer and its marks, and broken sockets."""

import itertools
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx
import pytest
from support.twin_host import Host, MediaEnd

from voice_contracts.twins.callee import Callee, Cue, Press, Say, interrupt
from voice_contracts.twins.faults import MediaFault
from voice_contracts.twins.sockets import SocketClosedError
from voice_contracts.twins.sound import FRAME_BYTES, SILENCE, hum
from voice_contracts.twins.twilio.signature import sign
from voice_contracts.twins.twilio.twin import TwilioTwin

Order = Callable[..., Awaitable[str]]
Callees = dict[str, Callee]
CONNECT = (
    '<Response><Connect><Stream url="wss://voice.example.com/s/token" name="live" '
    'statusCallback="/stream"><Parameter name="callId" value="c-1"/></Stream></Connect>'
    "<Say>After</Say></Response>"
)


async def _connected(twin: TwilioTwin, order: Order, host: Host) -> tuple[str, MediaEnd, dict[str, Any]]:
    host.documents["/answer"] = CONNECT
    sid = await order()
    end = await host.stream()
    assert await end.next() == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    return sid, end, await end.next()


def _audio(end: MediaEnd, track: str = "inbound") -> bytes:
    return b"".join(
        b64decode(message["media"]["payload"])
        for message in end.messages
        if message["event"] == "media" and message["media"]["track"] == track
    )


async def _play(end: MediaEnd, start: dict[str, Any], audio: bytes, mark: str = "") -> None:
    stream_sid = start["streamSid"]
    media = {"payload": b64encode(audio).decode()}
    await end.send(event="media", streamSid=stream_sid, media=media)
    if mark:
        await end.send(event="mark", streamSid=stream_sid, mark={"name": mark})


async def test_a_stream_begins_as_documented(
    twin: TwilioTwin, order: Order, host: Host, account: Any
) -> None:
    sid, end, start = await _connected(twin, order, host)
    media = await end.next()

    assert end.url == "wss://voice.example.com/s/token"
    assert end.headers["x-twilio-signature"] == sign(account.token, end.url)
    stream_sid = start["streamSid"]
    assert start == {
        "event": "start",
        "sequenceNumber": "1",
        "start": {
            "accountSid": account.sid,
            "streamSid": stream_sid,
            "callSid": sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"callId": "c-1"},
        },
        "streamSid": stream_sid,
    }
    assert media == {
        "event": "media",
        "sequenceNumber": "2",
        "media": {
            "track": "inbound",
            "chunk": "1",
            "timestamp": "20",
            "payload": b64encode(SILENCE).decode(),
        },
        "streamSid": stream_sid,
    }


async def test_frames_come_every_20_ms_on_an_absolute_clock(
    twin: TwilioTwin, order: Order, host: Host
) -> None:
    _, end, _ = await _connected(twin, order, host)
    moments = []
    for _ in range(500):
        media = await end.next("media")
        moments.append(anyio.current_time())
        assert len(b64decode(media["media"]["payload"])) == FRAME_BYTES

    assert moments[-1] - moments[0] == pytest.approx(499 * 0.02)
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert max(gaps) == pytest.approx(0.02, abs=1e-6)
    assert media["media"]["timestamp"] == "10000"


async def test_the_callees_speech_arrives_untouched(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((Say("Hello from afar", 200, Cue.BEFORE),))
    _, end, _ = await _connected(twin, order, host)

    for _ in range(100):
        await end.next("media")

    assert hum("Hello from afar") in _audio(end)


async def test_keys_arrive_as_dtmf(twin: TwilioTwin, order: Order, host: Host, callees: Callees) -> None:
    callees["*"] = Callee((Press("5#", 200, Cue.BEFORE),))
    _, end, _ = await _connected(twin, order, host)

    first, second = await end.next("dtmf"), await end.next("dtmf")

    assert first["dtmf"] == {"track": "inbound_track", "digit": "5"}
    assert second["dtmf"]["digit"] == "#"


async def test_a_mark_comes_back_when_everything_before_it_was_heard(
    twin: TwilioTwin, order: Order, host: Host
) -> None:
    sid, end, start = await _connected(twin, order, host)
    await end.next("media")
    began = anyio.current_time()
    await _play(end, start, hum("one second or so")[:8000], "m-1")
    await _play(end, start, hum("and some more")[:1000], "m-2")

    first = await end.next("mark")
    first_at = anyio.current_time()
    second = await end.next("mark")
    second_at = anyio.current_time()

    assert (first["mark"]["name"], second["mark"]["name"]) == ("m-1", "m-2")
    assert first_at - began == pytest.approx(1.02, abs=0.021)
    assert second_at - first_at == pytest.approx(0.14, abs=1e-6)
    assert twin.ear(sid).audio() == hum("one second or so")[:8000] + hum("and some more")[:1000]


async def test_a_mark_with_nothing_before_it_comes_back_at_once(
    twin: TwilioTwin, order: Order, host: Host
) -> None:
    _, end, start = await _connected(twin, order, host)
    await end.next("media")
    began = anyio.current_time()

    await end.send(event="mark", streamSid=start["streamSid"], mark={"name": "now"})
    await end.next("mark")

    assert anyio.current_time() == began


async def test_clear_empties_the_buffer_and_returns_every_mark_at_once(
    twin: TwilioTwin, order: Order, host: Host
) -> None:
    sid, end, start = await _connected(twin, order, host)
    await _play(end, start, hum("a very long sentence that goes on and on"), "m-1")
    await _play(end, start, hum("and never ends"), "m-2")
    for _ in range(10):
        await end.next("media")
    began = anyio.current_time()

    await end.send(event="clear", streamSid=start["streamSid"])
    names = [(await end.next("mark"))["mark"]["name"] for _ in range(2)]

    assert (names, anyio.current_time()) == (["m-1", "m-2"], began)
    heard = len(twin.ear(sid).audio())
    for _ in range(10):
        await end.next("media")
    assert len(twin.ear(sid).audio()) == heard
    assert heard <= 11 * FRAME_BYTES


async def test_a_callee_interrupts_so_long_after_our_first_sound(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((interrupt("Wait!", 500),))
    _, end, start = await _connected(twin, order, host)
    await end.next("media")
    began = anyio.current_time()
    await _play(end, start, hum("I would like to tell you everything"))

    while hum("Wait!")[:FRAME_BYTES] not in _audio(end):
        await end.next("media")

    assert anyio.current_time() - began == pytest.approx(0.5, abs=0.041)


async def test_when_we_close_the_document_goes_on(twin: TwilioTwin, order: Order, host: Host) -> None:
    sid, end, _ = await _connected(twin, order, host)

    await end.socket.close()
    await twin.ended(sid)
    await anyio.sleep(1)

    assert twin.ear(sid).texts == ("After",)
    told = host.at("stream")
    assert [one["StreamEvent"] for one in told] == ["stream-started", "stream-stopped"]
    assert told[0]["StreamName"] == "live"
    names = {"AccountSid", "CallSid", "StreamSid", "StreamName", "Timestamp", "StreamEvent"}
    assert [set(one) for one in told] == [names, names]  # of the call's state it says nothing
    assert twin.ledger.violations == []


async def test_when_the_call_ends_the_stream_says_stop(
    twin: TwilioTwin, order: Order, host: Host, api: httpx.AsyncClient
) -> None:
    sid, end, start = await _connected(twin, order, host)
    await api.post(f"/Calls/{sid}.json", data={"Status": "completed"})

    assert await end.drain() == 1000
    await anyio.sleep(1)
    stop = end.messages[-1]
    assert (stop["event"], stop["stop"]["callSid"], stop["streamSid"]) == ("stop", sid, start["streamSid"])
    assert host.at("stream")[-1]["StreamEvent"] == "stream-stopped"


async def test_an_update_replaces_the_stream(
    twin: TwilioTwin, order: Order, host: Host, api: httpx.AsyncClient
) -> None:
    sid, end, _ = await _connected(twin, order, host)

    await api.post(f"/Calls/{sid}.json", data={"Twiml": "<Response><Say>New</Say></Response>"})

    assert await end.drain() == 1000
    await twin.ended(sid)
    assert twin.ear(sid).texts == ("New",)


@pytest.mark.parametrize(
    "message",
    [
        "no json",
        '{"event":"media"}',
        '{"event":"media","streamSid":"MZother","media":{"payload":"/w=="}}',
        '{"event":"media","streamSid":"SID"}',
        '{"event":"media","streamSid":"SID","media":{"payload":"?"}}',
        '{"event":"mark","streamSid":"SID"}',
        '{"event":"hangup","streamSid":"SID"}',
    ],
)
async def test_a_message_against_the_protocol_is_noted(
    twin: TwilioTwin, order: Order, host: Host, message: str
) -> None:
    sid, end, start = await _connected(twin, order, host)

    await end.socket.send(message.replace("SID", start["streamSid"]))
    await end.next("media")
    await end.next("media")

    assert [(one.code, one.leg_id) for one in twin.ledger.violations] == [(31951, sid)]


async def test_a_cut_socket_is_an_error_and_the_document_goes_on(
    twin: TwilioTwin, order: Order, host: Host
) -> None:
    twin.faults.break_media(MediaFault(cut_after_ms=1000))
    sid, end, _ = await _connected(twin, order, host)

    assert await end.drain() == 1006
    await twin.ended(sid)
    await anyio.sleep(1)

    assert [one["StreamEvent"] for one in host.at("stream")] == ["stream-started", "stream-error"]
    assert [one.code for one in twin.ledger.violations] == [31921]
    assert twin.ear(sid).texts == ("After",)


async def test_a_half_closed_socket_stays_open_and_silent(twin: TwilioTwin, order: Order, host: Host) -> None:
    twin.faults.break_media(MediaFault(stall_after_ms=1000))
    _, end, start = await _connected(twin, order, host)

    with anyio.move_on_after(10) as patience:
        await end.drain()

    assert patience.cancelled_caught

    assert len(_audio(end)) <= 51 * FRAME_BYTES
    await _play(end, start, b"\xff", "lost")


async def test_a_refused_upgrade_is_an_error_and_the_document_goes_on(
    twin: TwilioTwin, order: Order, host: Host
) -> None:
    host.refuses_streams_with = 401
    host.documents["/answer"] = CONNECT

    sid = await order()
    await twin.ended(sid)
    await anyio.sleep(1)

    assert twin.ear(sid).texts == ("After",)
    assert [one.code for one in twin.ledger.violations] == [31920]
    assert host.at("stream")[0]["StreamEvent"] == "stream-error"


async def test_a_copy_carries_both_tracks_beside_the_document(
    twin: TwilioTwin, order: Order, host: Host, callees: Callees
) -> None:
    callees["*"] = Callee((Say("Their words"),))
    host.documents["/answer"] = (
        '<Response><Start><Stream name="f" url="/copy" track="both_tracks"/></Start>'
        '<Pause/><Say>Our words</Say><Pause length="3"/><Stop><Stream name="f"/></Stop><Pause length="5"/></Response>'
    )
    sid = await order()
    end = await host.stream()

    assert await end.drain() == 1000

    assert end.url == "wss://voice.example.com/copy"
    assert hum("Our words") in _audio(end, "outbound")
    assert hum("Their words") in _audio(end, "inbound")
    assert twin.ledger.leg(sid).state == "in-progress"


async def test_an_end_that_is_gone_takes_no_more_messages(twin: TwilioTwin, order: Order, host: Host) -> None:
    sid, end, start = await _connected(twin, order, host)
    twin.hang_up(sid)
    await end.drain()

    with pytest.raises(SocketClosedError):
        await _play(end, start, SILENCE)

"""The twin of OpenAI in virtual time: exact delays, the documented order of events, and every refusal."""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx
import msgspec
import numpy as np
import pytest

from voice_contracts.twins.faults import ApiFault, MediaFault
from voice_contracts.twins.openai.script import OpenAiScript, Transcript
from voice_contracts.twins.openai.twin import OpenAiTwin, openai_twin
from voice_contracts.twins.phrasebook import Phrasebook
from voice_contracts.twins.service import Pace
from voice_contracts.twins.sockets import Socket, SocketClosedError, SocketRefusedError
from voice_contracts.twins.sound import from_mulaw, hum, hum_samples, silence

URL = "wss://api.openai.com/v1/realtime?intent=transcription"
KEY = {"Authorization": "Bearer sk-twin"}
SPEECH = {"model": "gpt-4o-mini-tts", "input": "Hello", "voice": "coral", "response_format": "pcm"}
CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


def _client(twin: OpenAiTwin, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=twin.transport, base_url="https://api.openai.com/v1", headers=KEY | headers
    )


async def test_speech_comes_in_pieces_at_exact_times() -> None:
    script = OpenAiScript(speech=Pace(first_ms=350, each_ms=40))
    moments: list[float] = []
    body = b""
    async with (
        openai_twin(script) as twin,
        _client(twin) as client,
        client.stream("POST", "/audio/speech", json=SPEECH) as answer,
    ):
        async for piece in answer.aiter_raw():
            moments.append(round(anyio.current_time(), 6))
            body += piece

    assert moments == [0.35, 0.39, 0.43, 0.47]
    assert body == hum_samples("Hello", 24_000).astype("<i2").tobytes()


async def test_speech_can_be_cut_inside_a_sample() -> None:
    async with (
        openai_twin(OpenAiScript(cut_bytes=333)) as twin,
        _client(twin) as client,
        client.stream("POST", "/audio/speech", json=SPEECH) as answer,
    ):
        sizes = [len(piece) async for piece in answer.aiter_raw()]

    assert max(sizes) == 333
    assert any(size % 2 for size in sizes)


async def test_speech_can_come_as_events() -> None:
    async with openai_twin() as twin, _client(twin) as client:
        answer = await client.post("/audio/speech", json=SPEECH | {"stream_format": "sse"})

    told = [msgspec.json.decode(line[6:]) for line in answer.text.split("\n\n") if line]
    assert told[-1]["type"] == "speech.audio.done"
    audio = b"".join(b64decode(one["audio"]) for one in told[:-1])
    assert audio == hum_samples("Hello", 24_000).astype("<i2").tobytes()


@pytest.mark.parametrize(
    ("path", "body", "status", "param"),
    [
        ("/audio/speech", SPEECH | {"input": ""}, 400, "input"),
        ("/audio/speech", SPEECH | {"input": "x" * 4097}, 400, "input"),
        ("/audio/speech", SPEECH | {"voice": "bob"}, 400, "voice"),
        ("/audio/speech", SPEECH | {"speed": 5}, 400, "speed"),
        ("/audio/speech", SPEECH | {"model": ""}, 400, "model"),
        ("/audio/speech", SPEECH | {"model": "tts-1", "instructions": "x"}, 400, "instructions"),
        ("/audio/speech", SPEECH | {"model": "tts-1", "stream_format": "sse"}, 400, "stream_format"),
        ("/chat/completions", CHAT | {"messages": []}, 400, "messages"),
        ("/chat/completions", CHAT | {"messages": [{"role": "caller"}]}, 400, "messages"),
        ("/images", CHAT, 404, None),
    ],
)
async def test_a_request_that_is_not_allowed_is_refused(
    path: str, body: dict[str, Any], status: int, param: str | None
) -> None:
    async with openai_twin() as twin, _client(twin) as client:
        answer = await client.post(path, json=body)

    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)


async def test_a_wrong_key_and_a_gone_model_are_told_by_their_codes() -> None:
    async with openai_twin(OpenAiScript(models=frozenset({"m"}))) as twin:
        async with _client(twin, Authorization="Bearer wrong") as stranger:
            locked = await stranger.post("/chat/completions", json=CHAT)
        async with _client(twin) as client:
            gone = await client.post("/audio/speech", json=SPEECH)

    assert (locked.status_code, locked.json()["error"]["code"]) == (401, "invalid_api_key")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "model_not_found")


async def test_answers_come_token_by_token_at_exact_times() -> None:
    script = OpenAiScript(answers=("One two", "三四"), tokens=Pace(first_ms=200, each_ms=50))
    async with openai_twin(script) as twin, _client(twin) as client:
        moments = []
        async with client.stream("POST", "/chat/completions", json=CHAT | {"stream": True}) as answer:
            text = ""
            async for piece in answer.aiter_text():
                moments.append(round(anyio.current_time(), 6))
                text += piece
        second = await client.post("/chat/completions", json=CHAT)
        third = await client.post("/chat/completions", json=CHAT)

    assert moments == [0.2, 0.25, 0.3]
    assert text.endswith("data: [DONE]\n\n")
    chunks = [msgspec.json.decode(line[6:]) for line in text.split("\n\n")[:-2]]
    assert [chunk["choices"][0]["delta"].get("content") for chunk in chunks] == ["", "One", " two", None]
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert [one.json()["choices"][0]["message"]["content"] for one in (second, third)] == ["三四", "三四"]


async def test_usage_comes_last_when_it_is_asked_for() -> None:
    body = CHAT | {"stream": True, "stream_options": {"include_usage": True}}
    async with openai_twin() as twin, _client(twin) as client:
        lines = (await client.post("/chat/completions", json=body)).text.split("\n\n")

    last = msgspec.json.decode(lines[-3][6:])
    assert (last["choices"], last["usage"]["total_tokens"]) == ([], 2)


async def test_the_answer_can_be_a_function_of_the_conversation() -> None:
    script = OpenAiScript(answers=lambda messages: messages[-1]["content"][::-1])
    async with openai_twin(script) as twin, _client(twin) as client:
        answer = await client.post("/chat/completions", json=CHAT)

    assert answer.json()["choices"][0]["message"]["content"] == "iH"
    assert dict(twin.ledger.requests[0].fields)["model"] == "m"


async def test_a_stream_can_break_off_in_the_middle() -> None:
    async with openai_twin() as twin, _client(twin) as client:
        twin.faults.break_api(ApiFault(cut_after_pieces=2))
        pieces: list[bytes] = []
        with pytest.raises(httpx.ReadError):
            await _collect(client, pieces)

    assert [len(piece) for piece in pieces] == [4800, 4800]


async def test_requests_can_be_throttled_refused_and_left_hanging() -> None:
    async with openai_twin() as twin, _client(twin) as client:
        twin.faults.break_api(ApiFault(429, retry_after_seconds=1, code="rate_limit_exceeded"))
        twin.faults.break_api(ApiFault(429, code="insufficient_quota"))
        twin.faults.break_api(ApiFault(500))
        twin.faults.break_api(ApiFault(None))
        answers = [await client.post("/chat/completions", json=CHAT) for _ in range(3)]
        with pytest.raises(httpx.ReadTimeout):
            await client.post("/chat/completions", json=CHAT, timeout=3)

    assert [answer.status_code for answer in answers] == [429, 429, 500]
    assert [answer.json()["error"]["code"] for answer in answers] == [
        "rate_limit_exceeded",
        "insufficient_quota",
        None,
    ]
    assert answers[0].headers["retry-after"] == "1"


async def _collect(client: httpx.AsyncClient, pieces: list[bytes]) -> None:
    async with client.stream("POST", "/audio/speech", json=SPEECH) as answer:
        async for piece in answer.aiter_raw():
            pieces.append(piece)  # noqa: PERF401 - what came before a break must be kept


class Ear:
    """The client's end of a realtime session."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket

    async def say(self, kind: str, **members: Any) -> None:
        await self.socket.send(msgspec.json.encode({"type": kind, **members}).decode())

    async def update(self, **changes: Any) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "format": {"type": "audio/pcmu"},
            "transcription": {"model": "gpt-transcribe", "language": "en"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
        }
        session = {"type": "transcription", "audio": {"input": asked | changes}}
        await self.say("session.update", session=session)
        return await self.next()

    async def hear(self, audio: bytes) -> None:
        for start in range(0, len(audio), 160):
            payload = b64encode(audio[start : start + 160]).decode()
            await self.say("input_audio_buffer.append", audio=payload)

    async def next(self) -> dict[str, Any]:
        return msgspec.json.decode(await self.socket.receive())

    async def until(self, ending: str) -> list[dict[str, Any]]:
        events = [await self.next()]
        while not events[-1]["type"].endswith(ending):
            events.append(await self.next())
        return events


@asynccontextmanager
async def _session(twin: OpenAiTwin) -> AsyncIterator[Ear]:
    socket = await twin.dial(URL, KEY)
    ear = Ear(socket)
    assert (await ear.next())["type"] == "session.created"
    try:
        yield ear
    finally:
        await socket.close()


async def test_a_session_begins_and_is_configured_as_documented() -> None:
    async with openai_twin() as twin:
        socket = await twin.dial(URL, KEY)
        ear = Ear(socket)
        created = await ear.next()
        told = await ear.update(noise_reduction={"type": "near_field"})
        await socket.close()

    assert created["session"]["object"] == "realtime.transcription_session"
    assert created["session"]["audio"]["input"] == {
        "format": {"type": "audio/pcm", "rate": 24000},
        "transcription": None,
        "noise_reduction": None,
        "turn_detection": None,
    }
    assert created["session"]["expires_at"] > 0
    assert told["type"] == "session.updated"
    assert told["session"]["audio"]["input"] == {
        "format": {"type": "audio/pcmu"},
        "transcription": {"model": "gpt-transcribe", "language": "en", "prompt": ""},
        "noise_reduction": {"type": "near_field"},
        "turn_detection": {
            "type": "server_vad",
            "threshold": 0.5,
            "prefix_padding_ms": 300,
            "silence_duration_ms": 500,
        },
    }


async def test_a_turn_is_found_in_the_audio_and_transcribed_after_its_delay() -> None:
    script = OpenAiScript(transcripts=("Tomorrow at three.",), delta_ms=100, final_ms=250)
    async with openai_twin(script) as twin, _session(twin) as ear:
        await ear.update()
        voice = hum("Tomorrow at three.")
        await ear.hear(silence(1000) + voice + silence(600))
        events = await ear.until("committed")
        committed_at = anyio.current_time()
        events += await ear.until(".delta")
        first_delta_at = anyio.current_time()
        events += await ear.until(".completed")

    voiced_ms = len(voice) // 8
    assert [event["type"].rpartition(".")[2] for event in events] == [
        "speech_started",
        "speech_stopped",
        "committed",
        *["delta"] * 3,
        "completed",
    ]
    assert {event.get("item_id") for event in events} == {"item_0001"}
    assert events[0]["audio_start_ms"] == 700
    assert events[1]["audio_end_ms"] == 1000 + voiced_ms + 500
    assert events[2]["previous_item_id"] is None
    assert "".join(event["delta"] for event in events[3:6]) == "Tomorrow at three."
    assert events[6]["transcript"] == "Tomorrow at three."
    assert first_delta_at - committed_at == pytest.approx(0.1)
    assert anyio.current_time() - committed_at == pytest.approx(0.25)


async def test_turns_name_the_turn_before_them_and_may_fail() -> None:
    script = OpenAiScript(transcripts=(Transcript("", fails=True), "Second"))
    async with openai_twin(script) as twin, _session(twin) as ear:
        await ear.update()
        await ear.hear(hum("one") + silence(500))
        failed = await ear.until(".failed")
        await ear.hear(hum("two") + silence(500))
        done = await ear.until(".completed")

    assert failed[-1]["error"]["code"] == "audio_unintelligible"
    assert done[2]["previous_item_id"] == "item_0001"
    assert done[-1]["transcript"] == "Second"


async def test_a_phrasebook_understands_the_audio_itself() -> None:
    texts = ("Yes, please.", "No, thank you.", "你好，明天下午三点。")
    script = OpenAiScript(recognise=Phrasebook(texts).recognise)
    async with openai_twin(script) as twin, _session(twin) as ear:
        await ear.update()
        heard = []
        for text in reversed(texts):
            await ear.hear(silence(200) + hum(text) + silence(500))
            heard.append((await ear.until(".completed"))[-1]["transcript"])

    assert heard == [*reversed(texts)]


def test_a_phrasebook_hears_nothing_in_silence_and_nothing_it_does_not_know() -> None:
    book = Phrasebook(("Yes, please.",))

    assert book.recognise(from_mulaw(silence(500)), 8000) == ""
    assert book.recognise(hum_samples("an unknown text", 8000), 8000) == ""
    assert book.recognise(hum_samples("Yes, please.", 24_000), 24_000) == "Yes, please."


async def test_without_detection_the_client_ends_the_turns() -> None:
    async with openai_twin(OpenAiScript(transcripts=("By hand",))) as twin, _session(twin) as ear:
        await ear.update(turn_detection=None, format={"type": "audio/pcm", "rate": 24000})
        await ear.hear(np.zeros(1000, dtype="<i2").tobytes())
        await ear.say("input_audio_buffer.commit")
        (empty,) = await ear.until("error")
        await ear.hear(hum_samples("By hand", 24_000).astype("<i2").tobytes())
        await ear.say("input_audio_buffer.commit")
        done = await ear.until(".completed")

    assert empty["error"]["code"] == "input_audio_buffer_commit_empty"
    assert [event["type"].rpartition(".")[2] for event in done] == [
        "committed",
        "delta",
        "delta",
        "completed",
    ]
    assert len(twin.turns) == 1


async def test_a_cleared_buffer_is_forgotten() -> None:
    async with openai_twin() as twin, _session(twin) as ear:
        await ear.update(turn_detection=None)
        await ear.hear(hum("forget me"))
        await ear.say("input_audio_buffer.clear")
        assert (await ear.next())["type"] == "input_audio_buffer.cleared"
        await ear.say("input_audio_buffer.commit")
        (event,) = await ear.until("error")

    assert event["error"]["code"] == "input_audio_buffer_commit_empty"


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"format": {"type": "g711_ulaw"}}, "session.audio.input.format"),
        ({"format": {"type": "audio/pcm", "rate": 16000}}, "session.audio.input.format.rate"),
        ({"turn_detection": {"type": "none"}}, "session.audio.input.turn_detection"),
        ({"transcription": {"language": "en"}}, "session.audio.input.transcription"),
        ({"transcription": {"model": "gpt-live-transcribe"}}, "session.audio.input.turn_detection"),
    ],
)
async def test_settings_that_do_not_exist_are_errors_and_the_session_lives(
    changes: dict[str, Any], param: str
) -> None:
    async with openai_twin() as twin, _session(twin) as ear:
        event = await ear.update(**changes)
        told = await ear.update()

    assert (event["type"], event["error"]["param"]) == ("error", param)
    assert told["type"] == "session.updated"


@pytest.mark.parametrize(
    "message", ["{", '{"type":"transcription_session.update"}', '{"type":"input_audio_buffer.append"}']
)
async def test_messages_that_do_not_exist_are_errors(message: str) -> None:
    async with openai_twin() as twin, _session(twin) as ear:
        await ear.socket.send(message)

        assert (await ear.next())["type"] == "error"


@pytest.mark.parametrize(
    ("url", "headers", "status"),
    [
        (URL, {}, 401),
        (URL.replace("intent=transcription", "model=x"), KEY, 404),
        (URL, KEY | {"OpenAI-Beta": "realtime=v1"}, 400),
    ],
)
async def test_an_upgrade_of_the_wrong_kind_is_refused(
    url: str, headers: dict[str, str], status: int
) -> None:
    async with openai_twin() as twin:
        with pytest.raises(SocketRefusedError) as refused:
            await twin.dial(url, headers)

    assert refused.value.status == status


async def test_a_session_ends_at_its_age() -> None:
    async with openai_twin(OpenAiScript(session_seconds=60)) as twin, _session(twin) as ear:
        (event,) = await ear.until("error")
        with pytest.raises(SocketClosedError):
            await ear.next()

    assert event["error"]["code"] == "session_expired"
    assert anyio.current_time() == 60


async def test_a_session_can_be_cut_or_stall() -> None:
    async with openai_twin() as twin:
        twin.faults.break_media(MediaFault(cut_after_ms=500), MediaFault(stall_after_ms=500))
        async with _session(twin) as ear:
            with pytest.raises(SocketClosedError) as closed:
                await ear.next()
        cut_at = anyio.current_time()
        async with _session(twin) as ear:
            await anyio.sleep(1)
            await ear.hear(hum("x"))
            with anyio.move_on_after(30) as patience:
                await ear.next()

    assert (closed.value.code, cut_at) == (1006, 0.5)
    assert patience.cancelled_caught

"""The vendors' own SDKs say whether their twins are right, over real sockets."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import anyio
import elevenlabs.client
import elevenlabs.core
import httpx
import openai
import pytest

from voice_contracts.twins.anthropic.twin import AnthropicScript, AnthropicTwin
from voice_contracts.twins.elevenlabs.twin import ElevenLabsTwin
from voice_contracts.twins.faults import ApiFault
from voice_contracts.twins.openai.script import OpenAiScript
from voice_contracts.twins.openai.twin import OpenAiTwin, openai_twin
from voice_contracts.twins.service import Pace
from voice_contracts.twins.socket_client import dial_socket
from voice_contracts.twins.sockets import SocketRefusedError
from voice_contracts.twins.sound import hum, hum_samples, silence

pytestmark = [pytest.mark.real_time, pytest.mark.asyncio_only("uvicorn serves the twin")]


@pytest.fixture
async def twin(anyio_backend: Any) -> AsyncIterator[OpenAiTwin]:
    script = OpenAiScript(
        answers=("Good morning. How are you?",), transcripts=("Hello there.",), final_ms=100
    )
    async with openai_twin(script) as running:
        yield running


async def test_openais_client_streams_speech(twin: OpenAiTwin) -> None:
    async with (
        twin.listening() as url,
        openai.AsyncOpenAI(api_key="sk-twin", base_url=f"{url}/v1") as client,
        client.audio.speech.with_streaming_response.create(
            model="gpt-4o-mini-tts", input="Hello", voice="coral", response_format="pcm"
        ) as answer,
    ):
        audio = b"".join([piece async for piece in answer.iter_bytes()])

    assert audio == hum_samples("Hello", 24_000).astype("<i2").tobytes()


async def test_openais_client_streams_a_chat(twin: OpenAiTwin) -> None:
    async with twin.listening() as url, openai.AsyncOpenAI(api_key="sk-twin", base_url=f"{url}/v1") as client:
        stream = await client.chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": "Hi"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
        whole = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content == "Good morning. How are you?"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage.total_tokens > 0


async def test_openais_client_understands_refusals_and_waits_as_told(twin: OpenAiTwin) -> None:
    twin.faults.break_api(ApiFault(429, retry_after_seconds=0, code="rate_limit_exceeded"))
    async with twin.listening() as url:
        async with openai.AsyncOpenAI(api_key="sk-twin", base_url=f"{url}/v1") as client:
            await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])
        async with openai.AsyncOpenAI(api_key="wrong", base_url=f"{url}/v1") as stranger:
            with pytest.raises(openai.AuthenticationError) as locked:
                await stranger.chat.completions.create(
                    model="m", messages=[{"role": "user", "content": "Hi"}]
                )

    assert locked.value.code == "invalid_api_key"
    assert [taken.status for taken in twin.ledger.requests] == [429, 200, 401]


async def test_openais_types_understand_every_realtime_event(twin: OpenAiTwin) -> None:
    from openai.types.realtime import RealtimeServerEvent
    from pydantic import TypeAdapter

    session = {
        "type": "transcription",
        "audio": {
            "input": {
                "format": {"type": "audio/pcmu"},
                "transcription": {"model": "gpt-transcribe", "language": "en"},
                "turn_detection": {"type": "server_vad"},
            }
        },
    }
    audio = b64encode(hum("Hello there.") + silence(500)).decode()
    said: list[dict[str, Any]] = []
    async with twin.listening() as url:
        socket = await dial_socket(
            f"{url.replace('http', 'ws')}/v1/realtime?intent=transcription",
            {"authorization": "Bearer sk-twin"},
        )
        await socket.send(json.dumps({"type": "session.update", "session": session}))
        await socket.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))
        await socket.send(json.dumps({"type": "input_audio_buffer.clear"}))
        await socket.send(json.dumps({"type": "nonsense"}))
        with anyio.fail_after(60):
            while not said or said[-1]["type"] != "conversation.item.input_audio_transcription.completed":
                said.append(json.loads(await socket.receive()))
        await socket.close()

    kinds = {type(TypeAdapter(RealtimeServerEvent).validate_python(event)).__name__ for event in said}
    assert kinds >= {
        "SessionCreatedEvent",
        "SessionUpdatedEvent",
        "InputAudioBufferSpeechStartedEvent",
        "InputAudioBufferSpeechStoppedEvent",
        "InputAudioBufferCommittedEvent",
        "InputAudioBufferClearedEvent",
        "RealtimeErrorEvent",
        "ConversationItemInputAudioTranscriptionDeltaEvent",
        "ConversationItemInputAudioTranscriptionCompletedEvent",
    }
    assert said[-1]["transcript"] == "Hello there."


async def test_a_realtime_upgrade_without_the_key_is_refused(twin: OpenAiTwin) -> None:
    async with twin.listening() as url:
        with pytest.raises(SocketRefusedError) as refused:
            await dial_socket(f"{url.replace('http', 'ws')}/v1/realtime?intent=transcription", {})

    assert refused.value.status == 401


async def test_anthropics_client_streams_messages() -> None:
    twin = AnthropicTwin(AnthropicScript(answers=("Good morning. How are you?",)))
    async with (
        twin.listening() as url,
        anthropic.AsyncAnthropic(api_key="sk-ant-twin", base_url=url) as client,
    ):
        async with client.messages.stream(
            model="m", max_tokens=100, system="Be short.", messages=[{"role": "user", "content": "Hi"}]
        ) as stream:
            text = "".join([piece async for piece in stream.text_stream])
            last = await stream.get_final_message()
        whole = await client.messages.create(
            model="m", max_tokens=100, messages=[{"role": "user", "content": "Hi"}]
        )

    assert text == last.content[0].text == whole.content[0].text == "Good morning. How are you?"
    assert last.stop_reason == "end_turn"


async def test_elevenlabs_client_streams_mu_law() -> None:
    twin = ElevenLabsTwin()
    async with twin.listening() as url, httpx.AsyncClient() as http:
        client = elevenlabs.client.AsyncElevenLabs(api_key="xi-twin", base_url=url, httpx_client=http)
        stream = client.text_to_speech.stream(
            "voice0000000000000000", text="Hello", model_id="eleven_flash_v2_5", output_format="ulaw_8000"
        )
        audio = b"".join([piece async for piece in stream])
        stranger = elevenlabs.client.AsyncElevenLabs(api_key="wrong", base_url=url, httpx_client=http)
        with pytest.raises(elevenlabs.core.ApiError) as locked:
            await anext(stranger.text_to_speech.stream("v", text="x", output_format="ulaw_8000"))

    assert audio == hum("Hello")
    assert (locked.value.status_code, locked.value.body["detail"]["status"]) == (401, "invalid_api_key")


async def test_pieces_leave_the_socket_as_they_are_made() -> None:
    script = OpenAiScript(speech=Pace(first_ms=50, each_ms=50))
    async with (
        openai_twin(script) as twin,
        twin.listening() as url,
        openai.AsyncOpenAI(api_key="sk-twin", base_url=f"{url}/v1") as client,
        client.audio.speech.with_streaming_response.create(
            model="m", input="Hello", voice="coral", response_format="pcm"
        ) as answer,
    ):
        moments = [anyio.current_time() async for _ in answer.iter_bytes(4800)]

    assert len(moments) == 4
    assert moments[0] < moments[-1] - 0.1

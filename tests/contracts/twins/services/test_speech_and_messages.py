"""The twins of ElevenLabs and Anthropic in virtual time."""

from typing import Any

import anyio
import httpx
import msgspec
import pytest

from voice_contracts.twins.anthropic.twin import AnthropicScript, AnthropicTwin
from voice_contracts.twins.elevenlabs.twin import ElevenLabsScript, ElevenLabsTwin
from voice_contracts.twins.faults import ApiFault
from voice_contracts.twins.service import Pace
from voice_contracts.twins.sound import hum, hum_samples

VOICE = "/v1/text-to-speech/voice0000000000000000"
MESSAGES = {"model": "m", "max_tokens": 100, "messages": [{"role": "user", "content": "Hi"}]}
VERSION = {"anthropic-version": "2023-06-01"}


def _elevenlabs(twin: ElevenLabsTwin, key: str = "xi-twin") -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=twin.transport, base_url="https://api.elevenlabs.io", headers={"xi-api-key": key}
    )


def _anthropic(twin: AnthropicTwin, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=twin.transport,
        base_url="https://api.anthropic.com",
        headers={"x-api-key": "sk-ant-twin"} | VERSION | headers,
    )


async def test_mu_law_streams_at_exact_times() -> None:
    twin = ElevenLabsTwin(ElevenLabsScript(speech=Pace(first_ms=180, each_ms=30)))
    moments, body = [], b""
    url = f"{VOICE}/stream?output_format=ulaw_8000"
    async with _elevenlabs(twin) as client, client.stream("POST", url, json={"text": "Hello"}) as answer:
        async for piece in answer.aiter_raw():
            moments.append(round(anyio.current_time(), 6))
            body += piece

    assert moments == [0.18, 0.21, 0.24, 0.27]
    assert body == hum("Hello")
    assert answer.headers["maximum-concurrent-requests"] == "10"


async def test_pcm_comes_at_the_rate_that_is_asked_for() -> None:
    twin = ElevenLabsTwin()
    async with _elevenlabs(twin) as client:
        answer = await client.post(f"{VOICE}?output_format=pcm_16000", json={"text": "Hello"})

    assert answer.content == hum_samples("Hello", 16_000).astype("<i2").tobytes()


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        (f"{VOICE}/stream?output_format=ulaw_8000", {}, 422, "value_error.missing"),
        (f"{VOICE}/stream", {"text": "x"}, 422, "unsupported_format"),
        (
            f"{VOICE}/stream?output_format=ulaw_8000",
            {"text": "x" * 10_001},
            400,
            "max_character_limit_exceeded",
        ),
        (
            f"{VOICE}/stream?output_format=ulaw_8000",
            {"text": "x", "language_code": "en"},
            400,
            "unsupported_language",
        ),
        (
            f"{VOICE}/stream?output_format=ulaw_8000",
            {"text": "x", "voice_settings": {"speed": 2}},
            400,
            "invalid_voice_settings",
        ),
        ("/v1/text-to-speech/other/stream?output_format=ulaw_8000", {"text": "x"}, 400, "voice_not_found"),
        ("/v1/voices", {"text": "x"}, 404, "not_found"),
    ],
)
async def test_elevenlabs_refuses_by_its_own_words(
    path: str, body: dict[str, Any], status: int, said: str
) -> None:
    twin = ElevenLabsTwin(ElevenLabsScript(voices=frozenset({"voice0000000000000000"})))
    async with _elevenlabs(twin) as client:
        answer = await client.post(path, json=body)

    detail = answer.json()["detail"]
    assert answer.status_code == status
    assert said == (detail[0]["type"] if isinstance(detail, list) else detail["status"])


async def test_elevenlabs_knows_its_key_and_its_troubles() -> None:
    twin = ElevenLabsTwin()
    async with _elevenlabs(twin, "wrong") as stranger, _elevenlabs(twin) as client:
        locked = await stranger.post(VOICE, json={"text": "x"})
        twin.faults.break_api(ApiFault(401, code="quota_exceeded"))
        twin.faults.break_api(ApiFault(429, code="too_many_concurrent_requests"))
        troubles = [await client.post(VOICE, json={"text": "x"}) for _ in range(2)]

    assert (locked.status_code, locked.json()["detail"]["status"]) == (401, "invalid_api_key")
    assert [one.json()["detail"]["status"] for one in troubles] == [
        "quota_exceeded",
        "too_many_concurrent_requests",
    ]


async def test_messages_stream_in_the_documented_order_at_exact_times() -> None:
    twin = AnthropicTwin(AnthropicScript(answers=("Hello you",), tokens=Pace(first_ms=300, each_ms=20)))
    moments, text = [], ""
    async with (
        _anthropic(twin) as client,
        client.stream("POST", "/v1/messages", json=MESSAGES | {"stream": True}) as answer,
    ):
        async for piece in answer.aiter_text():
            moments.append(round(anyio.current_time(), 6))
            text += piece

    told = [msgspec.json.decode(part.partition("data: ")[2]) for part in text.split("\n\n") if part]
    assert moments == [0.3, 0.32, 0.34]
    assert [one["type"] for one in told] == [
        "message_start",
        "content_block_start",
        "ping",
        *["content_block_delta"] * 3,
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert "".join(one["delta"]["text"] for one in told[3:6]) == "Hello you"
    assert told[-2]["delta"]["stop_reason"] == "end_turn"


@pytest.mark.parametrize(
    ("body", "headers", "status", "kind"),
    [
        (MESSAGES, {"x-api-key": "wrong"}, 401, "authentication_error"),
        (MESSAGES | {"max_tokens": 0}, {}, 400, "invalid_request_error"),
        (MESSAGES | {"messages": []}, {}, 400, "invalid_request_error"),
        (MESSAGES | {"messages": [{"role": "system", "content": "x"}]}, {}, 400, "invalid_request_error"),
        (MESSAGES | {"model": "gone"}, {}, 404, "not_found_error"),
        (MESSAGES | {"model": 4}, {}, 400, "invalid_request_error"),
    ],
)
async def test_anthropic_refuses_by_its_own_words(
    body: dict[str, Any], headers: dict[str, str], status: int, kind: str
) -> None:
    twin = AnthropicTwin(AnthropicScript(models=frozenset({"m"})))
    async with _anthropic(twin, **headers) as client:
        answer = await client.post("/v1/messages", json=body)

    assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind)


async def test_anthropic_answers_whole_and_in_order_too() -> None:
    twin = AnthropicTwin(AnthropicScript(answers=("One", "Two")))
    async with _anthropic(twin) as client:
        answers = [(await client.post("/v1/messages", json=MESSAGES)).json() for _ in range(3)]
        twin.faults.break_api(ApiFault(529))
        busy = await client.post("/v1/messages", json=MESSAGES)

    assert [answer["content"][0]["text"] for answer in answers] == ["One", "Two", "Two"]
    assert (busy.status_code, busy.json()["error"]["type"]) == (529, "overloaded_error")

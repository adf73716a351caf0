"""What ElevenLabs is asked, what is made of its answers, and how it fails."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, cast

import anyio
import httpx
import pytest
from support.scripted_http import Answer, ScriptedHttp, recorded, refusal, sample

from voice_adapters.services.fault import Fault
from voice_adapters.speech.elevenlabs import ElevenLabsSynthesizer, ElevenLabsVoice
from voice_adapters.speech.service_error import SpeechServiceError
from voice_domain.ports.synthesizer import SynthesisError

pytestmark = pytest.mark.anyio
KEY = "xi-canary-0123456789abcdef"
VOICE = "voice0000000000000000"
ULAW = bytes(range(256)) * 3


def voice(http: ScriptedHttp, **values: Any) -> ElevenLabsSynthesizer:
    return ElevenLabsSynthesizer(http=http.streams, api_key=KEY, **{"voice_id": VOICE, **values})


async def spoken(
    synthesizer: ElevenLabsSynthesizer, text: str = "Hello", locale: str = "en-US", **wish: Any
) -> bytes:
    return b"".join([piece async for piece in synthesizer.synthesize(text, locale=locale, **wish)])


def refused(detail: Any, status: int) -> ScriptedHttp:
    return ScriptedHttp(refusal({"status": status, "body": {"detail": detail}}))


async def test_it_asks_as_the_vendors_own_library_does() -> None:
    wanted = recorded("elevenlabs", "stream mu-law")
    http = ScriptedHttp(Answer([ULAW]))

    await spoken(voice(http, model_id="eleven_flash_v2_5", seed=7), wanted["body"]["text"])

    (request,) = http.requests
    assert (request.method, str(request.url.copy_with(query=None))) == (wanted["method"], wanted["url"])
    assert [list(pair) for pair in request.url.params.multi_items()] == wanted["query"]
    assert request.headers["accept"] == wanted["headers"]["accept"]
    assert request.headers["content-type"] == wanted["headers"]["content-type"]
    assert request.headers["xi-api-key"] == KEY
    assert http.body == wanted["body"]


async def test_without_voice_settings_the_voice_keeps_its_own() -> None:
    wanted = recorded("elevenlabs", "convert to mu-law")
    http = ScriptedHttp(Answer([ULAW]))

    await spoken(voice(http, voice_settings=None), wanted["body"]["text"])

    assert http.requests[0].content.decode() == wanted["body_raw"]


async def test_another_region_is_asked_at_its_own_place() -> None:
    http = ScriptedHttp(Answer([ULAW]))

    await spoken(voice(http, base_url="https://api.eu.residency.elevenlabs.io/"), voice="othervoice0")

    assert str(http.requests[0].url) == (
        "https://api.eu.residency.elevenlabs.io/v1/text-to-speech/othervoice0/stream?output_format=ulaw_8000"
    )


@pytest.mark.parametrize(
    ("model", "configured", "locale", "sent"),
    [
        ("eleven_flash_v2_5", None, "zh-CN", "zh"),
        ("eleven_turbo_v2_5", None, "cmn-Hans-CN", "zh"),
        ("eleven_flash_v2_5", "DE", "en-US", "de"),
        ("eleven_flash_v2_5", None, "haw-US", None),
        ("eleven_multilingual_v2", "de", "de-DE", None),
        ("eleven_v3", None, "en-US", None),
    ],
)
async def test_only_models_that_take_a_language_are_given_one(
    model: str, configured: str | None, locale: str, sent: str | None
) -> None:
    http = ScriptedHttp(Answer([ULAW]))

    await spoken(voice(http, model_id=model, language_code=configured), locale=locale)

    assert http.body.get("language_code") == sent


@pytest.mark.parametrize(("speed", "sent"), [(0.5, 0.7), (2.0, 1.2), (1.1, 1.1)])
async def test_a_speed_that_the_service_does_not_take_is_brought_to_the_nearest_that_it_does(
    speed: float, sent: float
) -> None:
    http = ScriptedHttp(Answer([ULAW]))

    await spoken(voice(http, voice_settings=ElevenLabsVoice(speed=speed)))

    assert http.body["voice_settings"]["speed"] == sent


async def test_normalization_is_passed_on() -> None:
    http = ScriptedHttp(Answer([ULAW]))

    await spoken(voice(http, apply_text_normalization="on"))

    assert http.body["apply_text_normalization"] == "on"


async def test_its_audio_is_passed_on_as_it_is_and_as_it_arrives() -> None:
    http = ScriptedHttp(Answer([ULAW[at : at + 1] for at in range(len(ULAW))], pause=0.01))
    pieces = voice(http).synthesize("Hello", locale="en-US")

    async with aclosing(cast("AsyncGenerator[bytes]", pieces)):
        first, at = await anext(pieces), anyio.current_time()
        rest = b"".join([piece async for piece in pieces])

    assert (first + rest, at) == (ULAW, pytest.approx(0.01))


async def test_cancelling_closes_the_answer() -> None:
    answer = Answer([ULAW] * 5, pause=1)

    with anyio.move_on_after(1.5) as scope:
        await spoken(voice(ScriptedHttp(answer)))

    assert scope.cancelled_caught
    assert answer.closed


@pytest.mark.parametrize(
    ("name", "says", "fault"),
    [
        ("error: quota", "quota is used up", Fault.ACCOUNT),
        ("error: wrong key", r"key is wrong; check tts\.elevenlabs\.apiKey", Fault.ACCOUNT),
        ("error: no such voice", r"no such voice; check tts\.elevenlabs\.voiceId", Fault.ACCOUNT),
        ("error: text too long", "too long for the model; say it in parts", Fault.REQUEST),
        ("error: too many at once", "does not allow more voices at once", Fault.PASSING),
        ("error: busy", "it is busy; try again", Fault.PASSING),
        ("error: invalid body", r"status 422 \(body\.text: field required\)", Fault.REQUEST),
        ("error: format not in the plan", "the plan does not include", Fault.ACCOUNT),
    ],
)
async def test_every_refusal_says_what_to_do(name: str, says: str, fault: Fault) -> None:
    event = sample("elevenlabs", "events", name)

    with pytest.raises(SpeechServiceError, match=says) as caught:
        await spoken(voice(ScriptedHttp(refusal(event))))
    assert (caught.value.fault, caught.value.status) == (fault, event["status"])


@pytest.mark.parametrize(
    ("detail", "status", "says"),
    [
        ("Unauthorized", 401, r"key is wrong; .* \(Unauthorized\)"),
        ({"code": "voice_not_found", "message": "No."}, 404, "no such voice"),
        ("Not Found", 404, "no such voice"),
        (None, 500, "status 500; try again later"),
        ([], 422, "status 422$"),
        ([{"loc": "body", "msg": "odd"}], 422, r"status 422 \(: odd\)"),
        ({"status": "invented", "message": "New."}, 400, r"status 400 \(New\.\)"),
    ],
)
async def test_details_of_any_shape_are_understood(detail: Any, status: int, says: str) -> None:
    with pytest.raises(SpeechServiceError, match=says):
        await spoken(voice(refused(detail, status)))


async def test_a_busy_service_is_tried_once_more() -> None:
    http = ScriptedHttp(refusal(sample("elevenlabs", "events", "error: busy")), Answer([ULAW]))

    assert await spoken(voice(http)) == ULAW


async def test_a_used_up_quota_is_not_tried_again() -> None:
    http = ScriptedHttp(refusal(sample("elevenlabs", "events", "error: quota")), Answer([ULAW]))

    with pytest.raises(SpeechServiceError):
        await spoken(voice(http))
    assert len(http.requests) == 1


async def test_a_stream_that_breaks_off_is_not_begun_again() -> None:
    http = ScriptedHttp(Answer([ULAW, httpx.RemoteProtocolError("cut")]), Answer([ULAW]))
    pieces = voice(http).synthesize("Hello", locale="en-US")

    first = await anext(pieces)
    with pytest.raises(SynthesisError, match="broke off"):
        await anext(pieces)

    assert (first, len(http.requests)) == (ULAW, 1)


@pytest.mark.parametrize(
    ("values", "text", "says"),
    [
        ({"voice_id": "../../secret"}, "Hi", r"voiceId is not 10 to 40 letters and digits"),
        ({"model_id": "eleven_v3", "longest_text": 9000}, "a" * 3001, "3001 characters and may have 3000"),
        ({}, "a" * 4097, "4097 characters and may have 4096"),
        ({"model_id": "eleven_flash_v2_5", "language_code": "eng"}, "Hi", "languageCode is not two letters"),
    ],
)
async def test_what_cannot_succeed_is_not_asked_for(values: dict[str, Any], text: str, says: str) -> None:
    http = ScriptedHttp(Answer([ULAW]))

    with pytest.raises(SpeechServiceError, match=says):
        await spoken(voice(http, **values), text)
    assert http.requests == []


async def test_a_blank_text_costs_no_request() -> None:
    http = ScriptedHttp(Answer([ULAW]))

    assert await spoken(voice(http), "\t") == b""
    assert http.requests == []


@pytest.mark.parametrize(
    "detail",
    [f"Key {KEY} is odd", {"status": KEY, "message": KEY}, [{"loc": [KEY], "msg": KEY, "type": KEY}]],
)
async def test_no_error_shows_the_key(detail: Any) -> None:
    synthesizer = voice(refused(detail, 400))

    with pytest.raises(SpeechServiceError) as caught:
        await spoken(synthesizer)

    assert "canary" not in f"{caught.value} {caught.value.code} {caught.value.__cause__} {synthesizer!r}"

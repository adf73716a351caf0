"""What OpenAI's voice is asked, what is made of its answers, and how it fails."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import pairwise
from typing import Any, cast

import anyio
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.scripted_http import Answer, ScriptedHttp, recorded, refusal, sample

from voice_adapters.audio.telephone_encoder import TelephoneEncoder
from voice_adapters.services.fault import Fault
from voice_adapters.services.http_stream import HttpStreams
from voice_adapters.speech.openai import OpenAiSynthesizer
from voice_adapters.speech.service_error import SpeechServiceError
from voice_domain.ports.synthesizer import SynthesisError

pytestmark = pytest.mark.anyio
KEY = "sk-canary-0123456789abcdef"
TONE = bytes(range(256)) * 30  # 7680 bytes of PCM: 160 ms


def voice(http: ScriptedHttp, **values: Any) -> OpenAiSynthesizer:
    return OpenAiSynthesizer(http=http.streams, api_key=KEY, **values)


async def spoken(synthesizer: OpenAiSynthesizer, text: str = "Hello", **wish: Any) -> bytes:
    return b"".join([piece async for piece in synthesizer.synthesize(text, locale="en-US", **wish)])


def encoded(pcm: bytes) -> bytes:
    encoder = TelephoneEncoder(24_000)
    return encoder.push(pcm) + encoder.flush()


def error(code: str | None, *, status: int, message: str = "No.", **details: Any) -> Answer:
    return refusal(
        {"status": status, "body": {"error": {"message": message, "type": "x", "code": code, **details}}}
    )


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("speech, raw PCM", {"instructions": "Speak calmly.", "speed": 1.0}),
        ("speech, streamed to the caller", {}),
    ],
)
async def test_it_asks_as_the_vendors_own_library_does(name: str, values: dict[str, Any]) -> None:
    wanted = recorded("openai", name)
    http = ScriptedHttp(Answer([TONE]))

    await spoken(voice(http, model="<tts model>", voice="coral", **values), wanted["body"]["input"])

    (request,) = http.requests
    assert (request.method, str(request.url)) == (wanted["method"], wanted["url"])
    assert request.headers["accept"] == wanted["headers"]["accept"]
    assert request.headers["content-type"] == wanted["headers"]["content-type"]
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.content.decode() == wanted["body_raw"]


async def test_a_compatible_service_is_asked_at_its_own_place_for_any_voice() -> None:
    http = ScriptedHttp(Answer([TONE]))

    await spoken(voice(http, base_url="http://speech.example:8080/v1/", voice="grandma"))

    assert str(http.requests[0].url) == "http://speech.example:8080/v1/audio/speech"
    assert http.body["voice"] == "grandma"


async def test_models_that_take_no_advice_are_given_none() -> None:
    http = ScriptedHttp(Answer([TONE]))

    await spoken(voice(http, model="tts-1-hd", instructions="Whisper."))

    assert "instructions" not in http.body


async def test_a_custom_voice_is_named_by_its_id() -> None:
    http = ScriptedHttp(Answer([TONE]))

    await spoken(voice(http), voice="voice_1234")

    assert http.body["voice"] == {"id": "voice_1234"}


async def test_text_that_no_encoding_has_is_still_asked_for() -> None:
    http = ScriptedHttp(Answer([TONE]))

    await spoken(voice(http), "broken \ud83d pair")

    assert http.body["input"] == "broken ? pair"


async def test_its_sound_becomes_telephone_audio_of_a_third_of_the_rate() -> None:
    assert await spoken(voice(ScriptedHttp(Answer([TONE])))) == encoded(TONE)


@settings(max_examples=40)
@given(cuts=st.lists(st.integers(0, len(TONE)), max_size=12))
def test_no_cut_of_the_answer_changes_the_sound(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(TONE)]
    pieces = [TONE[start:end] for start, end in pairwise(places)]

    assert anyio.run(spoken, voice(ScriptedHttp(Answer(pieces)))) == encoded(TONE)


async def test_an_answer_of_single_bytes_gives_the_same_sound() -> None:
    pieces = [TONE[at : at + 1] for at in range(960)]

    assert await spoken(voice(ScriptedHttp(Answer(pieces)))) == encoded(TONE[:960])


async def test_the_first_audio_is_given_while_the_rest_is_still_coming() -> None:
    http = ScriptedHttp(Answer([TONE, TONE], pause=1))
    pieces = voice(http).synthesize("Hello", locale="en-US")

    async with aclosing(cast("AsyncGenerator[bytes]", pieces)):
        first = await anext(pieces)
        at = anyio.current_time()

    assert (len(first), at) == (len(TONE) // 6, pytest.approx(1))


async def test_leaving_early_closes_the_answer() -> None:
    answer = Answer([TONE] * 5, pause=1)
    pieces = voice(ScriptedHttp(answer)).synthesize("Hello", locale="en-US")

    async with aclosing(cast("AsyncGenerator[bytes]", pieces)):
        await anext(pieces)

    assert (answer.closed, answer.given) == (True, 1)


async def test_cancelling_in_the_middle_closes_the_answer() -> None:
    answer = Answer([TONE] * 5, pause=1)

    with anyio.move_on_after(2.5) as scope:
        await spoken(voice(ScriptedHttp(answer)))

    assert scope.cancelled_caught
    assert (answer.closed, answer.given) == (True, 2)


async def test_a_blank_text_costs_no_request() -> None:
    http = ScriptedHttp(Answer([TONE]))

    assert await spoken(voice(http), " \n") == b""
    assert http.requests == []


async def test_a_text_that_is_too_long_names_both_lengths() -> None:
    http = ScriptedHttp(Answer([TONE]))

    with pytest.raises(SpeechServiceError, match="4097 characters and may have 4096") as caught:
        await spoken(voice(http, longest_text=9000), "a" * 4097)
    assert (caught.value.fault, http.requests) == (Fault.REQUEST, [])


async def test_a_voice_that_the_vendor_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(SpeechServiceError, match=r"no voice 'grandma'; set tts\.openai\.voice .* marin"):
        await spoken(voice(ScriptedHttp(Answer([TONE])), voice="grandma"))


@pytest.mark.parametrize(
    ("name", "says", "fault"),
    [
        ("error: wrong key", r"key is wrong; check tts\.openai\.apiKey", Fault.ACCOUNT),
        ("error: rate limit", "too many requests at once; wait", Fault.PASSING),
        ("error: quota", "quota is used up; add credit, waiting does not help", Fault.ACCOUNT),
        ("error: bad input", "status 400: Invalid value", Fault.REQUEST),
        (
            "error: model gone",
            r"no model gpt-4o-mini-tts \(OpenAI announced its end for 2027-01-06\); .*tts\.openai\.model",
            Fault.ACCOUNT,
        ),
        ("error: server", "status 500: The server had an error.; try again later", Fault.PASSING),
    ],
)
async def test_every_refusal_says_what_to_do(name: str, says: str, fault: Fault) -> None:
    event = sample("openai", "http", name)

    with pytest.raises(SpeechServiceError, match=says) as caught:
        await spoken(voice(ScriptedHttp(refusal(event))))
    assert (caught.value.fault, caught.value.status) == (fault, event["status"])


async def test_a_model_without_an_announced_end_is_simply_missing() -> None:
    http = ScriptedHttp(error("model_not_found", status=404))

    with pytest.raises(SpeechServiceError, match="there is no model other; choose another"):
        await spoken(voice(http, model="other"))


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"[1]", b'{"error": "down"}', b"\xff"])
async def test_a_refusal_in_any_shape_is_one_sentence(body: bytes) -> None:
    with pytest.raises(SpeechServiceError, match=r"status 502.*; try again later"):
        await spoken(voice(ScriptedHttp(Answer([body], status=502))))


@pytest.mark.parametrize(
    "first",
    [
        refusal(sample("openai", "http", "error: server")),
        error("rate_limit_exceeded", status=429),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("hung up"),
        Answer([httpx.ReadError("cut")]),
    ],
    ids=["500", "429", "connect", "hung up", "cut before the first byte"],
)
async def test_what_may_pass_is_tried_once_more_before_any_audio(first: Answer | Exception) -> None:
    http = ScriptedHttp(first, Answer([TONE]))

    assert await spoken(voice(http)) == encoded(TONE)
    assert len(http.requests) == 2


async def test_the_service_says_how_long_to_wait_for_the_second_try() -> None:
    http = ScriptedHttp(refusal(sample("openai", "http", "error: rate limit")), Answer([TONE]))

    await spoken(voice(http))

    assert anyio.current_time() == pytest.approx(1)


@pytest.mark.parametrize("name", ["error: quota", "error: wrong key", "error: bad input"])
async def test_what_waiting_does_not_help_is_not_tried_again(name: str) -> None:
    http = ScriptedHttp(refusal(sample("openai", "http", name)), Answer([TONE]))

    with pytest.raises(SpeechServiceError):
        await spoken(voice(http))
    assert len(http.requests) == 1


async def test_nothing_is_tried_again_when_the_wait_would_be_too_long_for_a_call() -> None:
    slow = Answer([b"{}"], status=503, headers={"retry-after": "30"})
    http = ScriptedHttp(slow, Answer([TONE]))

    with pytest.raises(SpeechServiceError, match="status 503"):
        await spoken(voice(http))
    assert (len(http.requests), anyio.current_time()) == (1, 0)


async def test_nothing_is_repeated_once_audio_has_begun() -> None:
    http = ScriptedHttp(Answer([TONE, httpx.ReadError("cut")]), Answer([TONE]))
    pieces = voice(http).synthesize("Hello", locale="en-US")

    first = await anext(pieces)
    with pytest.raises(SynthesisError, match="the answer broke off"):
        await anext(pieces)

    assert (len(first), len(http.requests)) == (len(TONE) // 6, 1)


@pytest.mark.parametrize(
    ("answer", "says", "at"),
    [
        (Answer([TONE], head_after=9), "no answer within 8 s", 8),
        (Answer([TONE], pause=9), "the answer stopped for 8 s", 8),
        (Answer([TONE, TONE], pause=7.5), "", 15),
    ],
)
async def test_silence_has_a_limit_for_each_piece(answer: Answer, says: str, at: float) -> None:
    if says:
        with pytest.raises(SynthesisError, match=says):
            await spoken(voice(ScriptedHttp(answer)))
    else:
        await spoken(voice(ScriptedHttp(answer)))

    assert anyio.current_time() == pytest.approx(at)
    assert answer.closed or answer.head_after


@pytest.mark.parametrize("media_type", ["text/html; charset=utf-8", "application/json", "audio/mpeg"])
async def test_an_answer_that_is_no_pcm_is_not_played(media_type: str) -> None:
    answer = Answer([b"<html>"], headers={"content-type": media_type})

    with pytest.raises(SynthesisError, match=r"answered with .*; check the base URL"):
        await spoken(voice(ScriptedHttp(answer)))
    assert answer.closed


@pytest.mark.parametrize("url", ["not a url", "ftp://host/v1", "http://"])
async def test_a_base_url_that_is_none_is_named(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        synthesizer = OpenAiSynthesizer(http=HttpStreams(client), api_key=KEY, base_url=url)

        with pytest.raises(SynthesisError, match="its base URL is not one"):
            await spoken(synthesizer)


@pytest.mark.parametrize(
    "failure",
    [
        error("invalid_api_key", status=401, message=f"Incorrect API key provided: {KEY}."),
        error("weird", status=400, message=f"You sent {KEY} and sk-other*****cdef."),
        error(KEY, status=400),
        httpx.LocalProtocolError(f"Illegal header value b'Bearer {KEY}'"),
    ],
    ids=["known", "unknown", "code", "protocol"],
)
async def test_no_error_shows_a_key(failure: Answer | Exception) -> None:
    synthesizer = voice(ScriptedHttp(failure))

    with pytest.raises(SynthesisError) as caught:
        await spoken(synthesizer)

    shown = [repr(synthesizer)]
    problem: BaseException | None = caught.value
    while problem is not None:
        shown += [str(problem), repr(vars(problem).get("problem"))]
        problem = problem.__cause__
    assert KEY not in " ".join(shown)
    assert "cdef" not in " ".join(shown)


@pytest.mark.parametrize("key", ["sk-canary\n", "clé", "sk canary\r\nx-evil: 1"])
async def test_a_key_that_cannot_be_one_is_refused_without_showing_it(key: str) -> None:
    http = ScriptedHttp(Answer([TONE]))
    synthesizer = OpenAiSynthesizer(http=http.streams, api_key=key)

    with pytest.raises(SynthesisError, match="the key holds characters that no key has") as caught:
        await spoken(synthesizer)

    assert "canary" not in str(caught.value)
    assert http.requests == []

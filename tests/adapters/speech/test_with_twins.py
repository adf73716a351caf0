"""Our voices, ears and responders against the twins of their services: in virtual time, and over real sockets."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

import anyio
import httpx
import pytest
from anyio.abc import SocketAttribute, SocketStream
from support.twin_socket import sockets_of

from voice_adapters.clock import EventLoopClock, SystemClock
from voice_adapters.responders.anthropic import AnthropicResponder
from voice_adapters.responders.openai import OpenAiResponder
from voice_adapters.services.http_stream import HttpStreams
from voice_adapters.speech.chain import NamedVoice, SynthesizerChain
from voice_adapters.speech.elevenlabs import ElevenLabsSynthesizer
from voice_adapters.speech.openai import OpenAiSynthesizer, OpenAiTranscriber
from voice_contracts.twins.anthropic.twin import AnthropicScript, AnthropicTwin
from voice_contracts.twins.elevenlabs.twin import ElevenLabsScript, ElevenLabsTwin
from voice_contracts.twins.faults import ApiFault, MediaFault
from voice_contracts.twins.openai.script import OpenAiScript
from voice_contracts.twins.openai.twin import OpenAiTwin, openai_twin
from voice_contracts.twins.service import Pace, ServiceTwin
from voice_contracts.twins.sound import from_mulaw, hum, silence, to_mulaw
from voice_domain.identity import CallId
from voice_domain.ports.responder import ReplyRequest
from voice_domain.ports.synthesizer import SynthesisError, Synthesizer
from voice_domain.ports.transcriber import TranscriptionError, Words
from voice_domain.vocabulary import Direction

pytestmark = pytest.mark.anyio
FRAME = 160


def streams(twin: ServiceTwin) -> HttpStreams:
    return HttpStreams(httpx.AsyncClient(transport=twin.transport))


def openai_voice(twin: OpenAiTwin) -> OpenAiSynthesizer:
    return OpenAiSynthesizer(http=streams(twin), api_key="sk-twin")


def elevenlabs_voice(twin: ElevenLabsTwin) -> ElevenLabsSynthesizer:
    return ElevenLabsSynthesizer(http=streams(twin), api_key="xi-twin")


async def timed(synthesizer: Synthesizer, text: str = "Hello there") -> tuple[bytes, float]:
    began, first, audio = anyio.current_time(), 0.0, b""
    async for piece in synthesizer.synthesize(text, locale="en-US"):
        first = first or anyio.current_time() - began
        audio += piece
    return audio, first


def ear(twin: OpenAiTwin, *, key: str = "sk-twin", model: str = "gpt-4o-transcribe") -> OpenAiTranscriber:
    clock = EventLoopClock(epoch_ms=twin.clock.now_ms() - round(anyio.current_time() * 1000))
    return OpenAiTranscriber(api_key=key, model=model, clock=clock, open_socket=sockets_of(twin))


async def heard(transcriber: OpenAiTranscriber, *audio: bytes, frame_seconds: float = 0.02) -> list[Words]:
    words: list[Words] = []
    async with transcriber.open(CallId("c1"), locale="en-US", hearing=words.append) as session:
        for stretch in audio:
            for start in range(0, len(stretch), FRAME):
                session.feed(stretch[start : start + FRAME])
                await anyio.sleep(frame_seconds)
        await anyio.sleep(1)
    return words


def finals(words: list[Words]) -> list[str]:
    return [reading.text for reading in words if reading.final]


async def test_openais_voice_adds_no_time_to_the_first_audio() -> None:
    async with openai_twin(OpenAiScript(speech=Pace(first_ms=180, each_ms=30), cut_bytes=777)) as twin:
        audio, first = await timed(openai_voice(twin))

    assert first == pytest.approx(0.18)
    assert len(audio) == pytest.approx(len(hum("Hello there")), abs=20)


async def test_elevenlabs_voice_is_passed_on_byte_for_byte_without_delay() -> None:
    twin = ElevenLabsTwin(ElevenLabsScript(speech=Pace(first_ms=180, each_ms=30)))

    audio, first = await timed(elevenlabs_voice(twin))

    assert (audio, first) == (hum("Hello there"), pytest.approx(0.18))


async def test_when_openai_is_down_elevenlabs_speaks() -> None:
    other = ElevenLabsTwin()
    async with openai_twin() as twin:
        twin.faults.break_api(ApiFault(status=503), times=2)
        voices = [NamedVoice("openai", openai_voice(twin)), NamedVoice("elevenlabs", elevenlabs_voice(other))]

        audio, _ = await timed(SynthesizerChain(voices))

    assert audio == hum("Hello there")
    assert len(twin.ledger.requests) == 2


async def test_a_voice_that_breaks_off_in_the_middle_ends_there() -> None:
    twin = ElevenLabsTwin()
    twin.faults.break_api(ApiFault(cut_after_pieces=2))

    with pytest.raises(SynthesisError, match="broke off"):
        await timed(elevenlabs_voice(twin), "A text of several pieces that breaks off in the middle of it.")
    assert len(twin.ledger.requests) == 1


async def test_a_turn_is_heard_once_the_service_has_heard_its_end() -> None:
    async with openai_twin(OpenAiScript(transcripts=("Hello there.",), final_ms=150)) as twin:
        words = await heard(ear(twin), silence(400), hum("Hello there"), silence(1200))

    assert finals(words) == ["Hello there."]
    assert twin.ledger.violations == []


async def test_a_turn_is_heard_for_a_model_that_leaves_its_end_to_us() -> None:
    # Its level has to move, as a voice's does and a hum's does not.
    loud, soft = hum("Hello there"), to_mulaw(from_mulaw(hum("Hello there")) // 4)
    voice = b"".join(
        (loud, soft)[place % 2][at : at + FRAME] for place, at in enumerate(range(0, 6400, FRAME))
    )
    async with openai_twin(OpenAiScript(transcripts=("Moving.",))) as twin:
        words = await heard(ear(twin, model="gpt-live-transcribe"), silence(400), voice, silence(1500))

    assert finals(words) == ["Moving."]


async def test_a_line_that_is_cut_in_the_middle_of_a_turn_loses_no_word() -> None:
    async with openai_twin(OpenAiScript(transcripts=("All of it.",))) as twin:
        twin.faults.break_media(MediaFault(cut_after_ms=700))

        await heard(ear(twin), silence(200), hum("A turn of some length"), silence(1200))

    # The twin saw the whole turn in the second session, although it began in the first.
    assert len(twin.turns[-1]) >= len(hum("A turn of some length"))


async def test_sessions_that_grow_old_are_replaced_without_a_word_lost() -> None:
    script = OpenAiScript(transcripts=("One.", "Two."), session_seconds=70)
    async with openai_twin(script) as twin:
        words = await heard(ear(twin), hum("Number one"), silence(15_000), hum("Number two"), silence(1500))

    assert finals(words) == ["One.", "Two."]


async def test_a_wrong_key_is_named() -> None:
    async with openai_twin() as twin:
        with pytest.raises(TranscriptionError, match="the key is wrong"):
            await heard(ear(twin, key="sk-wrong"), silence(200))


def asked(utterance: str) -> ReplyRequest:
    return ReplyRequest(
        call_id=CallId("c1"),
        turn=1,
        utterance=utterance,
        transcript=(),
        locale="en-US",
        direction=Direction.INBOUND,
        session_key="k",
        counterpart=None,
    )


async def test_both_language_models_answer_in_sentences() -> None:
    said = "Certainly. 好的！ It costs 3.50 euros, e.g. in coins."
    other = AnthropicTwin(AnthropicScript(answers=(said,), cut_bytes=5))
    async with openai_twin(OpenAiScript(answers=(said,), cut_bytes=5)) as twin:
        first = OpenAiResponder(http=streams(twin), model="gpt-x", api_key="sk-twin")
        second = AnthropicResponder(http=streams(other), model="claude-x", api_key="sk-ant-twin")

        answers = [[line async for line in each.reply(asked("Hi"))] for each in (first, second)]

    assert answers == [["Certainly.", "好的！", "It costs 3.50 euros, e.g. in coins."]] * 2


@pytest.mark.real_time
@pytest.mark.asyncio_only("the twins' server is uvicorn")
async def test_everything_works_over_real_sockets() -> None:
    script = OpenAiScript(
        transcripts=("Over a socket.",), answers=("Yes. It does.",), speech=Pace(each_ms=20)
    )
    async with (
        openai_twin(script) as twin,
        twin.listening() as url,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        http = HttpStreams(client)
        voice = OpenAiSynthesizer(http=http, api_key="sk-twin", base_url=f"{url}/v1")
        responder = OpenAiResponder(http=http, model="m", api_key="sk-twin", base_url=f"{url}/v1")
        transcriber = OpenAiTranscriber(api_key="sk-twin", base_url=f"{url}/v1", clock=SystemClock())

        audio, _ = await timed(voice)
        answer = [line async for line in responder.reply(asked("Does it work?"))]
        words = await heard(transcriber, hum("Hello"), silence(1000), frame_seconds=0.001)

    assert len(audio) == pytest.approx(len(hum("Hello there")), abs=20)
    assert answer == ["Yes.", "It does."]
    assert finals(words) == ["Over a socket."]


@pytest.mark.real_time
async def test_what_is_not_wanted_any_more_gives_its_connection_back() -> None:
    left = anyio.Event()

    async def answer_without_end(stream: SocketStream) -> None:
        async with stream:
            await stream.receive()
            await stream.send(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n" + b"\x00" * 9600)
            async for _ in stream:
                pass
            left.set()

    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        httpx.AsyncClient(trust_env=False) as client,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(listener.serve, answer_without_end)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - a socket's, not a database's
        url = f"http://127.0.0.1:{port}/v1"
        voice = OpenAiSynthesizer(http=HttpStreams(client), api_key="sk", base_url=url)
        pieces = voice.synthesize("Hello", locale="en-US")

        async with aclosing(cast("AsyncGenerator[bytes]", pieces)):
            await anext(pieces)
        with anyio.fail_after(5):
            await left.wait()
        tasks.cancel_scope.cancel()

    assert left.is_set()

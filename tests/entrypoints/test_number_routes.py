"""Each of our numbers may greet, speak, answer and wait in its own way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from dependency_injector import providers

from voice_adapters.clock import EventLoopClock
from voice_adapters.media.iteration import closing
from voice_adapters.media.native_voice import NativeVoice
from voice_adapters.responders.echo import EchoResponder
from voice_adapters.responders.openai import OpenAiResponder
from voice_adapters.responders.routed import RoutedResponder
from voice_adapters.services.http_stream import HttpStreams
from voice_adapters.speech.tone import ToneSynthesizer
from voice_adapters.stores.memory import MemoryStore
from voice_adapters.stores.pairing_file import PairingMemory
from voice_contracts.settings_reading import read_settings
from voice_domain.call import Call
from voice_domain.effects import Play
from voice_domain.identity import CarrierCallId, SpeechId
from voice_domain.ports.carrier import NativeSpeech, SpokenText
from voice_domain.ports.responder import ReplyRequest, Responder
from voice_domain.ports.synthesizer import Synthesizer
from voice_entrypoints.container import Container
from voice_entrypoints.embed import running
from voice_entrypoints.phone import Phone
from voice_entrypoints.wiring_responders import make_responder
from voice_entrypoints.wiring_speech import make_route_synthesizers

TEA, COFFEE, CALLER = "+15550001111", "+15550002222", "+15550003333"


class NotingSynthesizer(Synthesizer):
    """Speaks in tones, and notes what it said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def synthesize(self, text: str, *, locale: str, voice: str | None = None) -> AsyncIterator[bytes]:
        self.said.append(text)
        async with closing(ToneSynthesizer().synthesize(text, locale=locale, voice=voice)) as pieces:
            async for piece in pieces:
                yield piece


class Naming(Responder):
    """Answers with its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def reply(self, request: ReplyRequest) -> AsyncIterator[str]:
        yield f"{self.name} says {request.utterance}"


def settings(**routes: Any) -> Any:
    document = {
        "inboundPolicy": "open",
        "inboundGreeting": "Good day.",
        "recording": {"enabled": False},
        "numbers": {TEA: routes},
    }
    return read_settings(document, {}).require()


@asynccontextmanager
async def telephone(chosen: Any, *, general: Synthesizer, own: Synthesizer) -> AsyncIterator[Phone]:
    """A telephone in the test's own time, whose number for tea has a voice of its own."""
    container = Container(settings=chosen, home=Path())
    for provider, adapter in (
        (container.store, MemoryStore()),
        (container.pairing, PairingMemory()),
        (container.clock, EventLoopClock()),
        (container.synthesizer, general),
        (container.route_synthesizers, {TEA: own}),
        (container.responder, RoutedResponder(Naming("the house"), {TEA: Naming("the tea shop")})),
    ):
        provider.override(providers.Object(adapter))
    async with running(container, home=None) as phone:
        yield phone


async def called(phone: Phone, number: str) -> Call:
    """Call *number*, say something, and return the call once it was answered."""
    offer = {"type": "call.ringing", "callId": number, "direction": "inbound", "from": CALLER, "to": number}
    leg = f"mock-{number}"
    await phone.inject([offer])
    while (call := await phone.status(leg)) is None or call.speeches or not call.transcript:  # noqa: ASYNC110 - virtual time
        await anyio.sleep(0.1)
    speech = {"type": "call.speech", "callId": call.call_id, "transcript": "hello"}
    await phone.inject([speech])
    while call.speeches or len(call.transcript) < 3:
        await anyio.sleep(0.1)
        call = await phone.status(leg) or call
    return call


@pytest.mark.anyio
async def test_a_number_with_a_route_greets_speaks_answers_and_waits_in_its_own_way() -> None:
    general, own = NotingSynthesizer(), NotingSynthesizer()
    route = settings(inboundGreeting="The tea shop.", responseTimeoutMs=1234)

    async with telephone(route, general=general, own=own) as phone:
        call = await called(phone, TEA)

    assert [entry.text for entry in call.transcript] == ["The tea shop.", "hello", "the tea shop says hello"]
    assert own.said == ["The tea shop.", "the tea shop says hello"]
    assert general.said == []
    assert call.terms.response_ms == 1234
    assert ("numberRouteKey", TEA) in call.opened.notes


@pytest.mark.anyio
async def test_other_numbers_are_not_touched_by_a_route() -> None:
    chosen = settings(inboundGreeting="The tea shop.", responseTimeoutMs=1234)
    general, own = NotingSynthesizer(), NotingSynthesizer()

    async with telephone(chosen, general=general, own=own) as phone:
        call = await called(phone, COFFEE)

    assert [entry.text for entry in call.transcript] == ["Good day.", "hello", "the house says hello"]
    assert own.said == []
    assert call.terms.response_ms == chosen.response_timeout_ms
    assert call.opened.notes == ()


def test_a_route_may_name_a_model_and_a_persona_and_inherits_what_it_does_not_name() -> None:
    document = {
        "responseModel": "openai/general",
        "responseSystemPrompt": "You are the house.",
        "models": {"providers": {"openai": {"apiKey": "sk-1"}}},
        "numbers": {
            TEA: {"responseModel": "openai/tea"},
            COFFEE: {"responseSystemPrompt": "You sell coffee."},
        },
    }

    made = make_responder(read_settings(document, {}).require(), lambda: HttpStreams(httpx.AsyncClient()))

    assert isinstance(made, RoutedResponder)
    answering = [made.general, made.routes[TEA], made.routes[COFFEE]]
    assert [(each.model, each.persona) for each in answering if isinstance(each, OpenAiResponder)] == [
        ("general", "You are the house."),
        ("tea", "You are the house."),
        ("general", "You sell coffee."),
    ]


def test_a_route_whose_model_has_no_service_echoes_and_a_warning_says_so() -> None:
    document = {"numbers": {TEA: {"responseModel": "house/tea"}}}

    report = read_settings(document, {})
    made = make_responder(report.require(), lambda: HttpStreams(httpx.AsyncClient()))

    assert isinstance(made, RoutedResponder)
    assert isinstance(made.routes[TEA], EchoResponder)
    assert [f'numbers["{TEA}"].responseModel names a service' in each for each in report.warnings] == [True]


def test_only_numbers_with_speech_settings_have_a_voice_of_their_own() -> None:
    document = {
        "tts": {"openai": {"apiKey": "sk-1"}},
        "numbers": {TEA: {"tts": {"provider": "elevenlabs", "elevenlabs": {"apiKey": "k"}}}, COFFEE: {}},
    }

    made = make_route_synthesizers(
        read_settings(document, {}).require(), lambda: HttpStreams(httpx.AsyncClient())
    )

    assert set(made) == {TEA}


class Reading(NativeSpeech):
    """Notes what it is to read, and says at once that it was read."""

    tells_end = False

    def __init__(self) -> None:
        self.given = anyio.Event()
        self.voice: str | None = None

    async def speak(self, carrier_call_id: CarrierCallId, spoken: SpokenText) -> None:
        self.voice = spoken.voice
        self.given.set()

    async def silence(self, carrier_call_id: CarrierCallId) -> None: ...

    async def listen(self, carrier_call_id: CarrierCallId, *, locale: str) -> None: ...

    async def stop_listening(self, carrier_call_id: CarrierCallId) -> None: ...


class Unmeasured:
    """Takes no times."""

    def first_byte(self, speech_id: SpeechId, part: int) -> None: ...

    def first_frame(self, speech_id: SpeechId, part: int) -> None: ...


@pytest.mark.anyio
async def test_the_carriers_own_voice_is_told_the_voice_of_the_number() -> None:
    reading = Reading()
    voice = NativeVoice(
        reading,
        carrier_call_id=lambda: CarrierCallId("leg"),
        report=lambda _: None,
        moments=Unmeasured(),
        voice="onyx",
    )

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(voice.run)
        voice.play(Play(SpeechId("opening"), 0, "Tea?", "en-US", interruptible=True))
        await reading.given.wait()
        tasks.cancel_scope.cancel()

    assert reading.voice == "onyx"

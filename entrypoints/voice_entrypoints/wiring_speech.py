"""Which speech services the settings amount to; part of the container, so it may name concrete adapters.

What a service needs is imported where it is made: looking up past calls needs no voice, and numpy takes its time.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from voice_adapters.speech.chain import NamedVoice, SynthesizerChain
from voice_adapters.speech.prepared import PreparedSpeech
from voice_adapters.speech.scripted import ScriptedTranscriber
from voice_adapters.speech.tone import ToneSynthesizer
from voice_contracts.settings import Settings
from voice_contracts.settings_choices import streaming_gaps, streaming_provider, tts_provider
from voice_domain.ports.clock import Clock
from voice_domain.ports.synthesizer import Synthesizer
from voice_domain.ports.transcriber import Transcriber

if TYPE_CHECKING:  # it takes its time, and the mock carrier needs none
    from voice_adapters.services.http_stream import HttpStreams

__all__ = (
    "local_synthesizer",
    "make_route_synthesizers",
    "make_synthesizer",
    "make_transcriber",
    "streams_calls",
)


def streams_calls(settings: Settings) -> bool:
    """Whether calls of a real carrier get a media stream: it is wanted, and its whole speech chain is configured."""
    wanted = settings.streaming.enabled or settings.provider == "mock"
    return wanted and not streaming_gaps(settings)


def local_synthesizer() -> Synthesizer:
    """Return the local voice: words where the extra is installed, else tones."""
    from voice_adapters.speech.local import LocalSynthesizer, local_speech_available

    return LocalSynthesizer() if local_speech_available() else ToneSynthesizer()


def make_synthesizer(settings: Settings, http: "Callable[[], HttpStreams]") -> Synthesizer:
    """Return the voice of media streams: the chosen service, then the others that are configured."""
    voices = tuple(_voices(settings, http))
    return PreparedSpeech(SynthesizerChain(voices) if len(voices) > 1 else voices[0].synthesizer)


def make_route_synthesizers(
    settings: Settings, http: "Callable[[], HttpStreams]"
) -> Mapping[str, Synthesizer]:
    """Return the voices of those of our numbers that have one of their own, by number."""
    return {
        number: make_synthesizer(attrs.evolve(settings, tts=route.tts), http)
        for number, route in settings.numbers.items()
        if route.tts is not None
    }


def _voices(settings: Settings, http: "Callable[[], HttpStreams]") -> Iterator[NamedVoice]:
    chosen = tts_provider(settings)
    makers = {
        "openai": lambda: _openai(settings, http),
        "elevenlabs": lambda: _elevenlabs(settings, http),
        "local": local_synthesizer,
    }
    order = [chosen] if chosen else []
    if chosen != "local":
        order += [name for name in ("openai", "elevenlabs") if name != chosen and _has_key(settings, name)]
    for name in order or ["local"]:
        yield NamedVoice(name, makers[name]())


def _has_key(settings: Settings, service: str) -> bool:
    tts = settings.tts
    return (tts.openai.api_key if service == "openai" else tts.elevenlabs.api_key) is not None


def _openai(settings: Settings, http: "Callable[[], HttpStreams]") -> Synthesizer:
    from voice_adapters.speech.openai import OPENAI_URL, OpenAiSynthesizer

    chosen = settings.tts.openai
    return OpenAiSynthesizer(
        http=http(),
        api_key=chosen.api_key.reveal() if chosen.api_key else "",
        model=chosen.model,
        voice=chosen.voice,
        speed=chosen.speed,
        instructions=chosen.instructions,
        silence_seconds=settings.tts.timeout_ms / 1000,
        longest_text=settings.tts.max_text_length,
        base_url=chosen.base_url or OPENAI_URL,
    )


def _elevenlabs(settings: Settings, http: "Callable[[], HttpStreams]") -> Synthesizer:
    from voice_adapters.speech.elevenlabs import ElevenLabsSynthesizer, ElevenLabsVoice

    chosen, sound = settings.tts.elevenlabs, settings.tts.elevenlabs.voice_settings
    return ElevenLabsSynthesizer(
        http=http(),
        api_key=chosen.api_key.reveal() if chosen.api_key else "",
        voice_id=chosen.voice_id,
        model_id=chosen.model_id,
        base_url=chosen.base_url,
        voice_settings=ElevenLabsVoice(
            stability=sound.stability,
            similarity_boost=sound.similarity_boost,
            style=sound.style,
            use_speaker_boost=sound.use_speaker_boost,
            speed=sound.speed,
        ),
        seed=chosen.seed,
        apply_text_normalization=chosen.apply_text_normalization,
        language_code=chosen.language_code,
        silence_seconds=settings.tts.timeout_ms / 1000,
        longest_text=settings.tts.max_text_length,
    )


def make_transcriber(settings: Settings, clock: Clock, scripted: ScriptedTranscriber) -> Transcriber:
    """Return the ear of media streams; without a configured one nothing is streamed, and nobody listens to it."""
    if streaming_provider(settings) != "openai":
        return scripted
    from voice_adapters.speech.openai import OPENAI_REALTIME_URL, OpenAiTranscriber

    chosen = settings.streaming.providers.openai
    base_url = settings.streaming.openai_base_url
    return OpenAiTranscriber(
        api_key=chosen.api_key.reveal() if chosen.api_key else "",
        clock=clock,
        model=chosen.model,
        silence_duration_ms=chosen.silence_duration_ms,
        vad_threshold=chosen.vad_threshold,
        base_url=base_url or OPENAI_REALTIME_URL,
    )

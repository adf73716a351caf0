"""Which speech services the settings amount to, where the user left the choice open."""

from voice_contracts.settings import Settings
from voice_contracts.settings_streaming import StreamingProvider
from voice_contracts.settings_tts import TtsProvider, TtsSettings

__all__ = ("streaming_provider", "tts_provider")


def tts_provider(settings: Settings, tts: TtsSettings | None = None) -> TtsProvider | None:
    """Return who speaks by *tts* (the general one, if None); None is the carrier with its own voices."""
    tts = tts or settings.tts
    if tts.provider is not None:
        return tts.provider
    if settings.provider == "mock":
        return "local"
    if tts.openai.api_key is not None:
        return "openai"
    return "elevenlabs" if tts.elevenlabs.api_key is not None else None


def streaming_provider(settings: Settings) -> StreamingProvider | None:
    """Return who transcribes media streams; None is nobody, so that no stream may be offered."""
    if settings.streaming.provider is not None:
        return settings.streaming.provider
    if settings.provider == "mock":
        return "local"
    return "openai" if settings.streaming.providers.openai.api_key is not None else None

"""Which speech services the settings amount to, where the user left the choice open."""

from voice_contracts.settings import Settings
from voice_contracts.settings_streaming import StreamingProvider
from voice_contracts.settings_tts import TtsProvider, TtsSettings

__all__ = ("streaming_gaps", "streaming_provider", "tts_provider", "tunnel_choice")


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


def tunnel_choice(settings: Settings) -> str | None:
    """Return the word for the tunnel; None where none is wanted. `publicUrl`, if there is one, counts more."""
    if settings.tunnel.provider != "none":
        return settings.tunnel.provider
    return f"tailscale-{settings.tailscale.mode}" if settings.tailscale.mode != "off" else None


def streaming_gaps(settings: Settings) -> tuple[str, ...]:
    """Return what is missing before calls can be streamed, a clause with its remedy each; empty if nothing is.

    A service of one's own, at an address of its own, may want no key.
    """
    if settings.provider == "mock":
        return ()
    gaps: list[str] = []
    tts, speaks = settings.tts, tts_provider(settings)
    if speaks is None:
        gaps.append("nobody speaks (set tts.openai.apiKey or tts.elevenlabs.apiKey)")
    elif speaks == "openai" and tts.openai.api_key is None and tts.openai.base_url is None:
        gaps.append("tts.provider openai has no key (set tts.openai.apiKey)")
    elif speaks == "elevenlabs" and tts.elevenlabs.api_key is None:
        gaps.append("tts.provider elevenlabs has no key (set tts.elevenlabs.apiKey)")
    listens = streaming_provider(settings)
    own_service = settings.streaming.openai_base_url is not None
    if listens is None:
        gaps.append("nobody listens (set streaming.providers.openai.apiKey)")
    elif listens == "local":
        gaps.append("streaming.provider local hears the mock carrier only (set it to openai)")
    elif settings.streaming.providers.openai.api_key is None and not own_service:
        gaps.append("streaming.provider openai has no key (set streaming.providers.openai.apiKey)")
    return tuple(gaps)

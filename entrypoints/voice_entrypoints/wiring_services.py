"""Asking the services that the settings name whether they take their keys; part of the container."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import attrs

from voice_adapters.services.retirements import Retirement, retirement_of
from voice_contracts.settings import Settings
from voice_contracts.settings_choices import tts_provider
from voice_contracts.settings_endpoints import model_endpoint

if TYPE_CHECKING:  # it takes its time
    from voice_adapters.services.model_catalog import CatalogAnswer
    from voice_adapters.transports.http_client import HttpClient

__all__ = (
    "Retirement",
    "UsedModel",
    "ask_language_model",
    "ask_synthesizer",
    "ask_transcriber",
    "retirement_of",
)

_OPENAI = "https://api.openai.com/v1"
_ANTHROPIC_MESSAGES = "anthropic-messages"


@attrs.frozen(kw_only=True)
class UsedModel:
    """A model or voice that calls use, and what its service says of it."""

    service: str
    model: str
    model_setting: str
    key_setting: str
    verdict: str = ""
    """As of the catalog, or `unreached`."""
    status: int = 0
    problem: str = ""
    """Why no answer came; empty if one did."""


async def ask_synthesizer(settings: Settings, http: "HttpClient") -> list[UsedModel]:
    """Ask for the model and the voice that speak in media streams."""
    from voice_adapters.services.model_catalog import ModelCatalog

    catalog = ModelCatalog(http)
    if tts_provider(settings) == "openai":
        openai = settings.tts.openai
        key, base = openai.api_key.reveal() if openai.api_key else "", openai.base_url or _OPENAI
        used = UsedModel(
            service="OpenAI" if base == _OPENAI else base,
            model=openai.model,
            model_setting="tts.openai.model",
            key_setting="tts.openai.apiKey",
        )
        return [await _asked(used, lambda: catalog.openai(base, key, openai.model, vendor=base == _OPENAI))]
    eleven = settings.tts.elevenlabs
    secret = eleven.api_key.reveal() if eleven.api_key else ""
    setting = "tts.elevenlabs.apiKey"
    model = UsedModel(
        service="ElevenLabs",
        model=eleven.model_id,
        model_setting="tts.elevenlabs.modelId",
        key_setting=setting,
    )
    voice = UsedModel(
        service="ElevenLabs",
        model=eleven.voice_id,
        model_setting="tts.elevenlabs.voiceId",
        key_setting=setting,
    )
    return [
        await _asked(model, lambda: catalog.elevenlabs_model(eleven.base_url, secret, eleven.model_id)),
        await _asked(voice, lambda: catalog.elevenlabs_voice(eleven.base_url, secret, eleven.voice_id)),
    ]


async def ask_transcriber(settings: Settings, http: "HttpClient") -> list[UsedModel]:
    """Ask for the model that hears media streams."""
    from voice_adapters.services.model_catalog import ModelCatalog

    openai, base = settings.streaming.providers.openai, settings.streaming.openai_base_url or _OPENAI
    base = base.replace("wss://", "https://", 1).replace("ws://", "http://", 1)
    key = openai.api_key.reveal() if openai.api_key else ""
    used = UsedModel(
        service="OpenAI" if base == _OPENAI else base,
        model=openai.model,
        model_setting="streaming.providers.openai.model",
        key_setting="streaming.providers.openai.apiKey",
    )
    catalog = ModelCatalog(http)
    return [await _asked(used, lambda: catalog.openai(base, key, openai.model, vendor=base == _OPENAI))]


async def ask_language_model(settings: Settings, http: "HttpClient") -> list[UsedModel]:
    """Ask for the model that answers; nothing where none is set up."""
    from voice_adapters.services.model_catalog import ModelCatalog

    endpoint = model_endpoint(settings)
    if endpoint is None:
        return []
    key = endpoint.api_key.reveal() if endpoint.api_key else ""
    used = UsedModel(
        service=endpoint.provider,
        model=endpoint.model,
        model_setting="responseModel",
        key_setting=f"models.providers.{endpoint.provider}.apiKey",
    )
    catalog = ModelCatalog(http)

    async def ask() -> "CatalogAnswer":
        if endpoint.api == _ANTHROPIC_MESSAGES:
            return await catalog.anthropic(endpoint.base_url, key, endpoint.model)
        vendor = endpoint.base_url.rstrip("/") == _OPENAI
        return await catalog.openai(endpoint.base_url, key, endpoint.model, vendor=vendor)

    return [await _asked(used, ask)]


async def _asked(used: UsedModel, ask: "Callable[[], Awaitable[CatalogAnswer]]") -> UsedModel:
    from voice_adapters.transports.http_client import UnreachableError

    try:
        answer = await ask()
    except UnreachableError as error:
        return attrs.evolve(used, verdict="unreached", problem=str(error))
    return attrs.evolve(used, verdict=answer.verdict, status=answer.status)

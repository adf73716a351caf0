"""Which language model answers, and where it is."""

from types import MappingProxyType
from typing import Final

import attrs

from voice_contracts.secret import Secret
from voice_contracts.settings import Settings
from voice_contracts.settings_models import ModelProviderSettings

__all__ = ("ModelEndpoint", "model_endpoint")

_DEFAULT_PROVIDER: Final = "openai"
_BASE_URLS: Final = MappingProxyType(
    {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}
)
_APIS: Final = MappingProxyType({"anthropic": "anthropic-messages"})
_DEFAULT_API: Final = "openai-completions"


@attrs.frozen(kw_only=True)
class ModelEndpoint:
    """A model and the service that runs it."""

    provider: str
    """The service's id in `models.providers`."""
    model: str
    base_url: str
    api: str
    """The protocol: `openai-completions`, `anthropic-messages`, or another word of the user's."""
    api_key: Secret | None
    """None for a service that asks for none."""


def model_endpoint(settings: Settings, response_model: str | None = None) -> ModelEndpoint | None:
    """Find the endpoint of *response_model*, or of the general one; None if no service is set up for it.

    A model without a slash is OpenAI's. The vendors' services need a key; another needs a base URL.
    """
    named = response_model or settings.response_model
    provider, slash, model = named.partition("/")
    if not slash:
        provider, model = _DEFAULT_PROVIDER, named
    service = settings.models.providers.get(provider, ModelProviderSettings())
    base_url = service.base_url or _BASE_URLS.get(provider)
    if base_url is None or (service.base_url is None and service.api_key is None):
        return None
    api = service.api or _APIS.get(provider, _DEFAULT_API)
    return ModelEndpoint(provider=provider, model=model, base_url=base_url, api=api, api_key=service.api_key)

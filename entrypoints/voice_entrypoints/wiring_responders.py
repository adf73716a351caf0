"""Who answers, by the settings; part of the container, so it may name concrete adapters."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from voice_adapters.responders.echo import EchoResponder
from voice_contracts.settings import Settings
from voice_contracts.settings_endpoints import model_endpoint
from voice_domain.ports.responder import Responder

if TYPE_CHECKING:  # it takes its time, and the mock carrier needs none
    from voice_adapters.services.http_stream import HttpStreams

__all__ = ("make_responder",)

_ANTHROPIC: Final = "anthropic-messages"


def make_responder(settings: Settings, http: "Callable[[], HttpStreams]") -> Responder:
    """Return the model that the settings name; calls to a number with a model or prompt of its own get that one."""
    routes = {
        number: _responder(
            settings,
            http,
            model=route.response_model,
            persona=settings.response_system_prompt
            if route.response_system_prompt is None
            else route.response_system_prompt,
        )
        for number, route in settings.numbers.items()
        if route.response_model is not None or route.response_system_prompt is not None
    }
    general = _responder(settings, http, model=None, persona=settings.response_system_prompt)
    if not routes:
        return general
    from voice_adapters.responders.routed import RoutedResponder

    return RoutedResponder(general, routes)


def _responder(
    settings: Settings, http: "Callable[[], HttpStreams]", *, model: str | None, persona: str | None
) -> Responder:
    """Return *model*, the general one for None, or an echo where no service is set up for it.

    Every protocol but Anthropic's is taken for OpenAI's chat completions, which most services speak.
    """
    endpoint = model_endpoint(settings, model)
    if endpoint is None:
        return EchoResponder()
    from voice_adapters.responders.anthropic import AnthropicResponder
    from voice_adapters.responders.openai import OpenAiResponder

    key = endpoint.api_key.reveal() if endpoint.api_key else None
    if endpoint.api == _ANTHROPIC:
        return AnthropicResponder(
            http=http(),
            model=endpoint.model,
            api_key=key or "",
            base_url=endpoint.base_url,
            service=endpoint.provider,
            persona=persona,
        )
    return OpenAiResponder(
        http=http(),
        model=endpoint.model,
        api_key=key,
        base_url=endpoint.base_url,
        service=endpoint.provider,
        persona=persona,
    )

"""Who answers, by the settings; part of the container, so it may name concrete adapters."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import attrs

from voice_adapters.responders.echo import EchoResponder
from voice_contracts.settings import Settings
from voice_contracts.settings_endpoints import model_endpoint
from voice_contracts.settings_routes import RouteSettings
from voice_domain.ports.responder import Responder

if TYPE_CHECKING:  # it takes its time, and the mock carrier needs none
    from voice_adapters.services.http_stream import HttpStreams

__all__ = ("make_responder",)

_ANTHROPIC: Final = "anthropic-messages"
_NO_DIFFERENCE: Final = (None, None, None)


def make_responder(settings: Settings, http: "Callable[[], HttpStreams]") -> Responder:
    """Return the model that the settings name; calls to a number with a model or prompt of its own get that one."""
    general = RouteSettings(
        response_model=settings.response_model,
        response_system_prompt=settings.response_system_prompt,
        response_timeout_ms=settings.response_timeout_ms,
    )
    routes = {
        number: _responder(settings, _over(general, route), http)
        for number, route in settings.numbers.items()
        if (route.response_model, route.response_system_prompt, route.response_timeout_ms) != _NO_DIFFERENCE
    }
    if not routes:
        return _responder(settings, general, http)
    from voice_adapters.responders.routed import RoutedResponder

    return RoutedResponder(_responder(settings, general, http), routes)


def _over(general: RouteSettings, route: RouteSettings) -> RouteSettings:
    """Return what *route* says, and what *general* says where it says nothing."""
    said = attrs.asdict(route, recurse=False, filter=lambda _, value: value is not None)
    return attrs.evolve(general, **said)


def _responder(settings: Settings, wish: RouteSettings, http: "Callable[[], HttpStreams]") -> Responder:
    """Return the model that *wish* names, or an echo where no service is set up for it.

    Every protocol but Anthropic's is taken for OpenAI's chat completions, which most services speak.
    """
    endpoint = model_endpoint(settings, wish.response_model)
    if endpoint is None:
        return EchoResponder()
    from voice_adapters.responders.anthropic import AnthropicResponder
    from voice_adapters.responders.openai import OpenAiResponder

    key = endpoint.api_key.reveal() if endpoint.api_key else None
    # The call loses its patience first, and apologises; a second later nobody wants the answer any more.
    silence_seconds = (wish.response_timeout_ms or settings.response_timeout_ms) / 1000 + 1
    if endpoint.api == _ANTHROPIC:
        return AnthropicResponder(
            http=http(),
            model=endpoint.model,
            api_key=key or "",
            base_url=endpoint.base_url,
            service=endpoint.provider,
            persona=wish.response_system_prompt,
            silence_seconds=silence_seconds,
        )
    return OpenAiResponder(
        http=http(),
        model=endpoint.model,
        api_key=key,
        base_url=endpoint.base_url,
        service=endpoint.provider,
        persona=wish.response_system_prompt,
        silence_seconds=silence_seconds,
    )

"""The settings decide who answers: which model, of which service, with which key and persona."""

from typing import Any

import httpx
import pytest

from voice_adapters.responders.anthropic import AnthropicResponder
from voice_adapters.responders.echo import EchoResponder
from voice_adapters.responders.openai import OpenAiResponder
from voice_adapters.responders.routed import RoutedResponder
from voice_adapters.services.http_stream import HttpStreams
from voice_contracts.settings_reading import read_settings
from voice_domain.ports.responder import Responder
from voice_entrypoints.wiring_responders import make_responder


def responder(document: dict[str, Any]) -> Responder:
    """Return what a settings document makes; nothing is sent."""
    settings = read_settings(document, {}).require()
    return make_responder(settings, lambda: HttpStreams(httpx.AsyncClient()))


def with_service(name: str, model: str, **service: str) -> dict[str, Any]:
    document = {"responseModel": model, "models": {"providers": {name: service}}}
    return {**document, "responseSystemPrompt": "You sell tea."}


def test_without_a_service_an_echo_answers() -> None:
    assert isinstance(responder({}), EchoResponder)


def test_a_model_of_openais_answers_with_its_key_and_the_users_persona() -> None:
    made = responder(with_service("openai", "openai/gpt-x", apiKey="sk-1"))

    assert isinstance(made, OpenAiResponder)
    assert (made.model, made.api_key, made.base_url) == ("gpt-x", "sk-1", "https://api.openai.com/v1")
    assert (made.service, made.persona) == ("openai", "You sell tea.")


def test_a_model_of_anthropics_answers_by_its_own_protocol() -> None:
    made = responder(with_service("anthropic", "anthropic/claude-x", apiKey="sk-2"))

    assert isinstance(made, AnthropicResponder)
    assert (made.model, made.api_key, made.base_url) == ("claude-x", "sk-2", "https://api.anthropic.com")
    assert (made.service, made.persona) == ("anthropic", "You sell tea.")


@pytest.mark.parametrize(
    ("api", "kind"), [("anthropic-messages", AnthropicResponder), ("openai-completions", OpenAiResponder)]
)
def test_any_service_may_speak_either_protocol_at_its_own_address(api: str, kind: type[Responder]) -> None:
    made = responder(with_service("house", "house/tea", baseUrl="http://127.0.0.1:9/v1", api=api))

    assert isinstance(made, kind)
    assert getattr(made, "base_url", None) == "http://127.0.0.1:9/v1"


def test_a_service_that_asks_for_no_key_is_sent_none() -> None:
    made = responder(with_service("house", "house/tea", baseUrl="http://127.0.0.1:9/v1"))

    assert isinstance(made, OpenAiResponder)
    assert made.api_key is None


@pytest.mark.parametrize("api", ["anthropic-messages", "openai-completions"])
def test_a_model_may_be_silent_for_longer_than_the_call_waits_for_it(api: str) -> None:
    document = with_service("house", "house/tea", baseUrl="http://127.0.0.1:9/v1", api=api)
    document |= {"responseTimeoutMs": 60_000, "numbers": {"+15550001234": {"responseTimeoutMs": 90_000}}}

    made = responder(document)

    assert isinstance(made, RoutedResponder)
    assert getattr(made.general, "silence_seconds", None) == 61
    assert getattr(made.routes["+15550001234"], "silence_seconds", None) == 91

"""What settings amount to: language, region, models, voices, and how fast they are read."""

import subprocess
import sys
import time

import pytest
from support.settings_documents import NUMBER, TWILIO, read

from voice_contracts.secret import Secret
from voice_contracts.settings_choices import streaming_provider, tts_provider
from voice_contracts.settings_endpoints import ModelEndpoint, model_endpoint
from voice_contracts.settings_locale import locale_for, region_of_settings
from voice_contracts.settings_reading import read_settings
from voice_domain.e164 import PhoneNumber

CHINESE = PhoneNumber("+8613800138000")
AMERICAN = PhoneNumber("+12125550123")


def test_the_callees_country_decides_the_language() -> None:
    assert locale_for(read({}), CHINESE) == "zh-CN"
    assert locale_for(read({}), AMERICAN) == "en-US"
    assert locale_for(read({}), None) == "en-US"


def test_a_language_that_is_set_holds_for_everybody() -> None:
    assert locale_for(read({"locale": "de-DE"}), CHINESE) == "de-DE"


@pytest.mark.parametrize(
    ("document", "region"),
    [
        ({"fromNumber": "+8657112345678"}, "CN"),
        ({"fromNumber": "+8657112345678", "locale": "en-GB"}, "CN"),
        ({"fromNumber": "+493012345678"}, "DE"),
        ({"locale": "zh-CN"}, "CN"),
        ({"locale": "zh-Hans"}, "CN"),
        ({"locale": "zh-Hant-tw"}, "TW"),
        ({"locale": "en-GB"}, "GB"),
        ({"locale": "fr"}, "US"),
        ({"fromNumber": "+8835100012345", "locale": "fr-FR"}, "FR"),
        ({}, "US"),
    ],
)
def test_local_numbers_are_meant_where_our_number_is(document: dict[str, str], region: str) -> None:
    assert region_of_settings(read(document)) == region


def test_without_a_key_nobody_answers() -> None:
    assert model_endpoint(read({})) is None


def test_a_key_from_the_environment_is_enough_for_a_vendor() -> None:
    environ = {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "a"}

    assert model_endpoint(read({}, environ)) == ModelEndpoint(
        provider="openai",
        model="gpt-4o-mini",
        base_url="https://api.openai.com/v1",
        api="openai-completions",
        api_key=Secret("k"),
    )
    assert model_endpoint(read({"responseModel": "anthropic/claude-x"}, environ)) == ModelEndpoint(
        provider="anthropic",
        model="claude-x",
        base_url="https://api.anthropic.com",
        api="anthropic-messages",
        api_key=Secret("a"),
    )


def test_a_service_of_ones_own_needs_no_key() -> None:
    document = {
        "responseModel": "home/qwen/3",
        "models": {"providers": {"home": {"baseUrl": "http://127.0.0.1:11434/v1"}}},
    }

    endpoint = model_endpoint(read(document))

    assert endpoint is not None
    assert (endpoint.model, endpoint.base_url, endpoint.api_key) == (
        "qwen/3",
        "http://127.0.0.1:11434/v1",
        None,
    )


def test_a_model_without_a_service_is_openais() -> None:
    endpoint = model_endpoint(read({}, {"OPENAI_API_KEY": "k"}), "gpt-5")

    assert endpoint is not None
    assert (endpoint.provider, endpoint.model) == ("openai", "gpt-5")


def test_the_file_wins_over_the_environment_for_keys_of_models() -> None:
    document = {"models": {"providers": {"openai": {"apiKey": "file"}}}}

    endpoint = model_endpoint(read(document, {"OPENAI_API_KEY": "env"}))

    assert endpoint is not None
    assert endpoint.api_key == Secret("file")


def test_the_mock_carrier_speaks_and_listens_without_a_network() -> None:
    settings = read({}, {"OPENAI_API_KEY": "k"})

    assert tts_provider(settings) == "local"
    assert streaming_provider(settings) == "local"


def test_a_real_carrier_uses_whatever_has_a_key() -> None:
    assert tts_provider(read(TWILIO)) is None
    assert streaming_provider(read(TWILIO)) is None
    assert tts_provider(read(TWILIO, {"XI_API_KEY": "x"})) == "elevenlabs"
    assert tts_provider(read(TWILIO, {"XI_API_KEY": "x", "OPENAI_API_KEY": "k"})) == "openai"
    assert streaming_provider(read(TWILIO, {"OPENAI_API_KEY": "k"})) == "openai"


def test_a_service_that_is_named_is_used() -> None:
    settings = read({"tts": {"provider": "openai"}, "streaming": {"provider": "openai"}})

    assert tts_provider(settings) == "openai"
    assert streaming_provider(settings) == "openai"


def test_usual_settings_are_read_in_well_under_a_millisecond() -> None:
    document = {
        **TWILIO,
        "serve": {"port": 3334},
        "streaming": {"enabled": True},
        "outbound": {"allowCountries": ["US"]},
        "messages": {"tts": {"provider": "openai", "openai": {"voice": "coral"}}},
        "numbers": {NUMBER: {"inboundGreeting": "Hi"}},
    }
    read_settings(document, {})

    def seconds() -> float:
        start = time.perf_counter()
        read_settings(document, {})
        return time.perf_counter() - start

    assert min(seconds() for _ in range(20)) < 0.001


def test_the_settings_are_imported_without_heavy_company() -> None:
    program = (
        "import sys, voice_contracts.settings_reading\n"
        "print([name for name in ('asyncio', 'anyio', 'httpx', 'phonenumbers', 'cattrs') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"

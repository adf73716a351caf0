"""Settings as users write them: what is valid, what is missing, which defaults hold."""

from collections.abc import Mapping
from typing import Any

import pytest
from support.settings_documents import NESTED, NUMBER, TWILIO, nested, problems_of, read

from voice_contracts.settings import MOCK_NUMBER
from voice_contracts.settings_reading import read_settings
from voice_contracts.settings_report import InvalidSettingsError


def without(document: Mapping[str, Any], section: str, key: str) -> dict[str, Any]:
    rest = {name: value for name, value in document[section].items() if name != key}
    return {**document, section: rest}


def test_twilio_with_credentials_in_the_file_is_valid() -> None:
    settings = read(TWILIO)

    assert settings.twilio.account_sid == "AC1"
    assert settings.twilio.auth_token is not None
    assert settings.twilio.auth_token.reveal() == "t"


def test_twilio_with_everything_in_the_environment_is_valid() -> None:
    environ = {"TWILIO_ACCOUNT_SID": "AC2", "TWILIO_AUTH_TOKEN": "u", "TWILIO_FROM_NUMBER": NUMBER}

    settings = read({"provider": "twilio"}, environ)

    assert settings.twilio.account_sid == "AC2"
    assert settings.from_number == NUMBER


def test_the_file_and_the_environment_complete_each_other() -> None:
    document = without(TWILIO, "twilio", "authToken")

    settings = read(document, {"TWILIO_AUTH_TOKEN": "env", "TWILIO_ACCOUNT_SID": "not used"})

    assert settings.twilio.account_sid == "AC1"
    assert settings.twilio.auth_token is not None
    assert settings.twilio.auth_token.reveal() == "env"


@pytest.mark.parametrize(
    ("carrier", "section", "key", "variable"),
    [
        ("twilio", {"authToken": "t"}, "accountSid", "TWILIO_ACCOUNT_SID"),
        ("twilio", {"accountSid": "AC1"}, "authToken", "TWILIO_AUTH_TOKEN"),
        ("telnyx", {"connectionId": "1", "publicKey": "k"}, "apiKey", "TELNYX_API_KEY"),
        ("telnyx", {"apiKey": "1", "publicKey": "k"}, "connectionId", "TELNYX_CONNECTION_ID"),
        ("telnyx", {"apiKey": "1", "connectionId": "1"}, "publicKey", "TELNYX_PUBLIC_KEY"),
        ("plivo", {"authToken": "t"}, "authId", "PLIVO_AUTH_ID"),
        ("plivo", {"authId": "t"}, "authToken", "PLIVO_AUTH_TOKEN"),
    ],
)
def test_a_missing_credential_is_named_with_its_variable(
    carrier: str, section: dict[str, str], key: str, variable: str
) -> None:
    config = {"provider": carrier, "fromNumber": NUMBER, carrier: section}

    assert problems_of(nested(config)) == [f"{NESTED}{carrier}.{key} is required (or set {variable} env)"]
    assert problems_of(config) == [f"{carrier}.{key} is required (or set {variable} env)"]
    assert problems_of(config, {variable: "  "}) == problems_of(config)
    assert problems_of(config, {variable: "value"}) == []


@pytest.mark.parametrize(
    ("section", "key", "variable", "words"),
    [
        ({"accessKeySecret": "t"}, "accessKeyId", "ALIYUN_ACCESS_KEY_ID", "AccessKey ID 是必需的"),
        ({"accessKeyId": "t"}, "accessKeySecret", "ALIYUN_ACCESS_KEY_SECRET", "AccessKey Secret 是必需的"),
    ],
)
def test_a_missing_access_key_is_named_in_the_words_that_people_look_up(
    section: dict[str, str], key: str, variable: str, words: str
) -> None:
    config = {"provider": "aliyun", "fromNumber": NUMBER, "aliyun": section}

    assert problems_of(config) == [
        f"{words}：请检查配置或环境变量；aliyun.{key} is required (or set {variable} env)"
    ]
    assert problems_of(config, {variable: "value"}) == []


def test_a_wrong_number_of_aliyuns_is_named_in_the_words_that_people_look_up() -> None:
    section = {"accessKeyId": "i", "accessKeySecret": "s"}
    config = {"provider": "aliyun", "fromNumber": "13900000000", "aliyun": section}
    (problem,) = problems_of(config)

    assert problem.startswith("号码格式错误：请使用 E.164 格式（+86…）；fromNumber: ")
    assert "13900000000" not in problem
    assert not problems_of({**config, "provider": "twilio", "twilio": {"accountSid": "a", "authToken": "t"}})[
        0
    ].startswith("号码")


def test_telnyx_needs_no_public_key_where_signatures_are_not_verified() -> None:
    config = {
        "provider": "telnyx",
        "fromNumber": NUMBER,
        "telnyx": {"apiKey": "k", "connectionId": "1"},
        "skipSignatureVerification": True,
    }

    report = read_settings(config, {})

    assert report.problems == ()
    assert "skipSignatureVerification is on" in report.warnings[0]


def test_aliyun_has_a_region_by_default_and_takes_one_from_the_environment() -> None:
    config = {
        "provider": "aliyun",
        "fromNumber": "+8657112345678",
        "aliyun": {"accessKeyId": "i", "accessKeySecret": "s"},
    }

    assert read(config).aliyun.region_id == "cn-hangzhou"
    assert read(config, {"ALIYUN_REGION_ID": "cn-beijing"}).aliyun.region_id == "cn-beijing"
    assert read(config, {"ALIYUN_REGION_ID": " "}).aliyun.region_id == "cn-hangzhou"


def test_disabled_settings_need_no_credentials() -> None:
    settings = read({"enabled": False, "provider": "twilio"})

    assert not settings.enabled
    assert settings.provider == "twilio"


def test_disabled_settings_look_for_no_secret() -> None:
    reference = {"source": "env", "id": "NOT_THERE"}

    settings = read({"enabled": False, "provider": "plivo", "plivo": {"authToken": reference}})

    assert settings.plivo.auth_token is None


def test_disabled_settings_must_still_have_the_right_shape() -> None:
    assert problems_of({"enabled": False, "serve": {"port": "x"}}) == [
        "serve.port: Expected a whole number from 0 to 65535, not text"
    ]


def test_the_host_can_disable_the_entry() -> None:
    settings = read(nested({"provider": "twilio"}, enabled=False))

    assert not settings.enabled


def test_every_missing_key_is_reported_at_once() -> None:
    assert problems_of({"provider": "twilio"}) == [
        "fromNumber is required (or set TWILIO_FROM_NUMBER env)",
        "twilio.accountSid is required (or set TWILIO_ACCOUNT_SID env)",
        "twilio.authToken is required (or set TWILIO_AUTH_TOKEN env)",
    ]


def test_the_error_lists_every_problem() -> None:
    with pytest.raises(InvalidSettingsError) as caught:
        read({"provider": "plivo", "serve": {"prot": 1}})

    assert str(caught.value) == (
        "Invalid voice-call config: serve.prot: unknown key; the nearest known key is serve.port; "
        "fromNumber is required; plivo.authId is required (or set PLIVO_AUTH_ID env); "
        "plivo.authToken is required (or set PLIVO_AUTH_TOKEN env)"
    )
    assert caught.value.kind == "invalid_settings"
    assert len(caught.value.problems) == 4


def test_nothing_written_means_the_mock_carrier_that_records() -> None:
    settings = read({})

    assert settings.enabled
    assert settings.provider == "mock"
    assert settings.from_number == MOCK_NUMBER == "+15550000000"
    assert settings.recording.enabled
    assert settings.stt.provider == "local"


def test_a_real_carrier_records_only_if_asked() -> None:
    assert not read(TWILIO).recording.enabled
    assert read({**TWILIO, "recording": {"enabled": True}}).recording.enabled
    assert not read({"recording": {"enabled": False}}).recording.enabled


def test_the_documented_defaults_hold() -> None:
    settings = read({})

    assert settings.stale_call_reaper_seconds == 120
    assert settings.session_scope == "per-phone"
    assert settings.inbound_policy == "disabled"
    assert settings.max_duration_seconds == 300
    assert settings.outbound.notify_hangup_delay_seconds == 3
    assert settings.response_model == "openai/gpt-4o-mini"
    assert (settings.mock.ring_ms, settings.mock.answer_ms) == (200, 600)


def test_a_section_given_in_part_keeps_its_other_defaults() -> None:
    settings = read({"streaming": {"enabled": True, "streamPath": "/s"}, "serve": {"path": "/hook"}})

    assert settings.streaming.stream_path == "/s"
    assert settings.streaming.max_pending_connections == 32
    assert settings.serve.port == 3334
    assert settings.tunnel.provider == "none"
    assert settings.webhook_security.allowed_hosts == ()


def test_only_the_selected_carriers_variables_are_read() -> None:
    environ = {"TWILIO_FROM_NUMBER": "rubbish", "PLIVO_AUTH_ID": "p", "NGROK_AUTHTOKEN": "n"}

    settings = read({}, environ)

    assert settings.plivo.auth_id is None
    assert settings.tunnel.ngrok_auth_token is None
    assert settings.from_number == MOCK_NUMBER


def test_ngroks_variables_are_read_for_ngrok() -> None:
    settings = read(
        {"tunnel": {"provider": "ngrok"}}, {"NGROK_AUTHTOKEN": "n", "NGROK_DOMAIN": "d.ngrok.app"}
    )

    assert settings.tunnel.ngrok_auth_token is not None
    assert settings.tunnel.ngrok_domain == "d.ngrok.app"


def test_a_faulty_variable_is_named_as_such() -> None:
    environ = {"TWILIO_FROM_NUMBER": "5550001234"}

    document = {key: value for key, value in TWILIO.items() if key != "fromNumber"}

    assert problems_of(document, environ) == [
        "environment variable TWILIO_FROM_NUMBER: Expected E.164 format, e.g. +15550001234"
    ]


def test_models_stand_at_the_top_in_both_shapes() -> None:
    models = {"mode": "merge", "providers": {"local": {"baseUrl": "http://127.0.0.1:1234/v1", "models": []}}}

    flat = read({"models": models})
    inside = read({**nested({}), "models": models})

    assert flat.models.providers["local"].base_url == "http://127.0.0.1:1234/v1"
    assert inside.models == flat.models


def test_the_hosts_own_keys_are_ignored() -> None:
    document = {**nested({"provider": "mock"}), "agents": {"list": []}, "channels": 5}

    assert read(document).provider == "mock"


def test_a_hosts_file_without_our_entry_means_the_defaults() -> None:
    assert read({"plugins": {"entries": {"other": {}}}}) == read({})


def test_an_unknown_key_beside_the_config_is_a_warning() -> None:
    report = read_settings(nested({}, cofnig={}), {})

    assert report.settings is not None
    assert "voice-call.cofnig is not one of enabled and config" in report.warnings[0]


def test_the_editors_schema_key_is_no_setting() -> None:
    assert read({"$schema": "settings.schema.json"}) == read({})


def test_a_chosen_model_without_a_service_is_a_warning() -> None:
    report = read_settings({"responseModel": "anthropic/claude"}, {})

    assert report.warnings == (
        "responseModel names a service without apiKey or baseUrl in models.providers: callers will hear an echo",
    )
    assert read_settings({"responseModel": "anthropic/claude"}, {"ANTHROPIC_API_KEY": "k"}).warnings == ()

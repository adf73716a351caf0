"""Old spellings and the two sources of speech settings."""

import pytest
from support.settings_documents import NESTED, NUMBER, TWILIO, nested, problems_of, read, warnings_of

from voice_contracts.settings_reading import read_settings


def test_the_old_carrier_log_is_mock() -> None:
    report = read_settings({"provider": "log"}, {})

    assert report.require().provider == "mock"
    assert report.require().recording.enabled
    assert report.warnings == ('provider: "log" is an old word; write "mock" instead',)


def test_the_old_place_of_twilios_number_is_understood() -> None:
    document = {"provider": "twilio", "twilio": {"accountSid": "a", "authToken": "t", "from": NUMBER}}

    report = read_settings(nested(document), {"TWILIO_FROM_NUMBER": "+15550009999"})

    assert report.require().from_number == NUMBER
    assert report.warnings == (f"{NESTED}twilio.from is an old spelling; write {NESTED}fromNumber instead",)


def test_a_faulty_value_is_named_where_it_was_written() -> None:
    assert problems_of({"twilio": {"from": "1"}}) == ["twilio.from: Expected E.164 format, e.g. +15550001234"]


def test_of_two_spellings_todays_wins_and_the_report_says_so() -> None:
    report = read_settings({**TWILIO, "twilio": {**TWILIO["twilio"], "from": "+15550009999"}}, {})

    assert report.require().from_number == NUMBER
    assert report.warnings == ("twilio.from is an old spelling and ignored, as fromNumber is set; remove it",)


def test_the_old_transcription_keys_are_understood_with_one_warning_each() -> None:
    old = {
        "sttProvider": "openai-realtime",
        "openaiApiKey": "k",
        "sttModel": "m",
        "silenceDurationMs": 500,
        "vadThreshold": 0,
    }

    report = read_settings({"streaming": old}, {})
    transcription = report.require().streaming.providers.openai

    assert report.require().streaming.provider == "openai"
    assert transcription.model == "m"
    assert transcription.silence_duration_ms == 500
    assert transcription.vad_threshold == 0
    assert transcription.api_key is not None
    assert sum("is an old spelling" in warning for warning in report.warnings) == len(old)


@pytest.mark.parametrize("document", [{"agentId": "main"}, {"numbers": {NUMBER: {"agentId": "main"}}}])
def test_a_key_without_a_meaning_here_is_ignored_with_a_warning(document: dict[str, object]) -> None:
    (warning,) = warnings_of(document)

    assert warning.endswith("agentId is ignored: it has no meaning here; remove it")


def test_the_free_tier_flag_has_a_longer_name_today() -> None:
    report = read_settings({"tunnel": {"allowNgrokFreeTier": True}}, {})

    assert report.require().tunnel.allow_ngrok_free_tier_loopback_bypass
    assert len(report.warnings) == 1


def test_both_shapes_of_the_speech_settings_are_good_spelling() -> None:
    old = read_settings({"tts": {"openai": {"voice": "marin"}, "elevenlabs": {"voiceId": "v1"}}}, {})
    new = read_settings(
        {"tts": {"providers": {"openai": {"voice": "marin"}, "elevenlabs": {"voiceId": "v1"}}}}, {}
    )

    assert old.require() == new.require()
    assert old.warnings == new.warnings == ()


def test_a_fault_in_the_newer_shape_is_named_there() -> None:
    document = {"tts": {"openai": {"model": 5}, "providers": {"openai": {"speed": 9}}}}

    assert sorted(problems_of(document)) == [
        "tts.openai.model: Expected text, not a number",
        "tts.providers.openai.speed: Expected a number from 0.25 to 4",
    ]


def test_speech_settings_of_strangers_are_refused_in_our_own_section() -> None:
    (problem,) = problems_of({"tts": {"gradium": {}}})

    assert problem.startswith("tts.gradium: unknown key; the nearest known key is tts.")


def test_our_speech_settings_lie_over_the_hosts() -> None:
    document = {
        "messages": {"tts": {"openai": {"model": "m", "voice": "alloy"}, "timeoutMs": 5000}},
        "tts": {"openai": {"voice": "coral"}},
    }

    tts = read(document).tts

    assert (tts.openai.model, tts.openai.voice, tts.timeout_ms) == ("m", "coral", 5000)


def test_one_voice_setting_leaves_the_others_alone() -> None:
    voice = read({"tts": {"elevenlabs": {"voiceSettings": {"speed": 1.1}}}}).tts.elevenlabs.voice_settings

    assert (voice.speed, voice.stability, voice.similarity_boost, voice.use_speaker_boost) == (
        1.1,
        0.5,
        0.75,
        True,
    )


def test_a_blank_model_or_voice_means_the_default() -> None:
    tts = read({"tts": {"openai": {"model": " ", "voice": ""}, "elevenlabs": {"modelId": ""}}}).tts

    assert (tts.openai.model, tts.openai.voice) == ("gpt-4o-mini-tts", "alloy")
    assert tts.elevenlabs.model_id == "eleven_multilingual_v2"


def test_a_zero_is_a_value_and_not_an_absence() -> None:
    settings = read({"tts": {"elevenlabs": {"voiceSettings": {"stability": 0, "similarityBoost": 0}}}})

    assert settings.tts.elevenlabs.voice_settings.stability == 0
    assert settings.tts.elevenlabs.voice_settings.similarity_boost == 0


@pytest.mark.parametrize("key", ["__proto__", "prototype", "constructor"])
def test_keys_that_change_every_object_are_dropped_at_any_depth(key: str) -> None:
    polluted = {key: {"openai": {"voice": "evil"}}, "openai": {key: {"voice": "evil"}, "voice": "coral"}}

    for document in ({"tts": polluted}, {"messages": {"tts": polluted}}):
        assert read(document).tts.openai.voice == "coral"


def test_a_fault_of_the_hosts_speech_settings_is_named_there() -> None:
    assert problems_of({"messages": {"tts": {"openai": {"speed": 9}}}}) == [
        "messages.tts.openai.speed: Expected a number from 0.25 to 4"
    ]


def test_a_fault_that_is_covered_by_our_own_value_is_none() -> None:
    document = {"messages": {"tts": {"openai": {"speed": 9}}}, "tts": {"openai": {"speed": 1}}}

    assert problems_of(document) == []


def test_a_hosts_file_may_hold_speech_settings_that_we_do_not_know() -> None:
    document = {
        **nested({}),
        "messages": {"tts": {"provider": "gradium", "gradium": {"x": 1}, "openai": {"y": 2}}},
    }

    report = read_settings(document, {})

    assert report.require().tts.provider is None
    assert report.warnings == (
        "messages.tts.provider names a service that calls cannot use; the next configured one is used",
    )


def test_edge_is_ignored_for_calls_with_one_warning() -> None:
    document = {
        "messages": {"tts": {"provider": "elevenlabs"}},
        "tts": {"provider": "edge", "edge": {"voice": "en-US-MichelleNeural"}},
    }

    report = read_settings(document, {})

    assert report.require().tts.provider == "elevenlabs"
    assert len(report.warnings) == 1
    assert '"edge" has no telephone format' in report.warnings[0]


def test_a_numbers_own_speech_settings_lie_over_the_general_ones() -> None:
    document = {
        "messages": {"tts": {"openai": {"model": "m"}}},
        "tts": {"openai": {"voice": "coral"}},
        "numbers": {NUMBER: {"tts": {"openai": {"voice": "sage"}}, "inboundGreeting": "Hi"}, "+4930": {}},
    }

    routes = read(document).numbers

    assert routes[NUMBER].tts is not None
    assert (routes[NUMBER].tts.openai.model, routes[NUMBER].tts.openai.voice) == ("m", "sage")
    assert routes[NUMBER].inbound_greeting == "Hi"
    assert routes["+4930"].tts is None

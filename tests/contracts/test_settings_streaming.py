"""Calls are streamed only if somebody speaks and somebody listens; what is missing is said once."""

from typing import Any

import pytest

from voice_contracts.settings import Settings
from voice_contracts.settings_choices import streaming_gaps
from voice_contracts.settings_reading import read_settings
from voice_contracts.settings_report import SettingsReport
from voice_entrypoints.wiring_speech import streams_calls

EARS = {"providers": {"openai": {"apiKey": "sk-1"}}}
VOICE = {"openai": {"apiKey": "sk-1"}}


def twilio(*, streaming: dict[str, Any], tts: dict[str, Any] | None = None, **environ: str) -> SettingsReport:
    document = {
        "provider": "twilio",
        "fromNumber": "+15550001234",
        "twilio": {"accountSid": "AC1", "authToken": "t"},
        "streaming": {"enabled": True, **streaming},
        "tts": tts or {},
    }
    return read_settings(document, environ)


@pytest.mark.parametrize(
    ("streaming", "tts", "gap"),
    [
        (EARS, {}, "nobody speaks"),
        (EARS, {"provider": "openai"}, "tts.provider openai has no key"),
        (EARS, {"provider": "elevenlabs"}, "tts.provider elevenlabs has no key"),
        ({}, VOICE, "nobody listens"),
        ({"provider": "openai"}, VOICE, "streaming.provider openai has no key"),
        ({**EARS, "provider": "local"}, VOICE, "streaming.provider local hears the mock carrier only"),
    ],
)
def test_a_gap_in_the_speech_chain_is_one_warning_and_no_stream(
    streaming: dict[str, Any], tts: dict[str, Any], gap: str
) -> None:
    report = twilio(streaming=streaming, tts=tts)

    told = [warning for warning in report.warnings if warning.startswith("streaming.enabled is on")]
    assert len(told) == 1
    assert gap in told[0]
    assert "(set " in told[0]
    assert told[0].endswith("The carrier's own voice speaks and listens instead")
    assert not streams_calls(report.require())


def test_both_gaps_are_told_in_one_warning() -> None:
    report = twilio(streaming={})

    assert [("nobody speaks" in each, "nobody listens" in each) for each in report.warnings] == [(True, True)]


@pytest.mark.parametrize(
    "report",
    [
        twilio(streaming=EARS, tts=VOICE),
        twilio(streaming={}, OPENAI_API_KEY="sk-1"),
        twilio(streaming=EARS, tts={"elevenlabs": {"apiKey": "k"}}),
        twilio(streaming=EARS, tts={"provider": "local"}),
        twilio(
            streaming={"provider": "openai", "openaiBaseUrl": "http://127.0.0.1:8000/v1"},
            tts={"provider": "openai", "openai": {"baseUrl": "http://127.0.0.1:8000/v1"}},
        ),
    ],
    ids=["keys", "environment", "elevenlabs", "local voice", "services of one's own without keys"],
)
def test_a_whole_speech_chain_is_streamed_without_a_warning(report: SettingsReport) -> None:
    assert report.warnings == ()
    assert streams_calls(report.require())


def test_who_does_not_want_streams_is_told_nothing() -> None:
    report = twilio(streaming={"enabled": False})

    assert report.warnings == ()
    assert not streams_calls(report.require())


def test_the_mock_carrier_needs_no_services() -> None:
    assert streaming_gaps(Settings()) == ()
    assert streams_calls(Settings())

"""Logs tell what happened and never whom, what was said or what opens a door."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_contracts.secret import Secret
from voice_contracts.settings import Settings
from voice_contracts.settings_carriers import TwilioSettings
from voice_contracts.settings_operation import LoggingSettings
from voice_entrypoints.logs import LineFormatter, secrets_of, set_up_logs

CANARY = "canary-0123456789"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)


def settings(**logging_settings: object) -> Settings:
    twilio = TwilioSettings(auth_token=Secret(CANARY))
    return Settings(logging=LoggingSettings(**logging_settings), twilio=twilio)  # type: ignore[arg-type]  # the fields vary


def line(message: str, **formatter: object) -> str:
    record = logging.LogRecord("voice", logging.INFO, "", 0, message, (), None)
    return LineFormatter(**formatter).format(record)  # type: ignore[arg-type]  # the fields vary


def test_a_line_of_text_says_when_how_bad_who_and_what(log: io.StringIO) -> None:
    set_up_logs(settings(), stream=log)
    logging.getLogger("voice.test").warning("call %s ended", "abc")

    assert log.getvalue().endswith("Z warning voice.test: call abc ended\n")


def test_a_line_of_json_is_one_object(log: io.StringIO) -> None:
    set_up_logs(settings(format="json"), stream=log)
    logging.getLogger("voice.test").error("broken\nline")

    entry = json.loads(log.getvalue())
    assert (entry["level"], entry["logger"], entry["message"]) == ("error", "voice.test", "broken\\nline")


def test_the_level_of_the_settings_counts(log: io.StringIO) -> None:
    set_up_logs(settings(level="warning"), stream=log)
    logging.getLogger("voice.test").info("not this")
    logging.getLogger("uvicorn.error").info("nor this")

    assert log.getvalue() == ""


@pytest.mark.parametrize(
    "number", ["+15550005678", "+8613800138000", "8613800138000", "+1 555 000-5678", "+44 (0)20 7946 0018"]
)
def test_numbers_are_masked_unless_they_may_be_shown(number: str) -> None:
    assert number not in line(f"dialling {number} now")
    assert number in line(f"dialling {number} now", show_numbers=True)


@pytest.mark.parametrize(
    "text",
    ["port 3335", "in 30000 ms", "2025-11-24", "12345678-1234-1234-1234-123456789012", "192.168.100.200"],
)
def test_what_is_no_number_is_left(text: str) -> None:
    assert text in line(text)


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_never_show_in_messages_arguments_or_tracebacks(log: io.StringIO, form: str) -> None:
    set_up_logs(settings(format=form), stream=log, secrets=["another-canary"])
    logger = logging.getLogger("voice.test")
    logger.error("%s and another-canary, Bearer abcdefgh", CANARY)
    try:
        raise ValueError(f"{CANARY} to +15550005678?token=zyxwvut")  # noqa: TRY301 - to have a traceback
    except ValueError:
        logger.exception("failed at /x?token=zyxwvut&a=1")

    text = log.getvalue()
    for hidden in (CANARY, "another-canary", "abcdefgh", "zyxwvut", "+15550005678"):
        assert hidden not in text
    assert "ValueError" in text


def test_transcripts_show_only_their_length_unless_asked_for(log: io.StringIO) -> None:
    set_up_logs(settings(), stream=log)
    logging.getLogger("voice.test").info("heard", extra={"transcript": "my secret wish"})
    assert log.getvalue().endswith("heard transcript='(14 characters)'\n")

    set_up_logs(settings(show_transcripts=True), stream=log)
    logging.getLogger("voice.test").info("heard", extra={"transcript": "my secret wish"})
    assert log.getvalue().endswith("transcript='my secret wish'\n")


def test_logs_go_to_standard_error_and_never_to_standard_output(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(settings())
    logging.getLogger("voice.test").info("here")
    captured = capsys.readouterr()

    assert sys.stderr is not log
    assert (captured.out, "here" in captured.err) == ("", True)


def test_every_secret_of_the_settings_is_known() -> None:
    assert CANARY in secrets_of(settings())


@given(st.text(max_size=200))
def test_one_record_is_one_line_whatever_a_stranger_wrote(text: str) -> None:
    assert len(line(text).splitlines()) == 1
    assert len(line(text, as_json=True).splitlines()) == 1

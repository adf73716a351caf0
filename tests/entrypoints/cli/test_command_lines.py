"""What command lines mean, print and exit with; no gateway runs and nothing was kept."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from voice_entrypoints.cli.commands import config as config_command
from voice_entrypoints.cli.failures import UsageError, cause_of, exit_code_for
from voice_entrypoints.cli.main import run
from voice_entrypoints.cli.parsing import read_arguments, read_words


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which voicecall was never used; the state folder does not exist."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VOICECALL_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("VOICECALL_CONFIG", raising=False)
    return tmp_path / "state"


def settings_file(folder: Path, text: str) -> Path:
    path = folder / "settings.json5"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["--json", "-h"]])
def test_without_a_command_the_commands_are_listed(
    words: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(words)

    assert code == 0
    assert "  call  " in capsys.readouterr().out


def test_a_misspelt_command_names_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["statsu"])

    assert code == 2
    assert capsys.readouterr().err == "voicecall: there is no command 'statsu'; did you mean status?\n"


@pytest.mark.parametrize("word", ["doktor", "improvise"])
def test_a_command_that_does_not_exist_is_wrong_usage(word: str) -> None:
    assert run([word]) == 2


def test_a_misspelt_member_of_a_group_names_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["config", "gte"])

    assert code == 2
    assert "did you mean get?" in capsys.readouterr().err


def test_a_group_alone_lists_its_members(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pairing"]) == 2
    assert "list, approve, deny" in capsys.readouterr().err
    assert run(["pairing", "--help"]) == 0
    assert "  approve  " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["call", "--to", "+15550005678"], "--message"),
        (["call", "--message", "x", "--mode", "shout"], "shout"),
        (["history", "--limit", "0"], "limit"),
        (["status", "--cal-id", "x"], "--cal-id"),
        (["tail", "--since", "many"], "many"),
        (["plan", "--to", "12"], "few"),
        (["demo", "--carrier", "pigeon"], "mock"),
        (["bench", "nothing"], "nothing"),
        (["expose"], "--mode"),
        (["expose", "--mode", "fundel"], "fundel"),
        (["expose", "--mode", "off", "--port", "0"], "1"),
        (["expose", "--mode", "serve", "--port", "3335"], "private listener"),
        (["--verbose", "status"], "--verbose"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exits_with_2(
    words: Sequence[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(words)

    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert problem in printed.err


def test_with_json_an_error_is_json_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["call", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == 2
    assert told["error"]["kind"] == "usage"
    assert "--message" in told["error"]["message"]


@pytest.mark.parametrize(
    "words",
    [
        ["--config", "FILE", "config", "get", "provider"],
        ["config", "--config", "FILE", "get", "provider"],
        ["config", "get", "--config", "FILE", "provider"],
        ["config", "get", "provider", "--config=FILE"],
        ["--json", "--config=FILE", "config", "get", "provider"],
    ],
)
def test_the_shared_options_stand_anywhere(words: Sequence[str], tmp_path: Path) -> None:
    file = settings_file(tmp_path, "{}")

    request = read_arguments(read_words([word.replace("FILE", str(file)) for word in words]))

    assert request.run is config_command.get
    assert request.bound.args == ("provider",)
    assert request.bound.kwargs["shared"].config == file
    assert request.bound.kwargs["shared"].json is ("--json" in words)


def test_what_follows_two_dashes_is_no_option() -> None:
    request = read_arguments(read_words(["--json", "config", "set", "fromNumber", "--", "--help"]))

    assert request.bound.args == ("fromNumber", "--help")
    assert request.bound.kwargs["shared"].json


@pytest.mark.parametrize("command", ["continue", "speak"])
def test_talking_without_a_gateway_exits_with_3_and_names_the_remedy(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run([command, "--call-id", "x", "--message", "Hello"])

    assert code == 3
    assert "voicecall serve" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["end", "--call-id", "x"],
        ["dtmf", "--call-id", "x", "--digits", "1"],
        ["transfer", "--call-id", "x", "--to", "+15550001234"],
    ],
)
def test_steering_without_a_gateway_exits_with_3(words: Sequence[str]) -> None:
    assert run(words) == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["status"], {"calls": []}),
        (["history"], {"calls": []}),
        (["pairing", "list"], {"pending": [], "approved": []}),
    ],
)
def test_where_nothing_was_kept_there_is_nothing(
    words: Sequence[str], told: object, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run([*words, "--json"])

    assert code == 0
    assert json.loads(capsys.readouterr().out) == told
    assert not home.exists()


def test_latency_of_nothing_is_a_count_of_zero(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["latency", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert (told["recordsScanned"], told["turnLatency"]) == (0, {"count": 0})
    assert not home.exists()


def test_an_unknown_call_is_not_found(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["status", "--call-id", "nobody", "--json"])

    printed = capsys.readouterr()
    assert code == 1
    assert json.loads(printed.out) == {"found": False}
    assert "nobody" in printed.err


def test_a_plan_dials_nothing_and_keeps_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["plan", "--to", "+1 (555) 000-5678", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert told == {
        "allowed": True,
        "reasons": [],
        "to": "+15550005678",
        "from": "+15550000000",
        "carrier": "mock",
        "mode": "notify",
        "locale": "en-US",
        "route": {
            "streamed": True,
            "voice": "local",
            "responder": None,
            "publicUrl": None,
            "tunnel": None,
        },
    }
    assert not home.exists()


def test_a_plan_tells_people_which_way_the_call_would_take(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.mkdir()
    settings = {
        "provider": "twilio",
        "fromNumber": "+15550000001",
        "twilio": {"accountSid": "AC1", "authToken": "t"},
        "tunnel": {"provider": "ngrok"},
        "models": {"providers": {"anthropic": {"apiKey": "k"}}},
        "responseModel": "anthropic/claude-3-5-haiku",
        "locale": "en-GB",
    }
    (home / "config.json5").write_text(json.dumps(settings), encoding="utf-8")

    run(["plan", "--to", "+15550005678", "--mode", "conversation"])

    assert capsys.readouterr().out.splitlines() == [
        "+15550005678 would be called over twilio from +15550000001",
        "  mode: conversation; language: en-GB",
        "  the carrier speaks and listens with its own voices",
        "  who answers: anthropic/claude-3-5-haiku",
        "  the carrier reports through the tunnel ngrok, whose address is known once it is open",
    ]


def test_a_plan_that_is_refused_exits_with_4_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["plan", "--to", "911", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == 4
    assert told["allowed"] is False
    assert "emergency" in told["reasons"][0]


def test_a_setting_is_written_read_and_removed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = "plugins.entries.voice-call.config.maxConcurrentCalls"

    assert run(["config", "set", key, "7"]) == 0
    assert run(["config", "get", "maxConcurrentCalls", "--json"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "7"
    assert run(["config", "path"]) == 0
    assert capsys.readouterr().out.strip() == str(home / "config.json5")
    assert run(["config", "unset", "maxConcurrentCalls"]) == 0
    assert run(["config", "get", "maxConcurrentCalls"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1"


def test_all_settings_are_printed_without_their_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = settings_file(tmp_path, "{twilio: {authToken: 'planted-secret'}}")

    assert run(["config", "get", "--config", str(file)]) == 0

    told = capsys.readouterr().out
    assert json.loads(told)["twilio"]["authToken"] == "***"
    assert "planted-secret" not in told


def test_a_wrong_setting_is_not_written(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["config", "set", "maxConcurrentCalls", "none"])

    assert code == 1
    assert "maxConcurrentCalls" in capsys.readouterr().err
    assert not (home / "config.json5").exists()


def test_a_check_reports_every_problem_and_exits_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = settings_file(tmp_path, "{maxDuratonSeconds: 3, serve: {port: 'x'}}")

    code = run(["config", "check", "--config", str(file), "--json"])

    told = json.loads(capsys.readouterr().out)
    problems = {each["id"]: each for each in told["checks"] if not each["ok"]}
    assert (code, told["ok"]) == (1, False)
    assert set(problems) == {"maxDuratonSeconds", "serve.port"}
    assert "maxDurationSeconds" in problems["maxDuratonSeconds"]["message"]
    assert all(each["remedy"] for each in problems.values())


def test_a_check_of_broken_json5_shows_the_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = settings_file(tmp_path, "{\n  provider 'mock'\n}")

    code = run(["config", "check", "--config", str(file)])

    assert code == 1
    assert f"{file}:2:" in capsys.readouterr().out


def test_a_check_of_good_settings_exits_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_a_broken_settings_file_does_not_keep_a_call_from_being_ended(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.mkdir()
    (home / "config.json5").write_text("{api: 'nobody'}", encoding="utf-8")

    code = run(["end", "--call-id", "x"])

    assert code == 3
    assert "going on with the built-in settings" in capsys.readouterr().err


def test_an_unknown_pairing_code_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pairing", "approve", "123456"]) == 1
    assert "123456" in capsys.readouterr().err


@pytest.mark.parametrize("document", ["tool", "skill"])
def test_documents_for_agents_are_printed(document: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([document]) == 0
    assert "voice" in capsys.readouterr().out
    assert run([document, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"]


def test_an_unexpected_error_is_one_line_and_says_how_to_see_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = exit_code_for(RuntimeError("the\nunthinkable"), as_json=False)

    assert code == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "RuntimeError: the unthinkable" in told
    assert "VOICECALL_DEBUG=1" in told


def test_the_traceback_of_an_unexpected_error_is_shown_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VOICECALL_DEBUG", "1")

    exit_code_for(RuntimeError("the unthinkable"), as_json=False)

    assert capsys.readouterr().err.startswith("RuntimeError: the unthinkable\n")


def test_of_several_errors_the_one_that_was_meant_is_told() -> None:
    meant = UsageError("write it otherwise")

    assert cause_of(ExceptionGroup("", [RuntimeError(), ExceptionGroup("", [meant])])) is meant


def test_a_call_that_was_interrupted_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_for(KeyboardInterrupt(), as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "interrupted"

"""The commands of the first page do what it says, on the state folder of somebody who follows it."""

import json
from pathlib import Path

import pytest
from support.documents import blocks, commands

from voice_entrypoints.cli.main import run

pytestmark = pytest.mark.real_time

AT_ONCE = {"mock": {"realtime": False}, "outbound": {"notifyHangupDelaySec": 0}}
PAGE = [block for block in blocks("bash", "json5") if block.page.name == "README.md"]
TYPED = [
    list(words[1:])
    for block in PAGE
    if block.language == "bash"
    for words in commands(block)
    if words[0] == "voicecall"
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("VOICECALL_CONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VOICECALL_HOME", str(tmp_path / ".voicecall"))
    return tmp_path / ".voicecall"


def typed(*begin: str) -> list[str]:
    (found,) = [words for words in TYPED if words[: len(begin)] == list(begin)]
    return found


def test_every_command_is_followed_here_or_where_it_belongs() -> None:
    names = [words[0] for words in TYPED]

    # `demo` and `serve` are played by tests of their own
    assert names == ["demo", "call", "serve", "status", "history", "config", "config"]


def test_a_call_is_placed_and_is_found_in_the_history(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hasty = home.with_name("at-once.json5")
    hasty.write_text(json.dumps(AT_ONCE), encoding="utf-8")
    monkeypatch.setenv("VOICECALL_CONFIG", str(hasty))

    assert run(typed("call")) == 0
    assert run(typed("status")) == 0
    capsys.readouterr()
    assert run(typed("history")) == 0

    (call,) = json.loads(capsys.readouterr().out)["calls"]
    assert (call["to"], call["endReason"]) == ("+15550005678", "completed")


def test_the_settings_are_understood_and_can_be_read(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (settings,) = [block.text for block in PAGE if block.language == "json5"]
    home.mkdir(mode=0o700)
    (home / "config.json5").write_text(settings, encoding="utf-8")

    assert run(typed("config", "check")) == 0
    capsys.readouterr()
    assert run(typed("config", "get")) == 0

    assert "Yes, please." in capsys.readouterr().out

"""Which language a person is spoken to in."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from voice_entrypoints.cli.main import run
from voice_entrypoints.words.language import language_of_environment, speaking_to, translated

CHINESE = {"LANG": "zh_CN.UTF-8"}
ENGLISH = {"LANG": "en_US.UTF-8"}


def spoken(words: list[str], environ: dict[str, str]) -> str:
    with speaking_to(words, environ):
        return translated("Hang up.")


def settings(folder: Path, document: Any) -> dict[str, str]:
    (folder / "config.json5").write_text(json.dumps(document), encoding="utf-8")
    return {"VOICECALL_HOME": str(folder), "HOME": str(folder)}


@pytest.fixture
def empty(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "VOICECALL_HOME": str(tmp_path / "state")}


@pytest.mark.parametrize(
    ("locale", "terminal", "language"),
    [
        (None, "zh_CN.UTF-8", "zh"),
        (None, "C.UTF-8", "en"),
        (None, "", "en"),
        ("en-GB", "zh_CN.UTF-8", "en"),
        ("zh-TW", "de_DE", "zh"),
    ],
)
def test_the_language_is_that_of_the_settings_or_the_terminal(
    locale: str | None, terminal: str, language: str
) -> None:
    assert language_of_environment(locale, {"LC_ALL": terminal}) == language


def test_the_first_variable_that_is_set_counts() -> None:
    assert language_of_environment(None, {"LC_ALL": "C", **CHINESE}) == "en"
    assert language_of_environment(None, {"LC_ALL": "", "LC_MESSAGES": "zh_CN", **ENGLISH}) == "zh"


def test_without_settings_the_terminal_counts(empty: dict[str, str]) -> None:
    assert spoken([], empty | CHINESE) == "挂断。"
    assert spoken([], empty | ENGLISH) == "Hang up."


@pytest.mark.parametrize(
    "document",
    [
        {"locale": "zh-CN"},
        {"locale": "zh-CN", "provider": "nobody knows it"},
        {"plugins": {"entries": {"voice-call": {"config": {"locale": "zh-CN"}}}}},
    ],
)
def test_the_locale_of_the_settings_wins_over_the_terminal(tmp_path: Path, document: Any) -> None:
    environ = settings(tmp_path, document)

    assert spoken([], environ | ENGLISH) == "挂断。"


@pytest.mark.parametrize(
    "document", [{"locale": 7}, {"plugins": {"locale": "en"}}, {"numbers": {"+86": {"locale": "en"}}}]
)
def test_a_file_that_names_no_locale_leaves_it_to_the_terminal(tmp_path: Path, document: Any) -> None:
    environ = settings(tmp_path, document)

    assert spoken([], environ | CHINESE) == "挂断。"


def test_a_file_that_cannot_be_read_leaves_it_to_the_terminal(tmp_path: Path) -> None:
    environ = settings(tmp_path, {})
    (tmp_path / "config.json5").write_text("{ locale: ", encoding="utf-8")

    assert spoken([], environ | CHINESE) == "挂断。"


@pytest.mark.parametrize("words", [["--config", "{}"], ["--config={}"]])
def test_the_file_of_the_command_line_counts(tmp_path: Path, empty: dict[str, str], words: list[str]) -> None:
    settings(tmp_path, {"locale": "zh-CN"})
    named = [word.format(tmp_path / "config.json5") for word in words]

    assert spoken(named, empty | ENGLISH) == "挂断。"


@pytest.fixture
def chinese_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "VOICECALL_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VOICECALL_HOME", str(tmp_path / "state"))


def done(*words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(words)
    return code, out.getvalue(), err.getvalue()


@pytest.mark.usefixtures("chinese_terminal")
class TestOnAChineseTerminal:
    def test_the_list_of_commands_is_chinese(self) -> None:
        code, out, _ = done("--help")

        assert code == 0
        assert out.startswith("用法：voicecall COMMAND [OPTIONS]\n")
        assert "  dtmf           在通话中按键。\n" in out

    def test_the_help_of_a_command_is_chinese(self) -> None:
        code, out, _ = done("call", "--help")

        assert code == 0
        assert "拨打电话并说一段话。" in out
        assert "  --message, -m STR: 首先要说的话。 [必填]\n" in out

    def test_wrong_usage_is_told_in_chinese(self) -> None:
        assert done("statsu") == (2, "", "voicecall: 没有命令 'statsu'；你是想写 status 吗？\n")
        assert done("call") == (2, "", "voicecall: 参数 --message 需要一个值；参见：voicecall call --help\n")

    def test_a_program_reads_the_same_words_in_any_language(self) -> None:
        code, out, err = done("status", "--call-id", "nobody", "--json")

        assert code == 1
        assert json.loads(out) == {"found": False}
        assert err.startswith("voicecall: 找不到通话 nobody")

    def test_an_error_for_a_program_stays_english_beside_the_one_for_a_person(self) -> None:
        code, out, err = done("end", "--call-id", "x", "--json")

        assert code == 3
        error = json.loads(out)["error"]
        assert error["kind"] == "gateway_unreachable"
        assert error["message"].startswith("No gateway is reachable: ")
        assert err.startswith("voicecall: 无法连接网关：")

    def test_a_table_is_chinese(self) -> None:
        assert done("history") == (0, "没有通话\n", "")

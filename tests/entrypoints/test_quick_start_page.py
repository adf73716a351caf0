"""The page of the quick start is followed as it stands: every carrier on every exposure, in both languages."""

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.documents import Block, blocks, commands

from voice_entrypoints.cli.main import run
from voice_entrypoints.settings_source import load_settings

PAGES = ("quick-start.md", "quick-start.zh-CN.md")
CARRIERS = ("twilio", "telnyx", "plivo", "aliyun")
EXPOSURES = ("ngrok", "tailscale-funnel", "https://voice.example.com/voice/webhook")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("OPENAI_API_KEY", "VOICECALL_CONFIG", "NGROK_AUTHTOKEN", "NGROK_DOMAIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VOICECALL_HOME", str(tmp_path / ".voicecall"))
    (tmp_path / ".voicecall").mkdir(mode=0o700)
    for secret in ("carrier-secret", "ngrok-token"):  # what the reader pastes
        (tmp_path / ".voicecall" / secret).write_text("pasted\n", encoding="utf-8")
    return tmp_path / ".voicecall"


@pytest.mark.parametrize(("page", "carrier"), list(itertools.product(PAGES, CARRIERS)))
def test_every_carrier_is_set_up_on_every_exposure(
    page: str, carrier: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reached = []
    for steps in _exposures(page):
        (home / "config.json5").write_text(_settings(page, carrier).text, encoding="utf-8")
        assert [run(words) for words in [*steps, *_named(page, "config", "check")]] == [0] * (len(steps) + 1)
        loaded = load_settings(None, {"VOICECALL_HOME": str(home)})
        assert (loaded.settings.provider, loaded.warnings) == (carrier, ())
        reached.append(loaded.settings.public_url or loaded.settings.tunnel.provider)

    assert tuple(reached) == EXPOSURES
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("page", PAGES)
def test_its_numbers_would_be_called_over_the_carriers_whose_they_are(
    page: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    western, chinese = _named(page, "plan")
    for carrier in CARRIERS:
        (home / "config.json5").write_text(_settings(page, carrier).text, encoding="utf-8")
        words = chinese if carrier == "aliyun" else western

        assert run([*words, "--json"]) == 0
        verdict = json.loads(capsys.readouterr().out)
        assert (verdict["allowed"], verdict["carrier"]) == (True, carrier)


@pytest.mark.parametrize("page", PAGES)
def test_no_secret_is_written_where_others_could_read_it(page: str) -> None:
    typed = "".join(block.text for block in _shell(page))

    assert typed.count("(umask 077; cat > ~/.voicecall/") == 2
    assert all(
        '{ source: "file", id: "carrier-secret" }' in _settings(page, carrier).text for carrier in CARRIERS
    )


def _settings(page: str, carrier: str) -> Block:
    (found,) = [
        block
        for block in blocks("json5")
        if block.page.name == page and f'provider: "{carrier}"' in block.text
    ]
    return found


def _shell(page: str) -> list[Block]:
    return [block for block in blocks("bash") if block.page.name == page]


def _commands(block: Block) -> list[list[str]]:
    """The words that *block* gives to our program, line by line."""
    return [list(words[1:]) for words in commands(block) if words[0] == "voicecall"]


def _named(page: str, *words: str) -> list[list[str]]:
    every = [command for block in _shell(page) for command in _commands(block)]
    return [command for command in every if command[: len(words)] == list(words)]


def _exposures(page: str) -> Sequence[list[list[str]]]:
    """The commands of each exposure; a block that only adds to the one before it belongs to that."""
    found: list[list[list[str]]] = []
    for block in _shell(page):
        commands = [words for words in _commands(block) if words[:2] == ["config", "set"]]
        if any(words[2] in {"tunnel.provider", "publicUrl"} for words in commands):
            found.append(commands)
        elif commands:
            found[-1] += commands
    return found

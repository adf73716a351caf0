"""What the demonstration does around its call."""

import os
import re
from pathlib import Path

import attrs
import pytest
from support.documents import blocks

from voice_adapters.stores.lock import StateLock
from voice_entrypoints.cli.demo.performance import perform
from voice_entrypoints.cli.demo.play import PLAYERS, play
from voice_entrypoints.cli.demo.scene import SCENES
from voice_entrypoints.cli.live.viewers import SilentViewer

pytestmark = [pytest.mark.anyio, pytest.mark.real_time]

_SHORT = attrs.evolve(SCENES["en"], opening="Hi.", replies=(), steps=({"hangUp": True},))


async def test_beside_a_gateway_the_call_is_kept_in_a_folder_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with StateLock(tmp_path):
        performance = await perform(_SHORT, home=tmp_path, viewer=SilentViewer())

    assert performance.recording.parent == tmp_path / "demo" / "recordings"
    assert performance.recording.stat().st_size > 44
    assert str(os.getpid()) in capsys.readouterr().err
    assert performance.events
    assert performance.carried.record["endReason"] == "hangup-user"


async def test_the_first_player_that_is_installed_plays_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = tmp_path / "afplay"
    player.write_text('#!/bin/sh\necho "$@" > "$1.played"\n', encoding="utf-8")
    player.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    problem = await play(tmp_path / "call.wav")

    assert problem == ""
    assert (tmp_path / "call.wav.played").read_text(encoding="utf-8").strip() == str(tmp_path / "call.wav")


async def test_a_player_that_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    player = tmp_path / "paplay"
    player.write_text("#!/bin/sh\nexit 4\n", encoding="utf-8")
    player.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert await play(tmp_path / "call.wav") == "paplay could not play it (exit code 4)"


async def test_without_a_player_all_that_would_do_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    problem = await play(tmp_path / "call.wav")

    assert all(name in problem for name, *_ in PLAYERS)


@pytest.mark.parametrize(("page", "language"), [("README.md", "en"), ("README.zh-CN.md", "zh")])
def test_the_first_page_shows_the_conversation_that_is_held(page: str, language: str) -> None:
    (shown,) = [block.text for block in blocks("transcript") if block.page.name == page]
    lines = [line.split(maxsplit=2)[2] for line in shown.splitlines()]

    said = [re.split(" (?:——|— )", line)[0] for line in lines]

    scene = SCENES[language]
    assert said[1::2] == list(scene.asked)
    assert all(
        whole.startswith(part) for part, whole in zip(said[::2], (scene.opening, *scene.replies), strict=True)
    )

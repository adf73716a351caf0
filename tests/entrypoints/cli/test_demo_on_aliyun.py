"""The demonstration on Aliyun's adapter: a whole conversation over real sockets, with nobody's account."""

import json
from pathlib import Path
from typing import Any

from support.gateway import voicecall

from voice_entrypoints.cli.demo.scene import SCENES

SCENE = SCENES["en"]


def test_the_whole_conversation_goes_as_written_without_an_account(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)

    done = voicecall(home, "demo", "--carrier", "aliyun", "--json")

    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    transcript = told["call"]["transcript"]
    assert (told["ok"], told["problem"], told["call"]["provider"]) == (True, "", "aliyun")
    assert [entry["text"] for entry in transcript if entry["speaker"] == "user"] == list(SCENE.asked)
    assert [entry.get("interrupted", False) for entry in transcript].count(True) == 1
    assert told["recording"] is None
    assert "twins" in done.stderr

"""A carrier of another package, installed as its users would install it and used from outside this repository."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.sources import ROOT

PACKAGE = ROOT / "tests" / "example_carrier"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a program in an empty folder, with the example carrier installed beside voicecall."""
    installed, elsewhere = tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("elsewhere")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    # Neither the package's needs nor its build ask a registry: everything is installed here.
    offline = ["--no-build-isolation", "--no-index", "--target", str(installed), str(PACKAGE)]
    done = subprocess.run([*pip, *offline], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    environ = {**os.environ, "PYTHONPATH": str(installed), "VOICECALL_HOME": str(elsewhere / "home")}

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env=environ, cwd=elsewhere, timeout=60
        )

    return run


def test_it_passes_the_kit_and_shows_what_it_can_do(run: Run) -> None:
    done = run("-m", "voice_contracts.conformance", "example_carrier.under_test:Example")

    assert done.returncode == 0, done.stdout + done.stderr
    matrix = done.stdout.splitlines()
    assert "transfer       no       refused as unsupported" in matrix
    assert "speech         yes      3 kept" in matrix
    assert re.fullmatch(r"example: 33 kept, 0 broken, in \d\.\d s", matrix[-1])


def test_a_call_is_placed_on_it_by_naming_it_in_the_settings(run: Run, tmp_path: Path) -> None:
    done = run(str(PACKAGE / "place_a_call.py"), str(tmp_path))

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "carrier": "example",
        "end": "completed",
        "heard": ["Your table is ready."],
    }


def test_what_its_settings_lack_is_one_sentence(run: Run, tmp_path: Path) -> None:
    settings = tmp_path / "config.json5"
    hook = "https://voice.example.com/voice/webhook"
    settings.write_text(
        json.dumps(
            {"provider": "example", "fromNumber": "+15550000000", "publicUrl": hook, "serve": {"port": 0}}
        )
    )

    done = run("-m", "voice_entrypoints.cli.main", "serve", "--config", str(settings))

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith(
        "example.apiKey is required; set apiKey in the section example"
    )
    assert "Traceback" not in done.stderr

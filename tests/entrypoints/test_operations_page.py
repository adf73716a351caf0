"""The unit and the container file of the operations page: what they run exists, and they wait as long as we need."""

import configparser
import re
import tomllib
from pathlib import Path

import pytest
from support.documents import blocks
from support.sources import ROOT

from voice_adapters.runtime import switchboard
from voice_contracts.settings_reading import read_settings

SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
DEFAULTS = read_settings({}, {}).require()
PAGES = [ROOT / "docs" / name for name in ("operations.md", "operations.zh-CN.md")]

both = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def block(page: Path, language: str) -> str:
    (found,) = [each.text for each in blocks(language) if each.page == page]
    return found


def service(page: Path) -> configparser.SectionProxy:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have capitals
    unit.read_string(block(page, "ini"))
    return unit["Service"]


@both
def test_the_grace_is_longer_than_a_drain_can_be(page: Path) -> None:
    hang_up = max(switchboard._HANG_UP_SECONDS, switchboard._DIAL_SECONDS)
    longest = DEFAULTS.serve.drain_seconds + switchboard._GOODBYE_SECONDS + hang_up
    stops = [
        int(seconds) for seconds in re.findall(r"docker stop -t (\d+)", page.read_text(encoding="utf-8"))
    ]

    assert int(service(page)["TimeoutStopSec"]) > longest
    assert stops
    assert min(stops) > longest
    said = (DEFAULTS.serve.drain_seconds, switchboard._GOODBYE_SECONDS, hang_up)
    text = page.read_text(encoding="utf-8")
    assert all(f"{seconds:g}" in text.partition("TimeoutStopSec`")[2][:300] for seconds in said)


@both
def test_the_unit_stops_the_gateway_alone_first_and_starts_it_again_whatever_happened(page: Path) -> None:
    told = service(page)

    # The programs that it has started, a tunnel for one, are needed until the last hang-up.
    assert (told["KillMode"], told["Restart"]) == ("mixed", "always")
    assert told.get("KillSignal", "SIGTERM") == "SIGTERM"


@both
def test_both_run_a_program_that_is_installed_on_the_state_folder_that_they_name(page: Path) -> None:
    program, command = service(page)["ExecStart"].split()
    container = dict(line.split(maxsplit=1) for line in block(page, "dockerfile").splitlines())
    folder = service(page)["Environment"].removeprefix("VOICECALL_HOME=")

    assert Path(program).name in SCRIPTS
    assert container["ENTRYPOINT"] == f'["{Path(program).name}", "{command}"]'
    assert folder == f"/var/lib/{service(page)['StateDirectory']}"
    assert container["ENV"] == f"VOICECALL_HOME={container['VOLUME']}"
    assert f"-o {container['USER']} {container['VOLUME']}" in container["RUN"]
    assert int(container["EXPOSE"]) == DEFAULTS.serve.port
    assert container["STOPSIGNAL"] == "SIGTERM"

"""The skill document tells an agent nothing that does not exist."""

import json
import re
import shlex
from importlib.resources import files
from pathlib import Path

import pyjson5
import pytest

from voice_contracts.rpc_params import are_digits
from voice_contracts.settings_reading import read_settings
from voice_contracts.tool import TOOL_ACTIONS, tool_schema
from voice_entrypoints.cli.parsing import read_arguments, read_words
from voice_entrypoints.settings_refusals import refusals

TEXT = files("voice_entrypoints.skill").joinpath("SKILL.md").read_text("utf-8")
ENVIRON = {
    "TWILIO_AUTH_TOKEN": "planted",
    "TELNYX_API_KEY": "planted",
    "PLIVO_AUTH_TOKEN": "planted",
    "ALIYUN_ACCESS_KEY_SECRET": "planted",
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_it_begins_with_what_a_host_reads() -> None:
    head = TEXT.split("---")[1]
    fields = dict(line.split(": ", 1) for line in head.strip().splitlines())

    assert fields["name"] == "voice-call"
    assert ": " not in fields["description"]
    metadata = json.loads(fields["metadata"])["openclaw"]
    assert metadata["skillKey"] == "voice-call"
    assert metadata["requires"]["config"] == ["plugins.entries.voice-call.enabled"]


def test_it_explains_every_action_of_the_tool() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)) == set(TOOL_ACTIONS)


def test_its_examples_of_the_tool_are_arguments_of_the_tool() -> None:
    examples = [json.loads(line) for line in blocks("json")[0].splitlines()]

    known = tool_schema()["properties"]
    assert examples
    assert all(set(example) <= set(known) for example in examples)
    assert all(example["action"] in TOOL_ACTIONS for example in examples)


@pytest.mark.parametrize("line", blocks("bash")[0].splitlines())
def test_its_commands_are_commands(line: str) -> None:
    program, *words = shlex.split(line, comments=True)

    request = read_arguments(read_words(words))

    assert program == "voicecall"
    assert are_digits(request.bound.kwargs.get("digits", "1"))


@pytest.mark.parametrize("example", re.split(r"\n\n+", blocks("json5")[0]))
def test_its_settings_are_settings(example: str, tmp_path: Path) -> None:
    report = read_settings(pyjson5.decode(example), ENVIRON)

    assert report.problems == ()
    assert report.warnings == ()
    refused = {setting for setting, _ in refusals(report.require(), tmp_path)}
    assert refused <= {"telnyx"}  # the three dots are no key

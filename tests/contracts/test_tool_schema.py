"""The schemas that are checked in, and the tool's."""

import runpy
from pathlib import Path

from voice_contracts.tool import TOOL_ACTIONS, tool_document, tool_schema

ROOT = Path(__file__).resolve().parents[2]


def test_the_tools_schema_is_one_flat_object() -> None:
    schema = tool_schema()

    assert schema["type"] == "object"
    assert not {"oneOf", "anyOf", "allOf"} & schema.keys()
    assert all("type" in field for field in schema["properties"].values())
    assert schema["properties"]["action"]["enum"] == list(TOOL_ACTIONS)
    assert {"message", "mode", "callId", "digits", "to"} <= schema["properties"].keys()


def test_the_tool_is_called_voice_call() -> None:
    assert tool_document()["name"] == "voice_call"


def test_the_schemas_that_are_checked_in_are_up_to_date() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "render_schemas.py"))

    assert script["main"](["--check"]) == 0


def test_a_stale_schema_is_found(tmp_path: Path) -> None:
    script = runpy.run_path(str(ROOT / "docs" / "render_schemas.py"))
    script["main"].__globals__["FOLDER"] = tmp_path

    assert script["main"](["--check"]) == 1
    assert script["main"]([]) == 0
    assert script["main"](["--check"]) == 0

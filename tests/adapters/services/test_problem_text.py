"""What a service says about a refusal becomes a line that may be shown."""

import pytest

from voice_adapters.services.problem_text import json_object, shown


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("Two\n lines\tand a\x00 nul", "Two lines and a nul"),
        ("Incorrect key: sk-proj-ab**cd. See pk_live_1234", "Incorrect key: [key] See [key]"),
        ("risk_management takes xi-api-key", "risk_management takes xi-api-key"),
        ("your secret is hunter2", "your secret is [key]"),
        (None, ""),
        (7, "7"),
    ],
)
def test_a_line_has_no_keys_and_no_control_characters(said: object, line: str) -> None:
    assert shown(said, "hunter2", "") == line


def test_a_line_is_short() -> None:
    assert len(shown("a" * 500)) == 200


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_an_empty_one(body: bytes) -> None:
    assert json_object(body) == {}

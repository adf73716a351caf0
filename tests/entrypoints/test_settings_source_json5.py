"""Files that cannot be read as JSON5: one clear sentence, the place, and no secret."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_entrypoints.json5_source import SettingsFileError, has_comments, parse_json5, read_object


def message(text: str) -> str:
    with pytest.raises(SettingsFileError) as caught:
        parse_json5(text, "config.json5")
    return str(caught.value)


def test_a_missing_comma_is_shown_with_line_column_and_caret() -> None:
    assert message("{\n  serve: {port: 1 bind: 2},\n}") == (
        "config.json5:2:19: Expected ',' or '}', found 'b'\n"
        "    serve: {port: 1 bind: 2},\n"
        "                    ^"
    )


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("{provider: twilio}", (1, 12), "text must stand in quotes"),
        ("{a: [plivo]}", (1, 6), "text must stand in quotes"),
        ('{"a":', (1, 1), "Unclosed object: its end is missing"),
        ("[1", (1, 1), "Unclosed array: its end is missing"),
        ('{\n\n  a: "x\n}', (3, 6), "Unclosed string: its end is missing"),
        ("{a: 1}\n}", (2, 1), "Extra data '}'"),
        ("{a: 1,, b: 2}", (1, 7), "Stray ','"),
        ("", (1, 1), "the file holds no settings; write an object { … }, or delete the file"),
        ("// nothing", (1, 1), "the file holds no settings; write an object { … }, or delete the file"),
        ("[" * 200, (1, 65), "objects and lists are nested too deeply to be settings"),
    ],
)
def test_a_fault_has_a_place_and_a_reason(text: str, place: tuple[int, int], reason: str) -> None:
    with pytest.raises(SettingsFileError) as caught:
        parse_json5(text, "f")

    assert (caught.value.place, caught.value.reason) == (place, reason)
    assert caught.value.kind == "invalid_settings"


@pytest.mark.parametrize(
    "text",
    [
        '{authToken: "s3cret-token" x}',
        "{authToken: 's3cret-token' x}",
        "{authToken: s3cret-token}",
        '{"authToken": "s3cret-token}',
        '{authToken: "a\\\ns3cret-token" x}',
        "{a: 1 // s3cret-token\n b}",
        '{keys: ["s3cret-token" "x"]}',
        '{a: "\\"s3cret-token" x}',
    ],
)
def test_a_value_on_the_faulty_line_is_hidden(text: str) -> None:
    with pytest.raises(SettingsFileError) as caught:
        parse_json5(text, "f")

    assert "s3cret" not in str(caught.value)
    assert caught.value.__context__ is None, "the parser's own error holds what it had read"


def test_the_caret_stands_under_wide_characters() -> None:
    _, line, caret = message('{"电话": 1 2}').split("\n")

    assert line == '  {"电话": 1 2}'
    assert caret.index("^") == len('  {"') + 4 + len('": 1 ')


def test_only_the_neighbourhood_of_a_fault_on_a_long_line_is_shown() -> None:
    text = "{" + "a: 1, " * 5000 + "b: 1 c}"

    assert len(message(text)) < 400
    assert "b: 1 *}" in message(text)


def place_of_fault(text: str) -> tuple[int, int]:
    """Return the place of the fault, or the first one of a text without."""
    try:
        parse_json5(text, "f")
    except SettingsFileError as error:
        return error.place or (0, 0)
    return (1, 1)


@given(st.text() | st.text(alphabet="{}[]:,'\"\\ \nab1/*", max_size=30))
def test_any_text_is_either_json5_or_one_error_with_a_place(text: str) -> None:
    line, column = place_of_fault(text)

    assert 1 <= line <= text.count("\n") + 1
    assert 1 <= column <= len(text.split("\n")[line - 1]) + 1


def test_json5_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "c.json5"
    path.write_bytes(b"\xef\xbb\xbf// hello\n{a: 'x', b: [1, .5,], /* c */ \"c\": null}")

    assert read_object(path)[1] == {"a": "x", "b": [1, 0.5], "c": None}


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"[1, 2]", "Expected an object { … } with settings, not a list"),
        (b"null", "Expected an object { … } with settings, not null"),
        (b"{a: 1,\n b: '\xe9'}", "line 2 is not UTF-8 text; save the settings file as UTF-8"),
        ("{}".encode("utf-16"), "this is UTF-16; save the settings file as UTF-8"),
        (b" " * ((1 << 20) + 1), "this is larger than 1 MiB, which no settings file is"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, octets: bytes, reason: str) -> None:
    path = tmp_path / "c.json5"
    path.write_bytes(octets)

    with pytest.raises(SettingsFileError) as caught:
        read_object(path)

    assert str(caught.value) == f"{path}: {reason}"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "this is a folder; name the settings file in it"),
        ("none", "there is no such settings file; correct the path, or create it"),
        ("loop", "the settings file cannot be read: Too many levels of symbolic links"),
        ("nul\0l", "the settings file cannot be read: bad file name"),
        ("n" * 300, "the settings file cannot be read: File name too long"),
    ],
)
def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    with pytest.raises(SettingsFileError) as caught:
        read_object(tmp_path / name)

    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("{a: 1} // x", True),
        ("{/* x */}", True),
        ("{a: '// x', b: \"/* x */\"}", False),
        ("{}", False),
        ("{a: '\\'//'}", False),
    ],
)
def test_comments_are_told_from_text(text: str, *, answer: bool) -> None:
    assert has_comments(text) is answer

"""Reading JSON5 files, with errors that point at the place and show no secret."""

import os
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

import pyjson5

from voice_contracts.settings_words import kind_of_value
from voice_domain.errors import VoiceError

__all__ = ("SettingsFileError", "has_comments", "parse_json5", "read_object")

_MOST_BYTES: Final = 1 << 20
_DEEPEST: Final = 64
_WIDEST: Final = 100


class SettingsFileError(VoiceError):
    """A settings file cannot be read, parsed or written; line and column are 1-based, None if the file is at fault."""

    kind: ClassVar[str] = "invalid_settings"

    def __init__(
        self, path: str, reason: str, *, place: tuple[int, int] | None = None, excerpt: str = ""
    ) -> None:
        position = "" if place is None else f":{place[0]}:{place[1]}"
        super().__init__(f"{path}{position}: {reason}" + (f"\n{excerpt}" if excerpt else ""))
        self.path = path
        self.reason = reason
        self.place = place


def read_object(path: Path) -> tuple[str, Mapping[str, Any]]:
    """Return the text of the file at *path*, and the JSON5 object in it.

    Raises:
        SettingsFileError: if there is no such file, it cannot be read, or holds anything else.
    """
    text = _text_of(path)
    document = parse_json5(text, str(path))
    if not isinstance(document, dict):
        found = kind_of_value(document)
        raise SettingsFileError(str(path), f"Expected an object {{ … }} with settings, not {found}")
    return text, document


def parse_json5(text: str, name: str) -> Any:
    """Return the value that *text* spells in JSON5; *name* is where it stands, for errors.

    Raises:
        SettingsFileError: if it is no JSON5; the message ends with the line and a caret, values hidden.
    """
    try:
        return pyjson5.decode(text, _DEEPEST)
    except pyjson5.Json5DecoderException as error:
        refusal = _refusal(text, name, error.args)
    # Raised out here, because the parser's exception carries what it had read so far, secrets included.
    raise refusal


def has_comments(text: str) -> bool:
    """Whether the JSON5 in *text* has comments."""
    return any(found["comment"] for found in _STRING_OR_COMMENT.finditer(text))


_STRING_OR_COMMENT: Final = re.compile(
    r"""(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<comment>//|/\*)""", re.DOTALL
)
_NEAR: Final = re.compile(r" (?:starting )?near (\d+)")
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_TOKEN: Final = re.compile(
    r"""(?P<key>(?:"[^"\\]*"|'[^'\\]*'|[\w$]+)(?=\s*:))"""
    r"""|(?P<plain>true\b|false\b|null\b|(?<!\w)-?\d{1,6}(?:\.\d{1,3})?\b(?![\w.])|[\s{}\[\],:/*]+)"""
    r"""|(?P<value>"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[^\s{}\[\],:"']+)"""
)


def _text_of(path: Path) -> str:
    name = str(path)
    try:
        with path.open("rb") as file:
            octets = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise SettingsFileError(
            name, "there is no such settings file; correct the path, or create it"
        ) from None
    except IsADirectoryError:
        raise SettingsFileError(name, "this is a folder; name the settings file in it") from None
    except (OSError, ValueError) as error:
        cause = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "bad file name"
        raise SettingsFileError(name, f"the settings file cannot be read: {cause}") from None
    if len(octets) > _MOST_BYTES:
        raise SettingsFileError(name, "this is larger than 1 MiB, which no settings file is")
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SettingsFileError(name, "this is UTF-16; save the settings file as UTF-8")
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = octets[: error.start].count(b"\n") + 1
        reason = f"line {line} is not UTF-8 text; save the settings file as UTF-8"
        raise SettingsFileError(name, reason) from None


def _refusal(text: str, name: str, arguments: tuple[Any, ...]) -> SettingsFileError:
    message = str(arguments[0]) if arguments else "this is not JSON5"
    found = arguments[2] if len(arguments) > 2 and isinstance(arguments[2], str) else ""
    offset = _offset(text, message, found)
    word = _bare_word(text, offset)
    if word is not None:
        offset, reason = word, "text must stand in quotes"
    else:
        reason = _reason(message)
    before = text[:offset]
    line, column = before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
    return SettingsFileError(name, reason, place=(line, column), excerpt=_excerpt(text, line, column))


def _offset(text: str, message: str, found: str) -> int:
    """Return where the fault is; the parser counts from 1."""
    match = _NEAR.search(message)
    near = int(match[1]) if match else 0
    if message.startswith("Extra data"):  # counted from the end of the value, however much space follows
        return max(text.find(found, near), 0)
    return max(0, min(near - 1, len(text)))


def _bare_word(text: str, offset: int) -> int | None:
    """Return where the value at *offset* starts, if it is a text that lacks its quotes."""
    start = offset
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    word = _WORD.match(text, start)
    is_value = text[:start].rstrip()[-1:] in (":", "[")
    return start if word and is_value and word[0] not in ("true", "false", "null") else None


def _reason(message: str) -> str:
    if message.startswith("No JSON data"):
        return "the file holds no settings; write an object { … }, or delete the file"
    if message.startswith("Maximum nesting"):
        return "objects and lists are nested too deeply to be settings"
    spoken = _NEAR.sub("", message)
    spoken = re.sub(r"\bb'([^']+)'", lambda name: "','" if name[1] == "comma" else name[1], spoken)
    spoken = re.sub(r"\bU\+([0-9a-fA-F]{4,6})", lambda code: repr(chr(int(code[1], 16))), spoken)
    spoken = spoken.replace("NumericLiteral", "number").replace("IdentifierStart", "a key")
    return spoken if not spoken.startswith("Unclosed") else f"{spoken}: its end is missing"


def _excerpt(text: str, line: int, column: int) -> str:
    """Show the line, values hidden character by character, and a caret under *column*."""
    source = text.split("\n")[line - 1].rstrip("\r")
    shown = _TOKEN.sub(lambda token: token[0] if token["value"] is None else "*" * len(token[0]), source)
    start = max(0, column - 1 - _WIDEST // 2)
    before = shown[start : column - 1]
    gap = "".join(
        character if character == "\t" else "  " if unicodedata.east_asian_width(character) in "WF" else " "
        for character in before
    )
    return f"  {shown[start : start + _WIDEST]}\n  {gap}^"

"""Spoils what is right: a field is left out, doubled, renamed or filled with what nobody expects there.

A change is three small numbers, so that hypothesis can draw it, shrink it and show it.
"""

import copy
import json
from collections.abc import Sequence
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

from hypothesis import strategies as st

__all__ = (
    "HOSTILE_TEXTS",
    "Edit",
    "edits",
    "spoiled_bytes",
    "spoiled_fields",
    "spoiled_json",
    "spoiled_text",
)

Edit: TypeAlias = tuple[int, int, int]
"""What to do, where, and with what; each is taken modulo what there is."""

HOSTILE_TEXTS: Final = (
    *("", " ", "0", "-1", "1e999", "nan", "-Infinity", "9" * 5_000, "٣", "1_000", "0x10", "true", "null"),
    *(
        "\x00",
        "\r\nX: y",
        "\u2028",
        "\ufffd",
        "\U0001f4de" * 40,
        "a" * 9_000,
        "%",
        "%00",
        "%ff",
        "&=&",
        "{",
        "]",
    ),
    *(
        "+15550000000",
        "+15550005678",
        "15550005678",
        "anonymous",
        "+",
        "sip:a@b",
        "911",
        "你好。",
        "<Hangup/>",
    ),
    *("completed", "ringing", "answered", "busy", "inbound", "outbound-api", "call.hangup", "__proto__"),
    *("2026-02-02T02:40:00.000000Z", "9999-99-99", "../..", "{}", "[]", '{"a":', "=?", "::", "c1", "1#*"),
)
_VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1.5, 1e308, 10**30, [], {}, [[]], [None], {"": ""}, {"a": {"b": []}}),
    *HOSTILE_TEXTS,
)

edits = st.lists(st.tuples(st.integers(0, 255), st.integers(0, 9_999), st.integers(0, 9_999)), max_size=4)
"""Up to four changes; none leaves the thing as it was."""

_Path: TypeAlias = tuple[Any, ...]


def spoiled_json(document: Any, changes: Sequence[Edit]) -> Any:
    """Return a copy of a JSON document with *changes*."""
    spoiled = copy.deepcopy(document)
    for change in changes:
        spoiled = _spoil(spoiled, change)
    return spoiled


def _spoil(document: Any, change: Edit) -> Any:
    what, where, value = change
    new = copy.deepcopy(_VALUES[value % len(_VALUES)])
    paths = list(_paths(document, ()))
    path = paths[where % len(paths)]
    if not path:
        return new
    inside = document
    for key in path[:-1]:
        inside = inside[key]
    match what % 4:
        case 0:
            del inside[path[-1]]
        case 1 if isinstance(inside, dict):
            inside[HOSTILE_TEXTS[value % len(HOSTILE_TEXTS)]] = inside.pop(path[-1])
        case 1:
            inside.extend([new] * 3)
        case _:
            inside[path[-1]] = new
    return document


def _paths(value: Any, path: _Path) -> list[_Path]:
    found = [path]
    children = (
        value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    )
    for key, inner in children:
        found += _paths(inner, (*path, key))
    return found


def spoiled_fields(fields: Sequence[tuple[str, str]], changes: Sequence[Edit]) -> list[tuple[str, str]]:
    """Return the fields of a form or a query with *changes*; a field that holds JSON is spoiled inside at times."""
    spoiled = list(fields)
    for what, where, value in changes:
        text = HOSTILE_TEXTS[value % len(HOSTILE_TEXTS)]
        if not spoiled:
            spoiled.append((text, text))
            continue
        place = where % len(spoiled)
        name, held = spoiled[place]
        match what % 6:
            case 0:
                del spoiled[place]
            case 1:
                spoiled.append((name, text))
            case 2:
                spoiled[place] = (text, held)
            case 3 if held[:1] in ("{", "["):
                spoiled[place] = (name, spoiled_text(held, [(what // 6, where, value)]))
            case _:
                spoiled[place] = (name, text)
    return spoiled


def spoiled_text(text: str, changes: Sequence[Edit]) -> str:
    """Return JSON text with *changes*; text that is none is returned as it is."""
    try:
        return json.dumps(spoiled_json(json.loads(text), changes))
    except ValueError:
        return text


def spoiled_bytes(data: bytes, changes: Sequence[Edit]) -> bytes:
    """Return *data* cut, doubled, or with something in its middle that does not belong there."""
    for what, where, value in changes:
        place = where % (len(data) + 1)
        match what % 4:
            case 0:
                data = data[:place]
            case 1:
                data = data[:place] + bytes([value % 256]) + data[place + 1 :]
            case 2:
                data = data[:place] + HOSTILE_TEXTS[value % len(HOSTILE_TEXTS)].encode() + data[place:]
            case _:
                data = data[:place] + data[place // 2 :]
    return data


def form(fields: Sequence[tuple[str, str]]) -> bytes:
    """Return fields as a form's body."""
    return urlencode(fields).encode()

"""JSON Schema (draft 2020-12) of classes whose fields are `setting`s."""

from typing import Any, assert_never

from voice_contracts.secret import Secret
from voice_contracts.settings_document import plain
from voice_contracts.settings_rules import (
    Choice,
    Field,
    Flag,
    Free,
    Hidden,
    ListOf,
    MapOf,
    Number,
    Rule,
    Section,
    Text,
    Whole,
    fields_of,
)
from voice_contracts.settings_spellings import SPELLINGS

__all__ = ("DIALECT", "REFERENCE", "definitions", "schema_of")

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = "SecretReference"
"""The definition of a reference to a secret that lives elsewhere."""

_Schema = dict[str, Any]


def definitions(holder: type) -> dict[str, _Schema]:
    """Return the `$defs` for *holder* and every section below it, by class name."""
    found: dict[str, _Schema] = {REFERENCE: _reference()}
    _define(Section(holder), found)
    return found


def schema_of(rule: Rule) -> _Schema:
    """Return the schema of a value that *rule* accepts; sections point to their definition."""
    if isinstance(rule, ListOf | MapOf | Section | Free):
        return _compound(rule)
    match rule:
        case Flag():
            return {"type": "boolean"}
        case Whole(least, most):
            return {"type": "integer", "minimum": least, "maximum": most}
        case Number(least, most):
            return {"type": "number", "minimum": least, "maximum": most}
        case Text() | Hidden() | Choice():
            return {"anyOf": [_text(rule), {"$ref": f"#/$defs/{REFERENCE}"}]}
    assert_never(rule)


def _compound(rule: ListOf | MapOf | Section | Free) -> _Schema:
    match rule:
        case ListOf(item):
            return {"type": "array", "items": schema_of(item)}
        case MapOf(key, value):
            return {"type": "object", "propertyNames": _text(key), "additionalProperties": schema_of(value)}
        case Section(holder):
            return {"$ref": f"#/$defs/{holder.__name__}"}
        case Free():
            return {"type": "object"}
    assert_never(rule)


def _text(rule: Text | Hidden | Choice) -> _Schema:
    match rule:
        case Text(pattern, _, _, empty, blank_is_absent):
            shortest = {} if empty or blank_is_absent else {"minLength": 1}
            return {"type": "string", **shortest, **({"pattern": f"^(?:{pattern})$"} if pattern else {})}
        case Hidden():
            return {"type": "string", "minLength": 1, "writeOnly": True}
        case Choice(words, old, ignored):
            return {"enum": [*words, *dict(old), *ignored]}
    assert_never(rule)


def _reference() -> _Schema:
    return {
        "type": "object",
        "description": "A value that lives elsewhere: in an environment variable, or in a file.",
        "properties": {
            "source": {"enum": ["env", "file"]},
            "provider": True,
            "id": {"type": "string", "minLength": 1, "description": "The variable's or the file's name."},
        },
        "required": ["source", "id"],
        "additionalProperties": False,
    }


def _define(section: Section, found: dict[str, _Schema]) -> None:
    holder = section.holder
    if holder.__name__ in found:
        return
    properties: _Schema = {}
    found[holder.__name__] = {
        "type": "object",
        "description": _first_sentence(holder),
        "properties": properties,
        "additionalProperties": section.open,
    }
    for field in fields_of(holder):
        properties[field.wire] = _property(field)
        for inner in _sections_in(field.rule):
            _define(inner, found)
    for spelling in SPELLINGS.get(holder, ()):
        meant = True if spelling.new is None else _at(holder, spelling.new)
        _add_old(holder, spelling.old, meant, found)


def _property(field: Field) -> _Schema:
    shown = {} if field.default is None else _default(field.default)
    return {**schema_of(field.rule), "description": field.doc, **shown}


def _default(value: Any) -> _Schema:
    return {} if isinstance(value, Secret) else {"default": plain(value)}


def _sections_in(rule: Rule) -> tuple[Section, ...]:
    match rule:
        case Section():
            return (rule,)
        case ListOf(item):
            return _sections_in(item)
        case MapOf(_, value):
            return _sections_in(value)
        case _:
            return ()


def _at(holder: type, path: tuple[str, ...]) -> _Schema:
    """Return the schema of the setting at *path* below *holder*."""
    field = next(field for field in fields_of(holder) if field.wire == path[0])
    if len(path) == 1:
        return schema_of(field.rule)
    assert isinstance(field.rule, Section)
    return _at(field.rule.holder, path[1:])


def _add_old(holder: type, path: tuple[str, ...], meant: Any, found: dict[str, _Schema]) -> None:
    """Add an old spelling where it was written, marked as deprecated."""
    properties: dict[str, Any] = found[holder.__name__]["properties"]
    key, *rest = path
    field = next((field for field in fields_of(holder) if field.wire == key), None)
    if not rest:
        properties[key] = {**({} if meant is True else meant), "deprecated": True}
    elif field is not None and isinstance(field.rule, Section):
        _add_old(field.rule.holder, tuple(rest), meant, found)
    else:
        # The section itself is old; others may have kept keys of theirs in it.
        inner = properties.setdefault(key, {"type": "object"})
        inner.setdefault("properties", {})[rest[0]] = meant


def _first_sentence(holder: type) -> str:
    return " ".join((holder.__doc__ or "").split("\n\n")[0].split())

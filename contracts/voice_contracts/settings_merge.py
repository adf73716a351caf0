"""Laying one document over another, without changing either."""

from collections.abc import Mapping
from typing import Any, Final

from voice_contracts.settings_report import Notes, Path
from voice_contracts.settings_rules import Section, fields_of

__all__ = (
    "has_value",
    "is_too_deep",
    "laid_over",
    "only_known_keys",
    "value_at",
    "with_value",
    "without_value",
)

_DEEPEST = 40
# What a JavaScript host would take for a way to change every object; such keys are attacks or accidents.
_DROPPED_KEYS: Final = frozenset({"__proto__", "prototype", "constructor"})


def is_too_deep(value: Any, levels: int = _DEEPEST) -> bool:
    """Whether objects and lists are nested deeper than *levels*."""
    if isinstance(value, Mapping):
        inner = list(value.values())
    elif isinstance(value, list | tuple):
        inner = list(value)
    else:
        return False
    return levels == 0 or any(is_too_deep(item, levels - 1) for item in inner)


def laid_over(base: Any, over: Any, base_path: Path, path: Path, notes: Notes) -> Any:
    """Lay the object *over* on the object *base*: objects merge, anything else replaces.

    Keys named `__proto__`, `prototype` and `constructor` are dropped at any depth. *notes* learn which
    values of the result, which is to stand at *path*, come from *base_path*.
    """
    result: dict[str, Any] = {}
    for key in [*base, *(key for key in over if key not in base)]:
        if key in _DROPPED_KEYS:
            continue
        lower, upper = base.get(key), over.get(key)
        lower_path, upper_path = (*base_path, key), (*path, key)
        if key in over and not isinstance(upper, Mapping):
            result[key] = upper
        elif isinstance(upper, Mapping) or isinstance(lower, Mapping):
            lower_object = lower if isinstance(lower, Mapping) else {}
            result[key] = laid_over(lower_object, upper or {}, lower_path, upper_path, notes)
        else:
            result[key] = lower
        if key not in over:
            notes.came_from(upper_path, notes.shown(lower_path))
    return result


def only_known_keys(holder: type, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return *document* without the keys that *holder* and its sections do not know."""
    known: dict[str, Any] = {}
    for field in fields_of(holder):
        if field.wire not in document:
            continue
        value = document[field.wire]
        if isinstance(field.rule, Section) and isinstance(value, Mapping):
            value = only_known_keys(field.rule.holder, value)
        known[field.wire] = value
    return known


def value_at(document: Any, path: tuple[str, ...]) -> Any:
    """Return what stands at *path*, or None."""
    for key in path:
        if not isinstance(document, Mapping):
            return None
        document = document.get(key)
    return document


def has_value(document: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Whether a key stands at *path*, whatever its value."""
    parent = value_at(document, path[:-1])
    return isinstance(parent, Mapping) and path[-1] in parent


def with_value(document: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return *document* with *value* at *path*; unchanged if something on the way is not an object."""
    key, *rest = path
    if not rest:
        return {**document, key: value}
    inner = document.get(key, {})
    if not isinstance(inner, Mapping):
        return dict(document)
    return {**document, key: with_value(inner, tuple(rest), value)}


def without_value(document: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """Return *document* without the key at *path*; an object that becomes empty goes too."""
    key, *rest = path
    if not rest:
        return {name: value for name, value in document.items() if name != key}
    inner = document.get(key)
    if not isinstance(inner, Mapping):
        return dict(document)
    remaining = without_value(inner, tuple(rest))
    kept = {**document, key: remaining}
    return kept if remaining else {name: value for name, value in kept.items() if name != key}

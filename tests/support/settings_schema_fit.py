"""Whether a document fits the settings schema, for the words of draft 2020-12 that this schema uses."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

__all__ = ("fits",)

_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (
        not isinstance(value, bool)
        and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))
    ),
}
_SIMPLE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "type": lambda value, name: _TYPES[name](value),
    "enum": lambda value, words: value in words,
    "minLength": lambda value, least: not isinstance(value, str) or len(value) >= least,
    "pattern": lambda value, pattern: not isinstance(value, str) or re.search(pattern, value) is not None,
    "minimum": lambda value, least: not _TYPES["number"](value) or value >= least,
    "maximum": lambda value, most: not _TYPES["number"](value) or value <= most,
    "required": lambda value, keys: not isinstance(value, dict) or set(keys) <= value.keys(),
}
_NOTES: Final = {"$schema", "$defs", "title", "description", "default", "deprecated", "writeOnly"}
_STRUCTURE: Final = {
    "$ref", "anyOf", "if", "then", "else", "properties", "additionalProperties", "propertyNames", "items"
}  # fmt: skip


def fits(value: Any, schema: Any, root: Mapping[str, Any]) -> bool:
    """Whether *value* fits *schema*, a part of the schema *root*."""
    if isinstance(schema, bool):
        return schema
    assert schema.keys() <= _SIMPLE.keys() | _NOTES | _STRUCTURE, schema.keys()
    return (
        all(check(value, schema[word]) for word, check in _SIMPLE.items() if word in schema)
        and all(fits(value, part, root) for part in _parts(value, schema, root))
        and ("anyOf" not in schema or any(fits(value, part, root) for part in schema["anyOf"]))
        and (not isinstance(value, dict) or _fits_object(value, schema, root))
        and (
            not isinstance(value, list) or all(fits(item, schema.get("items", True), root) for item in value)
        )
    )


def _parts(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the schemas that *value* must fit as well."""
    if "$ref" in schema:
        yield root["$defs"][schema["$ref"].rpartition("/")[2]]
    if "if" in schema:
        yield schema["then" if fits(value, schema["if"], root) else "else"]


def _fits_object(value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    known = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    names = schema.get("propertyNames", True)
    return all(
        fits(key, names, root) and fits(item, known.get(key, others), root) for key, item in value.items()
    )

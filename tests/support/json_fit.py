"""Whether a JSON value fits a JSON Schema, for the words of 2020-12 that our schemas use."""

import re
from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}
_KNOWN = {
    *("type", "enum", "const", "required", "properties", "additionalProperties", "items", "oneOf", "$ref"),
    *("description", "title", "$schema", "$defs", "minLength", "maxLength", "pattern", "minimum", "maximum"),
    *("minItems", "maxItems"),
}


def misfits(
    value: Any, schema: dict[str, Any], *, root: dict[str, Any] | None = None, at: str = "$"
) -> list[str]:
    """Return why *value* does not fit, one line each; empty when it fits."""
    root = schema if root is None else root
    assert schema.keys() <= _KNOWN, f"teach this checker {schema.keys() - _KNOWN}"
    if "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return misfits(value, target, root=root, at=at)
    if "oneOf" in schema:
        fitting = [part for part in schema["oneOf"] if not misfits(value, part, root=root, at=at)]
        return [] if len(fitting) == 1 else [f"{at} fits {len(fitting)} of the alternatives"]
    found = list(_simple_misfits(value, schema, at))
    if isinstance(value, dict):
        found += _object_misfits(value, schema, root, at)
    if isinstance(value, list) and "items" in schema:
        for place, item in enumerate(value):
            found += misfits(item, schema["items"], root=root, at=f"{at}[{place}]")
    return found


def _simple_misfits(value: Any, schema: dict[str, Any], at: str) -> list[str]:
    found = []
    kind = schema.get("type")
    if kind and (
        not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind not in ("boolean", "object"))
    ):
        found.append(f"{at} is not of type {kind}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at} is none of {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        found.append(f"{at} is not {schema['const']}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{at} does not match")
    return found


def _object_misfits(
    value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], at: str
) -> list[str]:
    found = [f"{at}.{name} is missing" for name in schema.get("required", ()) if name not in value]
    known = schema.get("properties", {})
    extra = schema.get("additionalProperties", True)
    for name, item in value.items():
        if name in known:
            found += misfits(item, known[name], root=root, at=f"{at}.{name}")
        elif extra is False:
            found.append(f"{at}.{name} is unknown")
        elif isinstance(extra, dict):
            found += misfits(item, extra, root=root, at=f"{at}.{name}")
    return found

"""The JSON Schema of a settings file, in either shape."""

from collections.abc import Iterable
from typing import Any, Final

from voice_contracts.json_schema import DIALECT, definitions
from voice_contracts.settings import Settings
from voice_contracts.settings_installed import can_be_named
from voice_contracts.settings_shape import ENTRY_PATH

__all__ = ("settings_schema",)

_FLAT: Final = "FlatFile"
_OWN: Final = Settings.__name__


def settings_schema(installed: Iterable[str] = ()) -> dict[str, Any]:
    """Return the schema; a file with a key `plugins` is a host's, any other is ours alone.

    *installed* are the carriers that other packages bring: their sections are any objects.
    """
    defs = definitions(Settings)
    for name in filter(can_be_named, installed):
        defs[_OWN]["properties"]["provider"]["anyOf"][0]["enum"].append(name)
        defs[_OWN]["properties"][name] = {"type": "object", "description": "A carrier of another package."}
    # Read from the host's own place in a host's file, from the same place in ours.
    models = defs[_OWN]["properties"]["models"]
    defs[_FLAT] = {
        **defs[_OWN],
        "description": "A settings file of ours alone.",
        "properties": {
            "$schema": {"type": "string"},
            **defs[_OWN]["properties"],
            "messages": {
                "type": "object",
                "properties": {"tts": {"$ref": "#/$defs/TtsSettings"}},
                "additionalProperties": False,
            },
        },
    }
    return {
        "$schema": DIALECT,
        "title": "Settings of voicecall",
        "type": "object",
        "if": {"required": [ENTRY_PATH[0]]},
        "then": _host_file({"models": models}),
        "else": {"$ref": f"#/$defs/{_FLAT}"},
        "$defs": dict(sorted(defs.items())),
    }


def _host_file(host_keys: dict[str, Any]) -> dict[str, Any]:
    """Describe a host's file, most of which is not ours to check."""
    entry: dict[str, Any] = {
        "type": "object",
        "properties": {
            "enabled": {"type": "boolean", "default": True},
            "config": {"anyOf": [{"$ref": f"#/$defs/{_OWN}"}, {"type": "null"}]},
        },
    }
    for key in reversed(ENTRY_PATH):
        entry = {"type": "object", "properties": {key: entry}}
    entry["properties"].update(host_keys)
    return entry

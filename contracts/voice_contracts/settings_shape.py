"""The two shapes of a settings file: flat, and as a part of a host's file."""

from collections.abc import Mapping
from typing import Any, Final

import attrs

from voice_contracts.settings_report import Notes, show_path
from voice_contracts.settings_words import kind_of_value

__all__ = ("CONFIG_PATH", "ENTRY_PATH", "HOST_KEYS", "Shape", "is_host_document", "shape_of")

ENTRY_PATH: Final = ("plugins", "entries", "voice-call")
CONFIG_PATH: Final = (*ENTRY_PATH, "config")
HOST_KEYS: Final = ("messages", "models")
"""Keys that stand beside our own in a flat file, and at the top of a host's."""


@attrs.frozen
class Shape:
    """A document taken apart."""

    is_host_file: bool
    config: Mapping[str, Any]
    """Our own keys."""
    host: Mapping[str, Any]
    """Those of `HOST_KEYS` that are there."""
    is_entry_enabled: bool
    """False if the host's file turns us off."""


def is_host_document(document: Any) -> bool:
    """Whether *document* is a host's file rather than ours."""
    return isinstance(document, Mapping) and "plugins" in document


def shape_of(document: Mapping[str, Any], notes: Notes) -> Shape:
    """Take *document* apart; *notes*, whose paths start at our own keys, learn what is wrong on the way there."""
    host = {key: document[key] for key in HOST_KEYS if key in document}
    for key in host:
        notes.came_from((key,), key)
    if not is_host_document(document):
        own = {key: value for key, value in document.items() if key not in (*HOST_KEYS, "$schema")}
        return Shape(is_host_file=False, config=own, host=host, is_entry_enabled=True)
    for depth in range(1, len(ENTRY_PATH) + 1):
        notes.came_from(ENTRY_PATH[:depth], show_path(ENTRY_PATH[:depth]))
    entry = _entry(document, notes)
    for key in entry:
        if key not in ("enabled", "config"):
            notes.warn(
                f"{show_path((*ENTRY_PATH, str(key)))} is not one of enabled and config, and is ignored"
            )
    is_enabled, config = entry.get("enabled", True), entry.get("config")
    if not isinstance(is_enabled, bool):
        detail = f"Expected true or false, not {kind_of_value(is_enabled)}"
        notes.refuse((*ENTRY_PATH, "enabled"), detail)
    if config is not None and not isinstance(config, Mapping):
        notes.refuse((*ENTRY_PATH, "config"), f"Expected an object, not {kind_of_value(config)}")
        config = None
    return Shape(is_host_file=True, config=config or {}, host=host, is_entry_enabled=is_enabled is not False)


def _entry(document: Mapping[str, Any], notes: Notes) -> Mapping[str, Any]:
    entry = document
    for depth, key in enumerate(ENTRY_PATH, start=1):
        inner = entry.get(key, {})
        if not isinstance(inner, Mapping):
            notes.refuse(ENTRY_PATH[:depth], f"Expected an object, not {kind_of_value(inner)}")
            return {}
        entry = inner
    return entry

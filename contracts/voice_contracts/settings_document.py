"""Settings written as a document again, for people: secrets hidden."""

from collections.abc import Mapping
from typing import Any

import attrs

from voice_contracts.secret import HIDDEN, Secret
from voice_contracts.settings import Settings
from voice_contracts.settings_installed import hidden_section
from voice_contracts.settings_rules import fields_of

__all__ = ("plain", "redacted")


def redacted(settings: Settings) -> dict[str, Any]:
    """Return *settings* in the file's spelling, defaults included; secrets are `***`, what is not set is left out."""
    document = plain(settings)
    assert isinstance(document, dict)
    if settings.installed_carrier:
        document[settings.provider] = hidden_section(settings.installed_carrier)
    return document


def plain(value: Any) -> Any:
    """Return *value* as JSON, with secrets hidden."""
    if isinstance(value, Secret):
        return HIDDEN
    if attrs.has(type(value)):
        shown = {field.wire: getattr(value, field.name) for field in fields_of(type(value))}
        return {key: plain(item) for key, item in shown.items() if item is not None}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value

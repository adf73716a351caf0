"""Sections of carriers that other packages bring: found by their names, read as they were written."""

import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from voice_contracts.secret import HIDDEN
from voice_contracts.secret_references import SecretReader, is_reference
from voice_contracts.settings import CARRIERS, Settings
from voice_contracts.settings_report import Notes, Path
from voice_contracts.settings_rules import fields_of
from voice_contracts.settings_shape import HOST_KEYS
from voice_contracts.settings_words import kind_of_value

__all__ = (
    "InstalledNames",
    "InstalledSections",
    "can_be_named",
    "hidden_section",
    "installed_sections",
    "nothing_installed",
)

InstalledNames: TypeAlias = Callable[[], Collection[str]]
"""Returns the names of the carriers that are installed beside ours."""

_NAME: Final = re.compile(r"[a-z][a-z0-9]*")


def nothing_installed() -> tuple[str, ...]:
    """Return no name."""
    return ()


def can_be_named(name: str) -> bool:
    """Whether a carrier of another package may have *name*: one word of its own in the settings file."""
    taken = {*(field.wire for field in fields_of(Settings)), *HOST_KEYS, *CARRIERS}
    return _NAME.fullmatch(name) is not None and name not in taken


@attrs.frozen
class InstalledSections:
    """A document without what belongs to carriers of other packages, and that."""

    names: tuple[str, ...]
    """The carriers that the document may name; empty where it names none of another package."""
    own: Mapping[str, Any]
    """The document without their sections."""
    sections: Mapping[str, Any] = attrs.field(repr=False)

    def read(self, carrier: str, secrets: SecretReader, notes: Notes) -> Mapping[str, Any]:
        """Return the section of *carrier* with its references followed; *notes* learn what is wrong.

        Sections of the others are only looked at, as their secrets are not needed.
        """
        for name, section in self.sections.items():
            if not isinstance(section, Mapping):
                notes.refuse((name,), f"Expected an object, not {kind_of_value(section)}")
        section = self.sections.get(carrier, {})
        if not isinstance(section, Mapping):
            section = {}
        return MappingProxyType(
            {
                str(key): _followed(value, (carrier, str(key)), secrets, notes)
                for key, value in section.items()
            }
        )


def installed_sections(config: Mapping[str, Any], installed: InstalledNames) -> InstalledSections:
    """Take *config* apart; *installed* is asked only if there is something in it that is not ours."""
    known = {field.wire for field in fields_of(Settings)}
    named = config.get("provider", "mock")
    if named in CARRIERS and all(key in known for key in config):
        return InstalledSections((), config, {})
    names = tuple(sorted(name for name in installed() if can_be_named(name)))
    own = {key: value for key, value in config.items() if key not in names}
    return InstalledSections(names, own, {name: config[name] for name in names if name in config})


def hidden_section(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return *section* for people: any text in it may be a secret, so all are hidden."""
    return {key: _hidden(value) for key, value in section.items()}


def _hidden(value: Any) -> Any:
    if isinstance(value, Mapping):
        return hidden_section(value)
    if isinstance(value, tuple | list):
        return [_hidden(item) for item in value]
    return HIDDEN if isinstance(value, str) else value


def _followed(value: Any, path: Path, secrets: SecretReader, notes: Notes) -> Any:
    if is_reference(value):
        return secrets.resolve(value, path, notes)
    if isinstance(value, Mapping):
        return {str(key): _followed(item, (*path, str(key)), secrets, notes) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_followed(item, (*path, place), secrets, notes) for place, item in enumerate(value)]
    return value

"""References to secrets that live elsewhere: `{source: "env" | "file", id}` in place of a text."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeGuard

import attrs

from voice_contracts.settings_report import Notes, Path

__all__ = ("SecretFiles", "SecretReader", "is_reference", "no_files")

SecretFiles: TypeAlias = Callable[[str], str]
"""Returns the text of a file, or raises OSError or UnicodeError."""

_SOURCES = ("env", "file")
_KEYS = frozenset({"source", "id", "provider"})
_REFERENCE = 'Expected a secret reference {source: "env" or "file", id: …}'


def no_files(_name: str) -> str:
    """Refuse to read a file, where there is none to read.

    Raises:
        OSError: always.
    """
    raise OSError("files cannot be read here")


def is_reference(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether *value* was meant as a reference and not as the text itself."""
    return isinstance(value, Mapping) and "source" in value


@attrs.frozen
class SecretReader:
    """Resolves references against an environment and files."""

    environ: Mapping[str, str]
    files: SecretFiles = no_files
    unread: Callable[[Path], bool] = lambda _path: False
    """Says for which paths a reference is checked but not followed: the settings do not need them."""

    def resolve(self, reference: Mapping[str, Any], path: Path, notes: Notes) -> str | None:
        """Return the text that *reference* names, or None; what is wrong with it goes to *notes*."""
        source, name = reference.get("source"), reference.get("id")
        well_formed = (
            isinstance(name, str) and bool(name) and name.isprintable() and _KEYS.issuperset(reference)
        )
        if source not in _SOURCES or not well_formed:
            notes.refuse(path, _REFERENCE)
            return None
        if self.unread(path):
            return None
        text = self._environment(str(name)) if source == "env" else self._file(str(name))
        if text is None:
            remedy = "set the variable" if source == "env" else "write the secret into that file"
            detail = f"the secret reference {_shown(reference)} names nothing; {remedy}"
            notes.refuse(path, detail, is_missing=True)
        return text

    def _environment(self, name: str) -> str | None:
        text = self.environ.get(name, "")
        return text if text.strip() else None

    def _file(self, name: str) -> str | None:
        try:
            text = self.files(name).rstrip("\r\n")
        except (OSError, UnicodeError, ValueError):  # ValueError: a name with a null character
            return None
        return text if text.strip() else None


def _shown(reference: Mapping[str, Any]) -> str:
    provider = reference.get("provider", "default")
    owner = provider if isinstance(provider, str) and provider.isprintable() else "default"
    return f"{reference['source']}:{owner}:{reference['id']}"

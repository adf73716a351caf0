"""Where the settings come from: the state folder, the file that is found first, the environment."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

import attrs

from voice_contracts.settings import Settings
from voice_contracts.settings_reading import read_settings
from voice_contracts.settings_report import SettingsReport
from voice_contracts.settings_shape import ENTRY_PATH
from voice_domain.errors import VoiceError
from voice_entrypoints.installed_carriers import installed_names
from voice_entrypoints.json5_source import read_object
from voice_entrypoints.settings_place import expanded, home_path, host_files, named_file, own_file

__all__ = (
    "LoadedSettings",
    "SettingsSource",
    "StateFolderError",
    "find_source",
    "home",
    "load_settings",
    "secret_files",
    "settings_report",
)

_PRIVATE: Final = 0o700
_MOST_SECRET_BYTES: Final = 64 * 1024


class StateFolderError(VoiceError):
    """The state folder cannot be used."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The state folder {path} cannot be used: {reason}; set VOICECALL_HOME to another folder"
        )
        self.path = path


@attrs.frozen
class SettingsSource:
    """A settings file, parsed but not understood; without a file the document is empty."""

    path: Path | None
    """The file; None if none was found."""
    target: Path
    """The file that a change is written to: *path*, or the one that would be found next time."""
    document: Mapping[str, Any] = attrs.field(repr=False)
    text: str = attrs.field(repr=False)


@attrs.frozen
class LoadedSettings:
    """Settings, and where they come from."""

    path: Path | None
    """The file; None if the built-in defaults are used."""
    document: Mapping[str, Any] = attrs.field(repr=False)
    settings: Settings
    warnings: tuple[str, ...]


def home(environ: Mapping[str, str]) -> Path:
    """Return the state folder, `$VOICECALL_HOME` or `~/.voicecall`; it is made if need be, for its owner only.

    Raises:
        StateFolderError: if it cannot be made, or is no folder.
    """
    folder = home_path(environ)
    try:
        folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            folder.chmod(_PRIVATE)
    except FileExistsError:
        raise StateFolderError(folder, "it is not a folder") from None
    except (OSError, ValueError) as error:
        cause = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "bad name"
        raise StateFolderError(folder, cause) from None
    return folder


def find_source(path: Path | None, environ: Mapping[str, str]) -> SettingsSource:
    """Read the settings file: *path* if it is given, else the first that there is.

    A host's file counts only if it has a voice-call entry.

    Raises:
        SettingsFileError: if the file that counts cannot be read, or is no JSON5 object.
    """
    named = path or named_file(environ)
    own = own_file(environ)
    if named is not None or own.exists():
        chosen = named or own
        text, document = read_object(chosen)
        return SettingsSource(chosen, chosen, document, text)
    for candidate in host_files(environ):
        if not candidate.exists():
            continue
        text, document = read_object(candidate)
        if _has_entry(document):
            return SettingsSource(candidate, candidate, document, text)
    return SettingsSource(None, own, {}, "")


def settings_report(source: SettingsSource, environ: Mapping[str, str]) -> SettingsReport:
    """Read *source* as settings; files that its secret references name are read too."""
    files = secret_files(source.target.parent, environ)
    return read_settings(source.document, environ, files, installed=installed_names)


def load_settings(path: Path | None, environ: Mapping[str, str]) -> LoadedSettings:
    """Find, read and check the settings; without a file they are the built-in ones, with the carrier `mock`.

    Raises:
        SettingsFileError: if the file that counts cannot be read, or is no JSON5 object.
        InvalidSettingsError: if anything in it is wrong; lists every problem.
    """
    source = find_source(path, environ)
    report = settings_report(source, environ)
    return LoadedSettings(source.path, source.document, report.require(), report.warnings)


def _has_entry(document: Mapping[str, Any]) -> bool:
    value: Any = document
    for key in ENTRY_PATH:
        if not isinstance(value, Mapping) or key not in value:
            return False
        value = value[key]
    return True


def secret_files(folder: Path, environ: Mapping[str, str]) -> Callable[[str], str]:
    """Return what reads the files of secret references, relative names beside *folder*.

    The function raises OSError for a file that cannot be read or is too large to be a secret.
    """

    def read(name: str) -> str:
        with (folder / expanded(name, environ)).open("rb") as file:
            octets = file.read(_MOST_SECRET_BYTES + 1)
        if len(octets) > _MOST_SECRET_BYTES:
            raise OSError("too large to be a secret")
        return octets.decode("utf-8-sig")

    return read

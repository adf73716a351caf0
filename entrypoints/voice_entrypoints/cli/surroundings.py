"""What a command finds around it: the state folder and the settings."""

import os
from pathlib import Path

import attrs

from voice_contracts.settings import Settings
from voice_contracts.settings_report import InvalidSettingsError
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import note
from voice_entrypoints.json5_source import SettingsFileError
from voice_entrypoints.settings_source import LoadedSettings, home, load_settings

__all__ = (
    "Surroundings",
    "client_surroundings",
    "loaded_settings",
    "state_folder",
    "surroundings",
    "tolerant_surroundings",
)


@attrs.frozen
class Surroundings:
    """The state folder, which need not exist, and the settings."""

    home: Path
    settings: Settings
    problem: SettingsFileError | InvalidSettingsError | None = None
    """What is wrong with the user's settings, for which the built-in ones stand in; None if nothing is."""

    def require(self) -> None:
        """Insist on the user's own settings.

        Raises:
            SettingsFileError: if the settings file could not be read.
            InvalidSettingsError: if anything in it was wrong.
        """
        if self.problem is not None:
            raise self.problem

    def tell(self, consequence: str) -> None:
        """Say what is wrong with the settings, and *consequence*; nothing if they are right."""
        if self.problem is not None:
            note(str(self.problem))
            note(consequence)


def loaded_settings(shared: Shared) -> LoadedSettings:
    """Return the settings and tell what is odd about them.

    Raises:
        SettingsFileError: if the file cannot be read.
        InvalidSettingsError: if anything in it is wrong.
    """
    loaded = load_settings(shared.config, os.environ)
    for warning in loaded.warnings:
        note(warning)
    return loaded


def surroundings(shared: Shared) -> Surroundings:
    """Return the state folder, not made if there is none, and the settings.

    Raises:
        SettingsFileError: if the settings file cannot be read.
        InvalidSettingsError: if anything in it is wrong.
    """
    return Surroundings(state_folder(), loaded_settings(shared).settings)


def client_surroundings(shared: Shared) -> Surroundings:
    """As `surroundings`, but wrong settings are kept as its `problem`: a gateway that runs has read its own.

    Its secrets may be in the environment of its terminal alone, so that a client in another one lacks them.

    Raises:
        SettingsFileError: if the settings file was named and cannot be read.
        InvalidSettingsError: if it was named and anything in it is wrong.
    """
    try:
        return surroundings(shared)
    except (SettingsFileError, InvalidSettingsError) as error:
        if shared.config is not None:
            raise
        return Surroundings(state_folder(), Settings(), error)


def tolerant_surroundings(shared: Shared) -> Surroundings:
    """As `surroundings`, but with the built-in settings where the user's are wrong: a live call can be ended anyway."""
    around = client_surroundings(shared)
    around.tell("going on with the built-in settings")
    return around


def state_folder(*, make: bool = False) -> Path:
    """Return the state folder; with *make* it exists afterwards, for its owner only.

    Raises:
        StateFolderError: if it cannot be made, or is no folder.
    """
    if make:
        return home(os.environ)
    named = os.environ.get("VOICECALL_HOME", "").strip()
    return Path(named or "~/.voicecall").expanduser().absolute()

"""What a command finds around it: the state folder and the settings."""

import os
from collections.abc import Sequence
from pathlib import Path

import attrs

from voice_contracts.settings import Settings
from voice_contracts.settings_report import InvalidSettingsError
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import note
from voice_entrypoints.client_settings import load_client_settings
from voice_entrypoints.json5_source import SettingsFileError
from voice_entrypoints.settings_source import LoadedSettings, home, load_settings

__all__ = (
    "Surroundings",
    "client_surroundings",
    "loaded_settings",
    "state_folder",
    "surroundings",
    "tell_warnings",
    "tolerant_surroundings",
)


@attrs.frozen
class Surroundings:
    """The state folder, which need not exist, and the settings."""

    home: Path
    settings: Settings
    problem: SettingsFileError | InvalidSettingsError | None = None
    """What is wrong with the user's settings, beyond what a client needs of them; None if nothing is."""

    def require(self) -> None:
        """Insist on the user's own settings, all of them.

        Raises:
            SettingsFileError: if the settings file could not be read.
            InvalidSettingsError: if anything in it was wrong.
        """
        if self.problem is not None:
            raise self.problem


def loaded_settings(shared: Shared) -> LoadedSettings:
    """Return the settings and tell what is odd about them.

    Raises:
        SettingsFileError: if the file cannot be read.
        InvalidSettingsError: if anything in it is wrong.
    """
    loaded = load_settings(shared.config, os.environ)
    tell_warnings(loaded.warnings)
    return loaded


def surroundings(shared: Shared) -> Surroundings:
    """Return the state folder, not made if there is none, and the settings.

    Raises:
        SettingsFileError: if the settings file cannot be read.
        InvalidSettingsError: if anything in it is wrong.
    """
    return Surroundings(state_folder(), loaded_settings(shared).settings)


def client_surroundings(shared: Shared) -> Surroundings:
    """As `surroundings`, but what is wrong beyond a client's needs is kept as a `problem`; see `ClientSettings`.

    Raises:
        SettingsFileError: if the settings file cannot be read.
        InvalidSettingsError: if what a client needs of it is wrong.
    """
    loaded = load_client_settings(shared.config, os.environ)
    tell_warnings(loaded.warnings)
    return Surroundings(state_folder(), loaded.settings, loaded.problem)


def tolerant_surroundings(shared: Shared) -> Surroundings:
    """As `client_surroundings`, but with the built-in settings in the worst case: a live call can be ended anyway.

    Raises:
        SettingsFileError, InvalidSettingsError: if the file was named; see `client_surroundings`.
    """
    try:
        return client_surroundings(shared)
    except (SettingsFileError, InvalidSettingsError) as error:
        if shared.config is not None:
            raise
        note(str(error))
        note("going on with the built-in settings")
        return Surroundings(state_folder(), Settings(), error)


def state_folder(*, make: bool = False) -> Path:
    """Return the state folder; with *make* it exists afterwards, for its owner only.

    Raises:
        StateFolderError: if it cannot be made, or is no folder.
    """
    if make:
        return home(os.environ)
    named = os.environ.get("VOICECALL_HOME", "").strip()
    return Path(named or "~/.voicecall").expanduser().absolute()


def tell_warnings(warnings: Sequence[str]) -> None:
    """Tell *warnings* on stderr, a line each."""
    for warning in warnings:
        note(warning)

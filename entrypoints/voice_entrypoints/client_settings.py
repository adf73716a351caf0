"""What a client of a running gateway needs of the settings, which is little: the gateway has read its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from voice_contracts.settings import Settings
from voice_contracts.settings_reading import read_settings
from voice_contracts.settings_report import InvalidSettingsError, Notes
from voice_contracts.settings_shape import CONFIG_PATH, is_host_document, shape_of
from voice_entrypoints.settings_source import find_source, settings_report

__all__ = ("CLIENT_KEYS", "ClientSettings", "load_client_settings")

CLIENT_KEYS: Final = ("api", "locale", "ringTimeoutMs", "store", "transcriptTimeoutMs")
"""Where the gateway and its calls are, how long they may take, and the language."""


@attrs.frozen
class ClientSettings:
    """Settings of which all of `CLIENT_KEYS` are the user's, and the others too if nothing is wrong with any."""

    settings: Settings
    problem: InvalidSettingsError | None = None
    """Why the others are the built-in ones; often the carrier's secrets are on another terminal only."""
    warnings: tuple[str, ...] = ()
    """What is odd about them; empty if there is a problem."""

    @property
    def lacks_values_only(self) -> bool:
        """Whether everything would be right if what is not here, such as secrets, were here."""
        return self.problem is None or all(each.is_missing for each in self.problem.problems)

    def require(self) -> Settings:
        """Return the settings of somebody who is no mere client.

        Raises:
            InvalidSettingsError: if anything in them is wrong.
        """
        if self.problem is not None:
            raise self.problem
        return self.settings


def load_client_settings(path: Path | None, environ: Mapping[str, str]) -> ClientSettings:
    """Find the settings and read them as far as a client needs them.

    Raises:
        SettingsFileError: if the file that counts cannot be read, or is no JSON5 object.
        InvalidSettingsError: if one of `CLIENT_KEYS` is wrong.
    """
    source = find_source(path, environ)
    report = settings_report(source, environ)
    if report.settings is not None:
        return ClientSettings(report.settings, warnings=report.warnings)
    part = read_settings(_part_for_clients(source.document), environ)
    return ClientSettings(part.require(), InvalidSettingsError(report.problems))


def _part_for_clients(document: Mapping[str, Any]) -> dict[str, Any]:
    config = shape_of(document, Notes("")).config
    part: dict[str, Any] = {key: config[key] for key in CLIENT_KEYS if key in config}
    if is_host_document(document):
        for key in reversed(CONFIG_PATH):
            part = {key: part}
    return part

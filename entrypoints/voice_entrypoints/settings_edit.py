"""Reading and changing single settings in a file, whichever of the two shapes it has."""

import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

import attrs

from voice_contracts.settings import Settings
from voice_contracts.settings_document import redacted
from voice_contracts.settings_merge import has_value, with_value, without_value
from voice_contracts.settings_report import InvalidSettingsError, Problem, show_path
from voice_contracts.settings_rules import ListOf, MapOf, Rule, Section, fields_of
from voice_contracts.settings_shape import CONFIG_PATH, ENTRY_PATH, HOST_KEYS, is_host_document
from voice_contracts.settings_words import nearest_key
from voice_domain.errors import VoiceError
from voice_entrypoints.json5_source import SettingsFileError, has_comments, parse_json5
from voice_entrypoints.settings_source import SettingsSource, settings_report

__all__ = ("SettingsChange", "UnknownSettingError", "get_setting", "set_setting", "unset_setting")

_KEY_STEP: Final = re.compile(r"""\[(?:"((?:\\.|[^"\\])*)"|(\d+))\]|([^.\[\]]+)""")


class UnknownSettingError(VoiceError):
    """There is no setting of this name."""

    kind: ClassVar[str] = "invalid_settings"

    def __init__(self, key: str, nearest: str | None) -> None:
        hint = f"; the nearest known key is {nearest}" if nearest else ""
        super().__init__(f"{key} is not a setting{hint}")
        self.key = key
        self.nearest = nearest


@attrs.frozen
class SettingsChange:
    """A change of the file, or none because nothing had to change."""

    path: Path
    """The file that holds it."""
    warnings: tuple[str, ...]
    """What the user should know, about this change only."""
    is_written: bool = True


def get_setting(settings: Settings, key: str | None = None) -> Any:
    """Return the value of *key*, or all settings, as JSON with secrets hidden; None if it is not set.

    Raises:
        UnknownSettingError: if there is no such key.
    """
    if key is None:
        return redacted(settings)
    steps = _own_steps(key)
    if not (settings.installed_carrier and steps[:1] == (settings.provider,)):
        _check_known(key, steps)
    value: Any = redacted(settings)
    for step in steps:
        if isinstance(value, list):
            place = int(step) if step.isdecimal() else len(value)
            value = value[place] if place < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def set_setting(source: SettingsSource, key: str, text: str, environ: Mapping[str, str]) -> SettingsChange:
    """Set *key* to *text*, read as JSON5 or, where that does not fit, taken as it is; write the file.

    The rest of the file's data stays; its comments do not, then a warning says so.

    Raises:
        InvalidSettingsError: if the settings would have problems that they do not have now.
        SettingsFileError: if the file cannot be written.
    """
    path = _path_in(source, key)
    refusal: InvalidSettingsError | None = None
    for value in _readings(text):
        try:
            return _written(source, with_value(source.document, path, value), environ)
        except InvalidSettingsError as error:
            refusal = refusal or error
    assert refusal is not None
    raise refusal


def unset_setting(source: SettingsSource, key: str, environ: Mapping[str, str]) -> SettingsChange:
    """Remove *key* from the file, so that its default holds again.

    Raises:
        InvalidSettingsError: if the settings would have problems that they do not have now.
        SettingsFileError: if the file cannot be written.
    """
    path = _path_in(source, key)
    if not has_value(source.document, path):
        return SettingsChange(source.target, (f"{key} was not set",), is_written=False)
    return _written(source, without_value(source.document, path), environ)


def _steps(key: str) -> tuple[str, ...]:
    """Take *key* apart at its dots; `["…"]` holds a step that has dots itself, `[0]` a place in a list."""
    return tuple(
        json.loads(f'"{quoted}"') if quoted else place or plain
        for quoted, place, plain in _KEY_STEP.findall(key)
    )


def _own_steps(key: str) -> tuple[str, ...]:
    """Return the steps of *key* from our own settings on, whichever way it is written."""
    steps = _steps(key)
    if steps[: len(CONFIG_PATH)] == CONFIG_PATH:
        return steps[len(CONFIG_PATH) :]
    if steps == (*ENTRY_PATH, "enabled"):
        return ("enabled",)
    return steps


def _path_in(source: SettingsSource, key: str) -> tuple[str, ...]:
    steps = _own_steps(key)
    if not steps:
        raise UnknownSettingError(key, None)
    if not is_host_document(source.document) or steps[0] in HOST_KEYS:
        return steps
    if _steps(key) == (*ENTRY_PATH, "enabled"):
        return _steps(key)
    return (*CONFIG_PATH, *steps)


def _check_known(key: str, steps: tuple[str, ...]) -> None:
    rule: Rule = Section(Settings)
    if not steps:
        raise UnknownSettingError(key, None)
    for depth, step in enumerate(steps):
        match rule:
            case Section(holder):
                field = next((field for field in fields_of(holder) if field.wire == step), None)
                if field is None:
                    nearest = (*steps[:depth], *nearest_key(step, holder, top=depth == 0))
                    raise UnknownSettingError(key, show_path(nearest))
                rule = field.rule
            case MapOf(_, item) | ListOf(item):
                rule = item
            case _:
                raise UnknownSettingError(key, show_path(steps[:depth]))


def _readings(text: str) -> list[Any]:
    try:
        return [parse_json5(text, "value"), text]
    except SettingsFileError:
        return [text]


def _written(
    source: SettingsSource, document: Mapping[str, Any], environ: Mapping[str, str]
) -> SettingsChange:
    before = settings_report(source, environ)
    after = settings_report(attrs.evolve(source, document=document), environ)
    new_problems = _new(after.problems, before.problems)
    if new_problems:
        raise InvalidSettingsError(new_problems)
    warnings = [warning for warning in after.warnings if warning not in before.warnings]
    if has_comments(source.text):
        warnings.append(f"the comments in {source.target} are gone: they are not kept when a setting changes")
    _write(source.target, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return SettingsChange(source.target, tuple(warnings))


def _new(after: tuple[Problem, ...], before: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return tuple(problem for problem in after if problem not in before)


def _write(path: Path, text: str) -> None:
    """Replace the file at once, so that no reader and no crash ever sees half of it; only its owner may read it."""
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        cause = os.strerror(error.errno) if error.errno else "unknown"
        raise SettingsFileError(str(path), f"the settings file cannot be written: {cause}") from None

"""`voicecall config …`: the settings file."""

import os
from typing import Annotated, Any

from cyclopts import Parameter

from voice_contracts.settings_schema import settings_schema
from voice_domain.errors import VoiceError
from voice_entrypoints.cli.options import Shared
from voice_entrypoints.cli.printing import note, show, show_json
from voice_entrypoints.cli.surroundings import loaded_settings, state_folder
from voice_entrypoints.installed_carriers import installed_names
from voice_entrypoints.settings_edit import SettingsChange, get_setting, set_setting, unset_setting
from voice_entrypoints.settings_refusals import refusals
from voice_entrypoints.settings_remedy import remedy_for
from voice_entrypoints.settings_source import find_source, settings_report
from voice_entrypoints.words.language import translated

__all__ = ("check", "get", "path", "schema", "set_", "unset")

_PLAIN = Shared()

Key = Annotated[
    str,
    Parameter(help="Such as serve.port, with or without plugins.entries.voice-call.config. before it."),
]
Value = Annotated[str, Parameter(help="JSON5; what is none is taken as text.")]


def get(key: Key | None = None, /, *, shared: Shared = _PLAIN) -> int:
    """Print the value of a setting, defaults included; without KEY all of them. Secrets are shown as ***."""
    value = get_setting(loaded_settings(shared).settings, key)
    if shared.json or not isinstance(value, str | None):
        show_json(value)
    elif value is not None:
        show(value)
    return 0


def set_(key: Key, value: Value, /, *, shared: Shared = _PLAIN) -> int:
    """Change a setting in the file; nothing is written if the settings would be wrong then."""
    change = set_setting(find_source(shared.config, os.environ), key, value, os.environ)
    _tell(change, f"{key} is written to {change.path}", shared)
    return 0


def unset(key: Key, /, *, shared: Shared = _PLAIN) -> int:
    """Remove a setting from the file, so that its default holds again."""
    change = unset_setting(find_source(shared.config, os.environ), key, os.environ)
    _tell(change, f"{key} is removed from {change.path}", shared)
    return 0


def path(*, shared: Shared = _PLAIN) -> int:
    """Print which file the settings are read from; if there is none, on stderr where one would be looked for."""
    source = find_source(shared.config, os.environ)
    if shared.json:
        show_json({"path": None if source.path is None else str(source.path), "target": str(source.target)})
    elif source.path is not None:
        show(str(source.path))
    else:
        note(f"there is no settings file; `voicecall config set` would make {source.target}")
    return 0


def schema(*, shared: Shared = _PLAIN) -> int:
    """Print the JSON Schema of the settings file."""
    del shared  # the schema is JSON in any case
    show_json(settings_schema(installed_names()))
    return 0


def check(*, shared: Shared = _PLAIN) -> int:
    """Report everything about the settings that `serve` would refuse; exits with 1 if there is anything."""
    checks = _checks(shared)
    ok = all(each["ok"] for each in checks)
    if shared.json:
        show_json({"ok": ok, "checks": checks})
        return 0 if ok else 1
    for each in checks:
        show(f"{'OK' if each['ok'] else 'FAIL'}  {each['id']}: {translated(each['message'])}")
        if each["remedy"] and each["remedy"] not in each["message"]:
            show(f"      {translated(each['remedy'])}")
    return 0 if ok else 1


def _checks(shared: Shared) -> list[dict[str, Any]]:
    try:
        source = find_source(shared.config, os.environ)
    except VoiceError as error:
        return [_check("file", str(error), ok=False, remedy="correct the file at that place")]
    where = f"{source.path}" if source.path else "no settings file; the built-in defaults hold"
    report = settings_report(source, os.environ)
    wrong = [
        _check(problem.path or "settings", problem.message, ok=False, remedy=remedy_for(problem))
        for problem in report.problems
    ]
    if report.settings is not None:
        wrong = [_refused(key, error) for key, error in refusals(report.settings, state_folder())]
    return [
        _check("file", where),
        *wrong,
        *(_check("warning", warning) for warning in report.warnings),
        *([] if wrong else [_check("settings", "every setting is understood")]),
    ]


def _refused(key: str, error: VoiceError) -> dict[str, Any]:
    return _check(key, str(error), ok=False, remedy=str(error).partition("; ")[2])


def _check(name: str, message: str, *, ok: bool = True, remedy: str = "") -> dict[str, Any]:
    return {"id": name, "ok": ok, "message": message, "remedy": remedy}


def _tell(change: SettingsChange, done: str, shared: Shared) -> None:
    for warning in change.warnings:
        note(warning)
    if shared.json:
        show_json({"ok": True, "path": str(change.path)})
    elif change.is_written:
        show(translated(done))

"""What to do about a problem of the settings. A secret never belongs on a command line, where others can read it."""

import json
from typing import Final

from voice_contracts.settings import Settings
from voice_contracts.settings_environment import origin_in_environment
from voice_contracts.settings_report import Problem, show_path
from voice_contracts.settings_rules import Field, Hidden, nested_fields
from voice_contracts.settings_shape import CONFIG_PATH

__all__ = ("remedy_for",)

_OF_ENVIRONMENT: Final = origin_in_environment("")
_OF_HOST: Final = f"{show_path(CONFIG_PATH)}."


def remedy_for(problem: Problem) -> str:
    """Return one sentence; empty where the problem names no setting."""
    if problem.path.startswith(_OF_ENVIRONMENT):
        variable = problem.path.removeprefix(_OF_ENVIRONMENT)
        return f"change environment variable {variable}, or unset it"
    if not problem.path:
        return ""
    key = json.dumps(problem.path) if " " in problem.path else problem.path
    field = _field_at(problem.path.removeprefix(_OF_HOST))
    if field is not None and isinstance(field.rule, Hidden):
        return _remedy_for_secret(key, next(iter(field.env), ""))
    if problem.is_missing:
        return f"give it a value: voicecall config set {key} VALUE"
    return f"change {problem.path}, or remove it: voicecall config unset {key}"


def _remedy_for_secret(key: str, variable: str) -> str:
    if not variable:
        return (
            f'put it in a file for you alone: voicecall config set {key} \'{{source: "file", id: "FILE"}}\''
        )
    return (
        f"set {variable}, or put it in a file for you alone: "
        f'voicecall config set {key} \'{{source: "file", id: "FILE"}}\''
    )


def _field_at(path: str) -> Field | None:
    return next((field for keys, field in nested_fields(Settings) if ".".join(keys) == path), None)

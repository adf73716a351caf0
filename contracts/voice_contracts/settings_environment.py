"""What stands in for keys that the user left out: the environment, and the defaults of the carrier `mock`."""

from collections.abc import Mapping
from typing import Any, Final

from voice_contracts.settings import CARRIERS, Settings
from voice_contracts.settings_merge import has_value, value_at, with_value
from voice_contracts.settings_report import Notes
from voice_contracts.settings_rules import nested_fields

__all__ = ("MODEL_KEY_VARIABLES", "origin_in_environment", "with_environment", "with_mock_defaults")

MODEL_KEY_VARIABLES: Final[Mapping[str, str]] = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
}
"""Where the key of a model provider is found if `models.providers` has none."""


def with_environment(
    config: Mapping[str, Any], environ: Mapping[str, str], *, carrier: str, notes: Notes
) -> dict[str, Any]:
    """Return *config* with absent keys taken from *environ*; blank variables count as absent.

    Variables that belong to another carrier than *carrier*, or to a tunnel that is not used, are not read.
    """
    filled = dict(config)
    variables = [(path, field.env) for path, field in nested_fields(Settings) if field.env]
    variables += [
        (("models", "providers", provider, "apiKey"), (name,))
        for provider, name in MODEL_KEY_VARIABLES.items()
    ]
    for path, names in variables:
        if has_value(filled, path) or not _concerns(path, config, carrier):
            continue
        name = next((name for name in names if environ.get(name, "").strip()), None)
        if name is not None:
            filled = with_value(filled, path, environ[name].strip())
            notes.came_from(path, origin_in_environment(name))
    return filled


def origin_in_environment(variable: str) -> str:
    """Return how problems name a value that stands in *variable*."""
    return f"environment variable {variable}"


def with_mock_defaults(config: Mapping[str, Any], *, carrier: str) -> dict[str, Any]:
    """Return *config* with the defaults that only `mock` has, if that is the *carrier*."""
    filled = dict(config)
    if carrier != "mock":
        return filled
    for path, field in nested_fields(Settings):
        if field.on_mock is not None and not has_value(filled, path):
            filled = with_value(filled, path, field.on_mock)
    return filled


def _concerns(path: tuple[str, ...], config: Mapping[str, Any], carrier: str) -> bool:
    section = path[0]
    if section in CARRIERS:
        return section == carrier
    if section == "fromNumber":
        return carrier == "twilio"
    if section == "tunnel":
        return bool(value_at(config, ("tunnel", "provider")) == "ngrok")
    return True

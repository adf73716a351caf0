"""Reading settings: from a document and the environment to settings, or to everything that is wrong with them."""

from collections.abc import Mapping
from typing import Any

import attrs

from voice_contracts.converter import Converter
from voice_contracts.secret_references import SecretFiles, SecretReader, no_files
from voice_contracts.settings import CARRIERS, Settings
from voice_contracts.settings_checks import (
    check_between_keys,
    check_exposure,
    check_ports,
    check_required,
    explain_problems,
)
from voice_contracts.settings_choices import streaming_gaps
from voice_contracts.settings_endpoints import model_endpoint
from voice_contracts.settings_environment import with_environment, with_mock_defaults
from voice_contracts.settings_installed import (
    InstalledNames,
    InstalledSections,
    installed_sections,
    nothing_installed,
)
from voice_contracts.settings_merge import is_too_deep
from voice_contracts.settings_report import Notes, Path, SettingsReport, show_path
from voice_contracts.settings_rules import Choice, fields_of
from voice_contracts.settings_shape import CONFIG_PATH, Shape, is_host_document, shape_of
from voice_contracts.settings_speech import with_host_speech, with_route_speech
from voice_contracts.settings_spellings import respelled
from voice_contracts.settings_words import kind_of_value

__all__ = ("read_settings",)


def read_settings(
    document: object,
    environ: Mapping[str, str],
    files: SecretFiles = no_files,
    *,
    installed: InstalledNames = nothing_installed,
) -> SettingsReport:
    """Read *document*, a settings file of either shape, with *environ* behind it.

    Nothing is raised: whatever is wrong with the document is a problem of the report, all of them in one pass.
    *files* reads the files that secret references name; without it such a reference is a problem. *installed* names
    the carriers that other packages bring; it is asked only if the document names something that is not ours.
    """
    notes = Notes(show_path(CONFIG_PATH) if is_host_document(document) else "")
    if not isinstance(document, Mapping):
        notes.refuse((), f"Expected an object with settings, not {kind_of_value(document)}")
        return notes.report(None)
    shape = shape_of(document, notes)
    if is_too_deep(shape.config) or is_too_deep(shape.host):
        notes.refuse((), "objects and lists are nested too deeply to be settings", joint=" ")
        return notes.report(None)
    config: Mapping[str, Any] = respelled(Settings, shape.config, (), notes)
    brought = installed_sections(config, installed)
    config, carrier = brought.own, _carrier(brought)
    explain_problems(carrier, notes)
    is_enabled = shape.is_entry_enabled and config.get("enabled", True) is not False
    if not is_enabled:
        environ = {}  # nothing will be done with these settings, so no secret is looked for
    config = _completed(config, shape, environ, carrier=carrier, notes=notes)
    secrets = SecretReader(environ, files, _unread(carrier, is_enabled=is_enabled))
    settings = Converter(notes, secrets, brought.names).section(Settings, config, ())
    settings = attrs.evolve(settings, installed_carrier=brought.read(carrier, secrets, notes))
    check_between_keys(config, notes)
    if is_enabled:
        check_required(config, carrier, notes)
        check_exposure(settings, notes)
        check_ports(settings, notes)
        _warn(shape, settings, notes)
    return notes.report(attrs.evolve(settings, enabled=is_enabled))


def _carrier(brought: InstalledSections) -> str:
    """The carrier that is meant, as far as one can tell; a faulty name is reported by the converter."""
    rule = next(field.rule for field in fields_of(Settings) if field.wire == "provider")
    assert isinstance(rule, Choice)
    named = brought.own.get("provider", "mock")
    named = dict(rule.old).get(named, named) if isinstance(named, str) else named
    return named if named in (*CARRIERS, *brought.names) else "mock"


def _completed(
    config: Mapping[str, Any], shape: Shape, environ: Mapping[str, str], *, carrier: str, notes: Notes
) -> Mapping[str, Any]:
    if "models" in config:
        notes.came_from(("models",), show_path(("models",), notes.start))
    elif "models" in shape.host:
        config = {**config, "models": shape.host["models"]}
    config = with_host_speech(config, shape.host, notes, is_host_file=shape.is_host_file)
    config = with_environment(config, environ, carrier=carrier, notes=notes)
    config = with_mock_defaults(config, carrier=carrier)
    return with_route_speech(config, notes)


def _unread(carrier: str, *, is_enabled: bool) -> Any:
    def is_unread(path: Path) -> bool:
        return not is_enabled or (path[0] in CARRIERS and path[0] != carrier)

    return is_unread


def _warn(shape: Shape, settings: Settings, notes: Notes) -> None:
    if settings.skip_signature_verification:
        notes.warn(
            f"{notes.shown(('skipSignatureVerification',))} is on: whoever finds the webhook URL can feign calls; "
            "use it for development only"
        )
    gaps = streaming_gaps(settings) if settings.streaming.enabled else ()
    if gaps:
        notes.warn(
            f"{notes.shown(('streaming', 'enabled'))} is on, but calls cannot be streamed: {'; '.join(gaps)}. "
            "The carrier's own voice speaks and listens instead"
        )
    named: list[tuple[Path, str]] = []
    if "responseModel" in shape.config:
        named.append((("responseModel",), settings.response_model))
    for number, route in settings.numbers.items():
        if route.response_model is not None:
            named.append((("numbers", number, "responseModel"), route.response_model))
    for path, model in named:
        if model_endpoint(settings, model) is None:
            notes.warn(
                f"{notes.shown(path)} names a service without apiKey or baseUrl in models.providers: "
                "callers will hear an echo"
            )

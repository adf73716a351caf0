"""Old spellings of settings: one table, read wherever the section occurs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from voice_contracts.settings import Settings
from voice_contracts.settings_listeners import TunnelSettings
from voice_contracts.settings_merge import has_value, laid_over, value_at, with_value, without_value
from voice_contracts.settings_report import Notes, Path
from voice_contracts.settings_routes import RouteSettings
from voice_contracts.settings_rules import MapOf, Section, fields_of
from voice_contracts.settings_streaming import StreamingSettings
from voice_contracts.settings_tts import ElevenLabsTtsSettings, OpenAiTtsSettings, TtsSettings

__all__ = ("SPELLINGS", "Spelling", "respelled")


@attrs.frozen
class Spelling:
    """A key that was written otherwise once."""

    old: tuple[str, ...]
    new: tuple[str, ...] | None
    """None if it has no meaning any more, and is dropped."""
    quiet: bool = False
    """Whether both spellings are as good as each other, so that nobody is warned."""


SPELLINGS: Final[Mapping[type, tuple[Spelling, ...]]] = MappingProxyType(
    {
        Settings: (Spelling(("twilio", "from"), ("fromNumber",)), Spelling(("agentId",), None)),
        RouteSettings: (Spelling(("agentId",), None),),
        TunnelSettings: (Spelling(("allowNgrokFreeTier",), ("allowNgrokFreeTierLoopbackBypass",)),),
        StreamingSettings: (
            Spelling(("sttProvider",), ("provider",)),
            Spelling(("openaiApiKey",), ("providers", "openai", "apiKey")),
            Spelling(("sttModel",), ("providers", "openai", "model")),
            Spelling(("silenceDurationMs",), ("providers", "openai", "silenceDurationMs")),
            Spelling(("vadThreshold",), ("providers", "openai", "vadThreshold")),
        ),
        TtsSettings: (
            Spelling(("providers", "openai"), ("openai",), quiet=True),
            Spelling(("providers", "elevenlabs"), ("elevenlabs",), quiet=True),
            Spelling(("providers", "edge"), ("edge",), quiet=True),
            Spelling(("providers", "microsoft"), ("edge",), quiet=True),
            Spelling(("microsoft",), ("edge",), quiet=True),
        ),
        OpenAiTtsSettings: (Spelling(("speakerVoice",), ("voice",), quiet=True),),
        ElevenLabsTtsSettings: (Spelling(("speakerVoiceId",), ("voiceId",), quiet=True),),
    }
)


def respelled(holder: type, document: Mapping[str, Any], path: Path, notes: Notes) -> dict[str, Any]:
    """Return *document*, which stands at *path*, in today's spelling; *notes* get a warning for each old one."""
    result = dict(document)
    for spelling in SPELLINGS.get(holder, ()):
        if has_value(result, spelling.old):
            result = _moved(result, spelling, path, notes)
    for field in fields_of(holder):
        inner = result.get(field.wire)
        if not isinstance(inner, Mapping):
            continue
        match field.rule:
            case Section(inner_holder):
                result[field.wire] = respelled(inner_holder, inner, (*path, field.wire), notes)
            case MapOf(_, Section(inner_holder)):
                result[field.wire] = {
                    key: respelled(inner_holder, item, (*path, field.wire, key), notes)
                    if isinstance(item, Mapping)
                    else item
                    for key, item in inner.items()
                }
            case _:
                pass
    return result


def _moved(document: dict[str, Any], spelling: Spelling, path: Path, notes: Notes) -> dict[str, Any]:
    old_path = (*path, *spelling.old)
    old_shown = notes.shown(old_path)
    value = value_at(document, spelling.old)
    document = without_value(document, spelling.old)
    if spelling.new is None:
        notes.warn(f"{old_shown} is ignored: it has no meaning here; remove it")
        return document
    new_path = (*path, *spelling.new)
    new_shown = notes.shown(new_path)
    present = value_at(document, spelling.new)
    if isinstance(present, Mapping) and isinstance(value, Mapping):
        value = laid_over(present, value, new_path, new_path, notes)
    elif has_value(document, spelling.new):
        notes.warn(f"{old_shown} is an old spelling and ignored, as {new_shown} is set; remove it")
        return document
    elif not spelling.quiet:
        notes.warn(f"{old_shown} is an old spelling; write {new_shown} instead")
    notes.came_from(new_path, old_shown)
    return with_value(document, spelling.new, value)

"""Bringing the speech settings together: the host's, ours, and those of single numbers."""

from collections.abc import Mapping
from typing import Any, Final

from voice_contracts.settings_merge import laid_over, only_known_keys
from voice_contracts.settings_report import Notes, Path
from voice_contracts.settings_rules import Choice, fields_of
from voice_contracts.settings_spellings import respelled
from voice_contracts.settings_tts import TtsSettings

__all__ = ("with_host_speech", "with_route_speech")

_HOST_PATH: Final[Path] = ("messages", "tts")
_PROVIDER: Final = next(field.rule for field in fields_of(TtsSettings) if field.wire == "provider")
assert isinstance(_PROVIDER, Choice)
_NO_TELEPHONE_FORMAT: Final = _PROVIDER.ignored
_KNOWN_PROVIDERS: Final = (*_PROVIDER.words, *_PROVIDER.ignored)


def with_host_speech(
    config: Mapping[str, Any], host: Mapping[str, Any], notes: Notes, *, is_host_file: bool
) -> dict[str, Any]:
    """Return *config* with its `tts` laid over the *host*'s `messages.tts`.

    A file that belongs to the host (*is_host_file*) may hold keys and providers there that we do not know.
    """
    messages = host.get("messages", {})
    if not isinstance(messages, Mapping):
        notes.refuse(("messages",), "Expected an object")
        return dict(config)
    if not is_host_file:
        _refuse_strangers(messages, notes)
    host_speech = messages.get("tts", {})
    if not isinstance(host_speech, Mapping):
        notes.refuse(_HOST_PATH, "Expected an object")
        return dict(config)
    host_speech = respelled(TtsSettings, host_speech, _HOST_PATH, notes)
    if is_host_file:
        host_speech = _without_foreign_provider(only_known_keys(TtsSettings, host_speech), notes)
    own_speech = config.get("tts", {})
    if not isinstance(own_speech, Mapping):
        return dict(config)  # the converter says what is wrong with it
    host_speech = _with_telephone_provider(host_speech, notes)
    own_speech = _with_telephone_provider(own_speech, notes)
    return {**config, "tts": laid_over(host_speech, own_speech, _HOST_PATH, ("tts",), notes)}


def with_route_speech(config: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    """Return *config* with the `tts` of each number laid over the general one."""
    numbers, general = config.get("numbers"), config.get("tts")
    if not isinstance(numbers, Mapping) or not isinstance(general, Mapping):
        return dict(config)
    routes: dict[Any, Any] = {}
    for number, route in numbers.items():
        own = route.get("tts") if isinstance(route, Mapping) else None
        if isinstance(own, Mapping):
            path = ("numbers", number, "tts")
            own = _with_telephone_provider(own, notes)
            route = {**route, "tts": laid_over(general, own, ("tts",), path, notes)}  # noqa: PLW2901 a new value of the same
        routes[number] = route
    return {**config, "numbers": routes}


def _refuse_strangers(messages: Mapping[Any, Any], notes: Notes) -> None:
    for key in messages:
        if key != "tts":
            notes.refuse(("messages", str(key)), "unknown key; the nearest known key is messages.tts")


def _with_telephone_provider(speech: Mapping[str, Any], notes: Notes) -> Mapping[str, Any]:
    provider = speech.get("provider")
    if provider not in _NO_TELEPHONE_FORMAT:
        return speech
    notes.warn(
        f'the speech provider "{provider}" has no telephone format and is ignored for calls; '
        f"the next configured one is used (set {notes.shown(('tts', 'provider'))} to openai or elevenlabs)"
    )
    return {key: value for key, value in speech.items() if key != "provider"}


def _without_foreign_provider(speech: Mapping[str, Any], notes: Notes) -> Mapping[str, Any]:
    provider = speech.get("provider")
    if not isinstance(provider, str) or provider in _KNOWN_PROVIDERS:
        return speech
    notes.warn("messages.tts.provider names a service that calls cannot use; the next configured one is used")
    return {key: value for key, value in speech.items() if key != "provider"}

"""Settings documents for tests, and what reading them says."""

from collections.abc import Mapping
from typing import Any, Final

from voice_contracts.settings import Settings
from voice_contracts.settings_reading import read_settings

__all__ = ("NESTED", "NUMBER", "TWILIO", "nested", "problems_of", "read", "warnings_of")

NESTED: Final = "plugins.entries.voice-call.config."
NUMBER: Final = "+15550001234"
TWILIO: Final[Mapping[str, Any]] = {
    "provider": "twilio",
    "fromNumber": NUMBER,
    "twilio": {"accountSid": "AC1", "authToken": "t"},
}


def nested(config: object, **entry: object) -> dict[str, Any]:
    """Return *config* as a part of a host's file, beside the other keys of the *entry*."""
    return {"plugins": {"entries": {"voice-call": {"config": config, **entry}}}}


def read(document: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Settings:
    """Read a document that is valid."""
    return read_settings(document, environ or {}).require()


def problems_of(document: object, environ: Mapping[str, str] | None = None) -> list[str]:
    """Return the sentences about what is wrong with *document*."""
    return [problem.message for problem in read_settings(document, environ or {}).problems]


def warnings_of(document: object, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the warnings about *document*."""
    return read_settings(document, environ or {}).warnings

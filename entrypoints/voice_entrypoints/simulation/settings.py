"""What is written in the settings of a simulated gateway."""

from collections.abc import Mapping
from typing import Any, Final

from voice_contracts.settings import Settings
from voice_contracts.settings_reading import read_settings
from voice_entrypoints.simulation.seen import LIMIT
from voice_entrypoints.simulation.speech_side import SPEECH_SETTINGS

__all__ = ("HOOK", "OURS", "settings_of")

OURS: Final = "+15550000000"
HOOK: Final = "https://voice.example.com/voice/webhook"


def settings_of(carrier: Mapping[str, Any], *, streamed: bool) -> Settings:
    """Return the settings of a gateway with these of its carrier; *streamed* says whether its calls have streams."""
    document: dict[str, Any] = {
        **carrier,
        **(SPEECH_SETTINGS if streamed else {}),
        "fromNumber": OURS,
        "publicUrl": HOOK,
        "recording": {"enabled": False},
        "inboundPolicy": "open",
        "maxConcurrentCalls": LIMIT,
        "maxDurationSeconds": 40,
        "ringTimeoutMs": 8_000,
        "responseTimeoutMs": 4_000,
        "transcriptTimeoutMs": 8_000,
        "serve": {"drainSeconds": 5},
    }
    return read_settings(document, {}).require()

"""Models whose end their maker has announced. Names of models are settings: this list only warns.

platform.openai.com/docs/deprecations
"""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ("RETIREMENTS", "Retirement", "retirement_of")

_SPEECH_ENDS: Final = dt.date(2027, 1, 6)
_TRANSCRIPTION_ENDS: Final = dt.date(2027, 2, 26)


@attrs.frozen
class Retirement:
    """The end of a model."""

    on: dt.date
    successor: str
    """What its maker names in its place."""


_SPEECH: Final = Retirement(_SPEECH_ENDS, "a realtime model; see OpenAI's page of deprecations")
_TRANSCRIPTION: Final = Retirement(_TRANSCRIPTION_ENDS, "gpt-transcribe, or gpt-live-transcribe for streams")

RETIREMENTS: Mapping[str, Retirement] = MappingProxyType(
    {
        "tts-1": _SPEECH,
        "tts-1-hd": _SPEECH,
        "gpt-4o-mini-tts": _SPEECH,
        "whisper-1": _TRANSCRIPTION,
        "gpt-4o-transcribe": _TRANSCRIPTION,
        "gpt-4o-mini-transcribe": _TRANSCRIPTION,
    }
)
"""By the model's name at OpenAI; names that only add a date or a variant end with it."""


def retirement_of(model: str) -> Retirement | None:
    """Return the announced end of *model*, or of the model that it is a variant of; None if there is none."""
    families = sorted(RETIREMENTS, key=len, reverse=True)
    family = next((name for name in families if model == name or model.startswith(f"{name}-")), None)
    return None if family is None else RETIREMENTS[family]

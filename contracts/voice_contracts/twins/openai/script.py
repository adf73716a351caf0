"""What the twin of OpenAI says, hears and answers, and when."""

from collections.abc import Callable
from typing import Any, TypeAlias

import attrs

from voice_contracts.twins.service import Pace
from voice_contracts.twins.sound import Samples, hum_samples

__all__ = ("SPEECH_RATE_HZ", "Answers", "OpenAiScript", "Transcript")

SPEECH_RATE_HZ = 24_000

Messages: TypeAlias = list[dict[str, Any]]
Answers: TypeAlias = tuple[str, ...] | Callable[[Messages], str]
"""Answers in order, the last one for ever; or a function of the conversation so far."""


@attrs.frozen
class Transcript:
    """What becomes of one turn of audio."""

    text: str
    fails: bool = False
    """The turn has no text: the service says that it could not be understood."""


def _hum(text: str) -> bytes:
    return hum_samples(text, SPEECH_RATE_HZ).astype("<i2").tobytes()


@attrs.frozen
class OpenAiScript:
    """The defaults answer at once. Times are milliseconds."""

    key: str = attrs.field(default="sk-twin", repr=False)
    models: frozenset[str] | None = None
    """Models that exist; None: any."""
    voice: Callable[[str], bytes] = _hum
    """Makes speech: 24 kHz, 16 bits, little-endian, mono."""
    speech: Pace = attrs.field(factory=Pace)
    speech_piece_bytes: int = 4800
    """100 ms of speech in a piece."""
    answers: Answers = ("Hello.",)
    tokens: Pace = attrs.field(factory=Pace)
    transcripts: tuple[Transcript | str, ...] = ()
    """What turns of audio turn out to say, in order; turns beyond the last say nothing."""
    recognise: Callable[[Samples, int], str] | None = None
    """Understands the audio itself (samples, rate), instead of `transcripts`."""
    delta_ms: int = 0
    """From the end of a turn to its first partial text."""
    final_ms: int = 0
    """From the end of a turn to its final text."""
    cut_bytes: int | None = None
    """Streams are cut into parts of so many bytes; None: each piece comes whole."""
    session_seconds: float | None = None
    """The longest age of a realtime session; None: no limit."""

"""Speech to text."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import ClassVar, Protocol

import attrs

from voice_domain.errors import VoiceError
from voice_domain.identity import CallId

__all__ = ("Hearing", "Transcriber", "TranscriptionError", "TranscriptionSession", "Words")


class TranscriptionError(VoiceError):
    """Speech cannot be transcribed (any more)."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, service: str, problem: str) -> None:
        super().__init__(f"Transcription by {service} failed: {problem}")
        self.service = service


@attrs.frozen
class Words:
    """One reading of what was said."""

    text: str
    final: bool
    confidence: float | None = None
    """0 to 1; None when the service does not say."""
    ended_ago_ms: int | None = None
    """How long ago it was decided that the utterance was over; None if that is not known, or it is not over."""


Hearing = Callable[[Words], None]
"""Called on the event loop's thread for every reading."""


class TranscriptionSession(Protocol):
    """One call's ear."""

    def feed(self, payload: bytes) -> None:
        """Take 160 bytes (20 ms) of G.711 µ-law, 8 kHz; never blocks, drops the oldest when it cannot keep up."""
        ...

    def voice_began(self) -> None:
        """Take note that a voice is on the line, as far as its energy tells: a service that never says so is broken."""


class Transcriber(Protocol):
    """Turns audio into text."""

    @property
    def finds_endings(self) -> bool:
        """Whether it decides itself when an utterance is over; else `silenceTimeoutMs` decides."""
        ...

    def open(
        self, call_id: CallId, *, locale: str, hearing: Hearing
    ) -> AbstractAsyncContextManager[TranscriptionSession]:
        """Listen to one call until the context is left.

        Raises:
            TranscriptionError: on entering, if the service does not take the session; within, if it breaks for good.
        """
        ...

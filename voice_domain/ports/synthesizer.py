"""Text to speech."""

from collections.abc import AsyncIterator
from typing import ClassVar, Protocol

from voice_domain.errors import VoiceError

__all__ = ("SynthesisError", "Synthesizer")


class SynthesisError(VoiceError):
    """A text could not be spoken."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, service: str, problem: str) -> None:
        super().__init__(f"Speech synthesis by {service} failed: {problem}")
        self.service = service


class Synthesizer(Protocol):
    """Turns text into audio."""

    def synthesize(self, text: str, *, locale: str, voice: str | None = None) -> AsyncIterator[bytes]:
        """Yield *text* as G.711 µ-law, 8 kHz, mono, in pieces of any size, as early as they exist.

        *locale* is BCP 47; *voice* is a name that the service knows, None for the configured one. Leaving the
        iteration early (`aclose`) stops the work.

        Raises:
            SynthesisError: while iterating, before or after the first piece.
        """
        ...

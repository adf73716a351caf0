"""What the twins of a demonstration sound like: the local voice, made before the curtain rises."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import attrs
import numpy as np

from voice_contracts.twins.sound import from_mulaw, hum_samples
from voice_domain.ports.synthesizer import Synthesizer

__all__ = ("MadeSpeech", "spoken")

_SERVICE_HZ: Final = 24_000
_TELEPHONE_HZ: Final = 8_000
_SENTENCE: Final = re.compile(r"[^.!?。！？]+[.!?。！？]*")


async def spoken(synthesizer: Synthesizer, text: str, *, locale: str, voice: str) -> bytes:
    """Return the whole of *text* as µ-law.

    Raises:
        SynthesisError: if the voice fails.
    """
    return b"".join([piece async for piece in synthesizer.synthesize(text, locale=locale, voice=voice)])


def _sentences(text: str) -> list[str]:
    return [sentence.strip() for sentence in _SENTENCE.findall(text)]


@attrs.frozen
class MadeSpeech:
    """Sentences as a speech service gives them: 24 kHz, 16 bits, little-endian, mono."""

    _sentences: Mapping[str, bytes]

    @classmethod
    async def of(cls, synthesizer: Synthesizer, texts: Iterable[str], *, locale: str) -> "MadeSpeech":
        """Make every sentence of *texts*.

        Raises:
            SynthesisError: if the voice fails.
        """
        made: dict[str, bytes] = {}
        for text in texts:
            for sentence in _sentences(text):
                made[sentence] = _widened(await spoken(synthesizer, sentence, locale=locale, voice="agent"))
        return cls(made)

    def __call__(self, text: str) -> bytes:
        """Return the audio of a text; a sentence that was not made is hummed."""
        return b"".join(self._sentences.get(each) or _hummed(each) for each in _sentences(text))


def _hummed(text: str) -> bytes:
    return hum_samples(text, _SERVICE_HZ).astype("<i2").tobytes()


def _widened(payload: bytes) -> bytes:
    """Return telephone audio at the rate of the service."""
    samples = from_mulaw(payload)
    times = _SERVICE_HZ // _TELEPHONE_HZ
    moments = np.arange(len(samples) * times) / times
    return np.interp(moments, np.arange(len(samples)), samples).astype("<i2").tobytes()

"""A synthesizer on espeak-ng that never blocks the event loop."""

from collections.abc import AsyncIterator
from functools import partial

import anyio
import anyio.to_thread
import attrs

from voice_adapters.audio.telephone_encoder import TelephoneEncoder
from voice_adapters.speech.local.espeak import espeak
from voice_adapters.speech.local.sentences import sentences
from voice_domain.ports.synthesizer import Synthesizer

__all__ = ("LocalSynthesizer",)

_PIECE_BYTES = 1600  # 200 ms: small enough for anybody's queue
_NAMES = {"en-us": "en-us", "en-gb": "en", "cmn": "cmn"}  # the library's names of the languages
_VARIANTS = {"agent": "f2", "counterpart": "m3"}  # a woman's and a man's pitch, an octave apart


def _encoded(encoder: TelephoneEncoder, text: str, *, voice: str, pause: bool) -> bytes:
    return b"".join(encoder.push(pcm) for pcm in espeak().speak(text, voice=voice, pause=pause))


def _encoder() -> TelephoneEncoder:
    return TelephoneEncoder(espeak().rate_hz)


@attrs.frozen
class LocalSynthesizer(Synthesizer):
    """Speaks English (American; British for ``en-GB``) and Mandarin without a network.

    Sentences with Chinese characters are read in Mandarin whatever the locale. The voices are ``"agent"``
    (high) and ``"counterpart"`` (low); any other name, and ``None``, is the agent's. A text with nothing to
    say gives no audio. A worker thread reads a sentence at a time; leaving the iteration waits for that
    sentence, some milliseconds.
    """

    _limiter: anyio.CapacityLimiter = attrs.field(
        factory=lambda: anyio.CapacityLimiter(1), init=False, eq=False, repr=False
    )

    async def synthesize(self, text: str, *, locale: str, voice: str | None = None) -> AsyncIterator[bytes]:
        """Yield *text* as µ-law, 8 kHz, in pieces of at most 200 ms, a sentence as soon as it is done.

        Raises:
            LocalSpeechMissingError: if the extra ``local`` is not installed or does not work here.
            SynthesisError: if espeak-ng refuses the text.
        """
        variant = _VARIANTS.get(voice or "", _VARIANTS["agent"])
        encoder = await anyio.to_thread.run_sync(_encoder, limiter=self._limiter)
        spoken = sentences(text, locale)
        for number, sentence in enumerate(spoken, 1):
            name = f"{_NAMES[sentence.language]}+{variant}"
            speak = partial(_encoded, encoder, sentence.text, voice=name, pause=number < len(spoken))
            payload = await anyio.to_thread.run_sync(speak, limiter=self._limiter)
            payload += encoder.flush() if number == len(spoken) else b""
            for start in range(0, len(payload), _PIECE_BYTES):
                yield payload[start : start + _PIECE_BYTES]

"""A voice without words, for machines that have no other: one soft tone for each syllable."""

import re
from collections.abc import AsyncIterator, Iterator
from functools import lru_cache
from math import ceil, cos, pi, sin

import anyio.lowlevel
import attrs

from voice_adapters.audio.g711 import ULAW_SILENCE, ulaw_encoding
from voice_domain.ports.synthesizer import Synthesizer

__all__ = ("ToneSynthesizer",)

_RATE_HZ = 8000
_LETTER_MS = 1000 / 14  # people speak about 14 Latin letters a second, spaces included,
_CHARACTER_MS = 220  # 4.5 Chinese characters, Japanese kana or Korean syllables,
_DIGIT_MS = 220  # and about as many digits
_LETTERS_PER_TONE = 4  # the longest stretch of letters that one tone stands for
_PAUSES_MS = {"word": 70, "clause": 150, "sentence": 300}
_GAP_MS = 20
_ATTACK_MS, _RELEASE_MS = 12, 40

# -18 dBFS (root mean square) for a fundamental with a second harmonic of 0.3.
_HARMONIC = 0.3
_PEAK = 32768 * 10 ** (-18 / 20) / ((1 + _HARMONIC**2) / 2) ** 0.5

# Semitones of a pentatonic scale: whatever follows whatever, it sounds agreeable.
_SCALE = (0, 2, 4, 7, 9, 12, 14)
_BASE_HZ = {"agent": 262.0, "counterpart": 392.0}

_IDEOGRAPH = "\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_TOKENS = re.compile(
    f"(?P<character>[{_IDEOGRAPH}])|(?P<digit>\\d)|(?P<letters>[^\\W\\d_{_IDEOGRAPH}]+)"
    "|(?P<sentence>[.!?。！？…]+)|(?P<clause>[,;:，、；：—]+)|(?P<word>\\s+)"
)
_VOWELS = re.compile("[aeiouyà-ÿаеёиоуыэюя]+")


@lru_cache(maxsize=512)
def _tone(pitch_hz: float, duration_ms: int) -> bytes:
    """A tone that swells and fades without a click, then a gap."""
    sounding = (duration_ms - _GAP_MS) * _RATE_HZ // 1000
    attack, release = _ATTACK_MS * _RATE_HZ // 1000, _RELEASE_MS * _RATE_HZ // 1000
    step = 2 * pi * pitch_hz / _RATE_HZ
    codes = ulaw_encoding()
    payload = bytearray()
    for at in range(sounding):
        ramp = min(1.0, at / attack, (sounding - at) / release)
        wave = sin(step * at) + _HARMONIC * sin(2 * step * at)
        payload.append(codes[int(_PEAK * (1 - cos(pi * ramp)) / 2 * wave) & 0xFFFF])
    return bytes(payload) + ULAW_SILENCE * (duration_ms * _RATE_HZ // 1000 - sounding)


def _pitch_hz(base_hz: float, character: str) -> float:
    return float(base_hz * 2 ** (_SCALE[ord(character) % len(_SCALE)] / 12))


def _word(letters: str, base_hz: float) -> Iterator[bytes]:
    syllables = max(len(_VOWELS.findall(letters.casefold())), ceil(len(letters) / _LETTERS_PER_TONE))
    # Tens of milliseconds keep the number of different tones, and so the cost of a long text, small.
    tone_ms = max(90, round(len(letters) * _LETTER_MS / syllables / 10) * 10)
    for number in range(syllables):
        yield _tone(_pitch_hz(base_hz, letters[number * len(letters) // syllables]), tone_ms)


def _pieces(text: str, base_hz: float) -> Iterator[bytes]:
    for token in _TOKENS.finditer(text):
        kind, characters = token.lastgroup, token.group()
        if kind == "letters":
            yield from _word(characters, base_hz)
        elif kind in {"character", "digit"}:
            duration_ms = _CHARACTER_MS if kind == "character" else _DIGIT_MS
            yield _tone(_pitch_hz(base_hz, characters), duration_ms)
        elif kind is not None:
            yield ULAW_SILENCE * (_PAUSES_MS[kind] * _RATE_HZ // 1000)


@attrs.frozen
class ToneSynthesizer(Synthesizer):
    """Speaks any language in tones: the rhythm and the length of speech, nothing of its meaning.

    The same text always gives the same bytes. The voices are ``"agent"`` and, higher, ``"counterpart"``; any
    other name, and ``None``, is the agent's. A text without letters or digits may give no audio. Never fails.
    """

    async def synthesize(self, text: str, *, locale: str, voice: str | None = None) -> AsyncIterator[bytes]:
        """Yield *text* as µ-law, 8 kHz, a tone or a pause at a time; *locale* makes no difference."""
        del locale
        for piece in _pieces(text.strip(), _BASE_HZ.get(voice or "", _BASE_HZ["agent"])):
            await anyio.lowlevel.checkpoint()
            yield piece

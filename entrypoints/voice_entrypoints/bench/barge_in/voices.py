"""What callees say into our speech: many sentences, voices and levels on a line with noise, as µ-law frames."""

from collections.abc import Iterator, Sequence
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

from voice_adapters.audio.samples import samples_to_ulaw, ulaw_to_samples
from voice_adapters.audio.telephone_encoder import TelephoneEncoder
from voice_adapters.speech.local import local_speech_available
from voice_adapters.speech.local.espeak import espeak
from voice_contracts.twins.sound import hum

__all__ = (
    "FRAME_BYTES",
    "Utterance",
    "Wave",
    "amplitude",
    "frames_of",
    "line_noise",
    "plain_speech",
    "utterances",
    "with_noise",
)

Wave = npt.NDArray[np.float64]
"""Linear samples at 8 kHz, full scale 32768."""

FRAME_BYTES: Final = 160
_RATE_HZ: Final = 8_000
_FULL: Final = 32_768
_LINE_DBFS: Final = -60.0
_VOICED_DBFS: Final = -45.0
"""A frame above this is the first voiced one. Softer ones are breath that no gate of energy can know for a voice."""
_SENTENCES: Final = (
    ("en-us", "Hello, this is Anna."),
    ("en-us", "Yes, that is right."),
    ("en-us", "Wait a moment please!"),
    ("en-us", "Sorry, who is speaking?"),
    ("en-us", "Four five six, seven eight nine."),
    ("en-us", "Could you repeat that?"),
    ("en-us", "I would like to cancel my appointment."),
    ("en-us", "Mhm, okay."),
    ("en-us", "Actually stop, stop."),
    ("en-us", "Oh, I see what you mean."),
    ("en-us", "No."),
    ("en-us", "Please hold on."),
    ("cmn", "你好，请问你是谁？"),
    ("cmn", "等一下，我没听清楚。"),
    ("cmn", "不要。"),
    ("cmn", "好的，谢谢你。"),
    ("cmn", "明天下午三点可以吗？"),
    ("cmn", "他是谁？"),
)
_VARIANTS: Final = ("f2", "f4", "m3", "m7")


@attrs.frozen
class Utterance:
    """One stretch of speech."""

    name: str
    frames: tuple[bytes, ...]
    first_voiced: int
    """The place of the first voiced frame."""


def utterances(levels_dbfs: Sequence[float], offsets: Sequence[int] = (0,)) -> Iterator[Utterance]:
    """Yield every sentence in every voice at every level; *offsets* (samples) shift it against the frames."""
    for name, spoken in _spoken():
        for level in levels_dbfs:
            for offset in offsets:
                yield _on_frames(f"{name} {level:g} dBFS", _at_level(spoken, level), offset)


def plain_speech(level_dbfs: float) -> Iterator[Wave]:
    """Yield every sentence in one voice, without a line around it."""
    for place, (_, spoken) in enumerate(_spoken()):
        if place % len(_VARIANTS) == 0:
            yield _at_level(spoken, level_dbfs)


def _spoken() -> Iterator[tuple[str, Wave]]:
    """Yield local voices where they are installed, else tones: their onsets are harder than a voice's."""
    if not local_speech_available():
        for _, text in _SENTENCES:
            yield f"tone for {text}", ulaw_to_samples(hum(text)).astype(float)
        return
    for language, text in _SENTENCES:
        for variant in _VARIANTS:
            encoder = TelephoneEncoder(espeak().rate_hz)
            pieces = espeak().speak(text, voice=f"{language}+{variant}", pause=False)
            audio = b"".join(encoder.push(pcm) for pcm in pieces)
            yield f"{text} ({variant})", ulaw_to_samples(audio).astype(float)


def _at_level(wave: Wave, level_dbfs: float) -> Wave:
    active = wave[np.abs(wave) > 100]
    louder: Wave = wave * (amplitude(level_dbfs) / np.sqrt(np.mean(active**2)))
    return louder


def _on_frames(name: str, wave: Wave, offset: int) -> Utterance:
    clean = np.concatenate((np.zeros(offset), wave, np.zeros(FRAME_BYTES)))
    clean = clean[: len(clean) // FRAME_BYTES * FRAME_BYTES]
    loudness = np.sqrt(np.mean(clean.reshape(-1, FRAME_BYTES) ** 2, axis=1))
    first = int(np.argmax(loudness > amplitude(_VOICED_DBFS)))
    return Utterance(name, tuple(frames_of(with_noise(clean))), first)


def amplitude(level_dbfs: float) -> float:
    """Return the root mean square of a level."""
    return float(_FULL * 10 ** (level_dbfs / 20))


def line_noise(seconds: float, level_dbfs: float = _LINE_DBFS, seed: int = 1) -> Wave:
    """Return white noise, the same at every call."""
    return np.random.default_rng(seed).normal(0, amplitude(level_dbfs), int(seconds * _RATE_HZ))


def with_noise(wave: Wave) -> Wave:
    """Return *wave* with the noise of a line in it."""
    noisy: Wave = wave + line_noise(len(wave) / _RATE_HZ + 1)[: len(wave)]
    return noisy


def frames_of(wave: Wave) -> list[bytes]:
    """Return whole frames of µ-law; what is left over at the end is dropped."""
    payload = samples_to_ulaw(np.clip(wave, -_FULL, _FULL - 1).astype(np.int16))
    return [
        payload[start : start + FRAME_BYTES]
        for start in range(0, len(payload) - FRAME_BYTES + 1, FRAME_BYTES)
    ]

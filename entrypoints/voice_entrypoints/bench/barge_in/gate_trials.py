"""What the voice gate makes of sounds, without a wire: frames are counted, so a busy machine changes nothing."""

from collections.abc import Iterable, Sequence
from typing import Final

from voice_adapters.audio.voice_gate import VoiceGate, VoiceTurn
from voice_entrypoints.bench.barge_in.voices import Utterance, frames_of, line_noise

__all__ = ("FRAME_MS", "NEVER_MS", "decision_ms", "false_starts")

FRAME_MS: Final = 20
NEVER_MS: Final = 10_000.0
"""Stands for a voice that was not noticed at all."""
_LEAD: Final = tuple(frames_of(line_noise(0.5)))
_TAIL: Final = tuple(frames_of(line_noise(0.5)))
_SILENCE_MS: Final = 240  # as the calls have it


def decision_ms(utterance: Utterance) -> float:
    """Return how long after the first voiced frame the frame comes that tells; `NEVER_MS` if none does."""
    starts = _starts((*_LEAD, *utterance.frames, *_TAIL))
    first = len(_LEAD) + utterance.first_voiced
    # A start before the voice would be luck, not hearing.
    told = next((at for at in starts if at >= first), None)
    return NEVER_MS if told is None else float((told - first) * FRAME_MS)


def false_starts(sounds: Iterable[Sequence[bytes]]) -> list[int]:
    """Return how many voices the gate believes to hear in each sound."""
    return [len(_starts(frames)) for frames in sounds]


def _starts(frames: Sequence[bytes]) -> list[int]:
    gate = VoiceGate(_SILENCE_MS)
    told = ((at, gate.push(frame)) for at, frame in enumerate(frames))
    return [at for at, change in told if change is not None and change.turn is VoiceTurn.VOICE_STARTED]

"""Frames of callees that tell whose they are, so that a transcriber knows at once; and the words they stand for."""

from typing import Final

import numpy as np

from voice_contracts.twins.sound import FRAME_BYTES, SILENCE, to_mulaw

__all__ = ("MOST_CALLS", "named_turn", "speech_frame", "spoken_turn", "turn_text")

MOST_CALLS: Final = 100
_PITCH_HZ: Final = 500
_RATE_HZ: Final = 8_000
_LOUDNESS: Final = 8_000


def _hum() -> bytes:
    moments = np.arange(FRAME_BYTES) / _RATE_HZ
    return to_mulaw((_LOUDNESS * np.sin(2 * np.pi * _PITCH_HZ * moments)).astype(np.int16))


_HUM: Final = _hum()


def speech_frame(call: int, turn: int) -> bytes:
    """Return 20 ms of what the callee of *call* says in *turn*, both below `MOST_CALLS`: a hum with a name in front."""
    return bytes((call, turn)) + _HUM[2:]


def spoken_turn(frame: bytes) -> tuple[int, int] | None:
    """Return whose frame it is, call and turn; None for silence."""
    return None if frame == SILENCE else (frame[0], frame[1])


def turn_text(call: int, turn: int) -> str:
    """Return what was said, as the transcriber writes it."""
    return f"This is call {call} turn {turn}."


def named_turn(text: str) -> tuple[int, int] | None:
    """Return which turn a text names, as `turn_text` does; None if it names none."""
    words = text.replace(".", " ").split()
    try:
        return int(words[words.index("call") + 1]), int(words[words.index("turn") + 1])
    except (ValueError, IndexError):
        return None

"""Tells from the energy of the frames when a voice starts and ends.

A gate of this kind knows loud from quiet and moving from steady, not speech from music. It learns the noise
of the line, wants four loud frames (80 ms), and does not fall for what stays at one level: keys, hum, a beep.
"""

import enum

import attrs

from voice_adapters.audio.format import FRAME_MS
from voice_adapters.audio.g711 import loudness

__all__ = ("VoiceChange", "VoiceGate", "VoiceTurn")

# In units of loudness(): 16 are 6 dB.
_LEAST = 22.0  # nobody speaks below this: about -43 dBFS
_MARGIN = 10.0  # a voice is this far above the noise; noise itself strays by 2 from frame to frame
_HYSTERESIS = 4.0  # and, once started, stays until it is this much nearer to the noise
_FADING, _RISING = 0.25, 0.0625  # of the way to a new level in a frame: a quiet speaker must not become noise
_STEADY = 3.0  # a tone moves less than this, a voice more
_STEADY_RANGE = 10.0  # what stays within this for the steady time is noise, not a voice

_ONSET_FRAMES = 4
_STEADY_FRAMES = 40  # 0.8 s; no vowel holds that long without moving by 4 dB


class VoiceTurn(enum.Enum):
    """What changed."""

    VOICE_STARTED = "voice_started"
    VOICE_ENDED = "voice_ended"


@attrs.frozen
class VoiceChange:
    """A voice started or ended, at the frame with this index (0 is the first frame pushed).

    The frame lies in the past: the first loud one of a start, the first quiet one of an end.
    """

    turn: VoiceTurn
    at_frame: int


@attrs.define(eq=False)
class VoiceGate:
    """Takes the µ-law frames of one direction in order. Has no clock: it counts frames of 20 ms.

    A start is told with the fourth loud frame, or later while the level does not move; an end after
    ``silence_ms`` of quiet, rounded up to frames.

    Raises:
        ValueError: if ``silence_ms`` is not positive.
    """

    silence_ms: int = 500
    _quiet_frames_to_end: int = attrs.field(init=False, repr=False)
    _at: int = attrs.field(default=0, init=False, repr=False)
    _noise: float = attrs.field(default=0.0, init=False, repr=False)
    _voiced: bool = attrs.field(default=False, init=False, repr=False)
    _loud: int = attrs.field(default=0, init=False, repr=False)  # loud frames of a possible start
    _quiet: int = attrs.field(default=0, init=False, repr=False)  # quiet frames in a row
    _first: int = attrs.field(default=0, init=False, repr=False)  # the first loud, or the first quiet frame
    _lowest: float = attrs.field(default=0.0, init=False, repr=False)  # of the loud frames but the first
    _highest: float = attrs.field(default=0.0, init=False, repr=False)
    _fell: bool = attrs.field(default=False, init=False, repr=False)
    _moved: bool = attrs.field(default=False, init=False, repr=False)
    _steady: int = attrs.field(default=0, init=False, repr=False)
    _low: float = attrs.field(default=0.0, init=False, repr=False)
    _high: float = attrs.field(default=0.0, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        # Not a field validator: that would slow down every assignment of every frame.
        if self.silence_ms <= 0:
            raise ValueError(f"silence_ms is {self.silence_ms}: use a positive time, such as 500")
        self._quiet_frames_to_end = -(-self.silence_ms // FRAME_MS)

    @property
    def voiced(self) -> bool:
        """Whether somebody is speaking, as far as told."""
        return self._voiced

    @property
    def quiet_frames(self) -> int:
        """How many frames in a row were quiet since the voice that is speaking was last heard; 0 if nobody speaks."""
        return self._quiet

    def push(self, frame: bytes) -> VoiceChange | None:
        """Take the next frame; what it changed, mostly ``None``."""
        level = loudness(frame)
        self._at += 1
        if level > _LEAST:
            self._learn_steady(level)
            return self._speaking(level) if self._voiced else self._listening(level)
        self._steady = 0
        if self._voiced:
            return self._speaking(level)
        # A silent line ends here: this path is worth its few lines.
        self._noise += (level - self._noise) * (_FADING if level < self._noise else _RISING)
        if self._loud:
            self._forget_loud()
        return None

    def _learn(self, level: float) -> None:
        self._noise += (level - self._noise) * (_FADING if level < self._noise else _RISING)

    def _learn_steady(self, level: float) -> None:
        if not self._steady:
            self._low = self._high = level
        self._low, self._high = min(self._low, level), max(self._high, level)
        self._steady += 1
        if self._steady == _STEADY_FRAMES:
            if self._high - self._low <= _STEADY_RANGE:
                self._noise = max(self._noise, self._high)
            self._steady = 0

    def _listening(self, level: float) -> VoiceChange | None:
        if level <= max(_LEAST, self._noise + _MARGIN):
            self._learn(level)
            self._forget_loud()
            return None
        if not self._loud:
            self._first, self._moved, self._fell = self._at - 1, False, False
        self._loud += 1
        self._watch_movement(level)
        if self._loud < _ONSET_FRAMES or not self._moved:
            return None
        self._voiced, self._loud, self._quiet = True, 0, 0
        return VoiceChange(VoiceTurn.VOICE_STARTED, self._first)

    def _forget_loud(self) -> None:
        self._loud, self._fell = max(self._loud - 2, 0), False

    def _watch_movement(self, level: float) -> None:
        # The first frame of a tone is partly silence and so is its last: neither a rise to the second frame
        # nor a fall in the newest one is movement; a fall counts when another loud frame follows.
        if self._loud < 3:
            self._lowest = self._highest = level
        self._moved = self._moved or self._fell or level > self._lowest + _STEADY
        self._fell = level < self._highest - _STEADY
        self._lowest, self._highest = min(self._lowest, level), max(self._highest, level)

    def _speaking(self, level: float) -> VoiceChange | None:
        if level > max(_LEAST, self._noise + _MARGIN) - _HYSTERESIS:
            self._quiet = 0
            return None
        self._first = self._first if self._quiet else self._at - 1
        self._quiet += 1
        self._learn(level)
        if self._quiet < self._quiet_frames_to_end:
            return None
        self._voiced, self._quiet = False, 0
        return VoiceChange(VoiceTurn.VOICE_ENDED, self._first)

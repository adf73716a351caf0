"""Changes the rate of a live stream of samples without holding any of it back.

A polyphase low-pass filter (windowed sinc, Kaiser window) of 24 periods of the lower rate: 3 ms at 8 kHz,
hence a constant delay of 1.5 ms. Its coefficients are whole numbers and so is every sum, so the result does
not depend on how the stream was cut into pieces, on the machine, or on the order of additions.
"""

from functools import lru_cache
from math import ceil, gcd

import attrs
import numpy as np
import numpy.typing as npt

from voice_adapters.audio.samples import Samples

__all__ = ("Resampler",)

_SPAN_PERIODS = 24  # length of the filter, in periods of the lower rate
_CUTOFF = 0.45  # of the lower rate: -6 dB at 3.6 kHz for telephone audio, leaving room for the slope
_KAISER_BETA = 8.0  # side lobes below -80 dB
_UNIT = (
    1 << 20
)  # what 1.0 is among the coefficients; products and sums stay far below 2**53, so floats are exact
_BLOCK_SAMPLES = 4096  # a long piece is worked off in blocks: they bound the memory it takes
_GREATEST_STEP = 1000  # 44,100 to 8,000 Hz needs 80 and 441

_Floats = npt.NDArray[np.float64]


@lru_cache(maxsize=16)
def _filter_bank(up: int, down: int) -> _Floats:
    """One row of coefficients for each of *up* phases, newest sample last; each has a gain of exactly 1."""
    slower = max(
        up, down
    )  # the prototype filter runs at the common rate: this is the lower rate's period in it
    taps = ceil(_SPAN_PERIODS * slower / up)
    length = taps * up
    at = np.arange(length) - (length - 1) / 2
    prototype = np.sinc(at * 2 * _CUTOFF / slower) * np.kaiser(length, _KAISER_BETA)
    bank = prototype.reshape(taps, up).T[:, ::-1]
    whole: _Floats = np.rint(bank * (_UNIT / bank.sum(axis=1, keepdims=True)))
    whole[:, taps // 2] += _UNIT - whole.sum(axis=1)
    whole.flags.writeable = False
    return whole


@attrs.define
class Resampler:
    """Turns samples at one rate into samples at another, piece by piece.

    Every piece gives all the output that its samples determine. The sound is ``delay_ms`` late, so it begins
    with a little silence; ``flush`` hands out the end.

    Raises:
        ValueError: if a rate is not positive or the two have no simple ratio.
    """

    rate_in_hz: int
    rate_out_hz: int
    _up: int = attrs.field(init=False, repr=False)
    _down: int = attrs.field(init=False, repr=False)
    _bank: _Floats = attrs.field(init=False, repr=False, eq=False)
    _history: _Floats = attrs.field(init=False, repr=False, eq=False)
    _next: int = attrs.field(default=0, init=False, repr=False)
    _began: bool = attrs.field(default=False, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        slower, faster = sorted((self.rate_in_hz, self.rate_out_hz))
        common = gcd(slower, faster)
        if slower <= 0 or faster > _GREATEST_STEP * common:
            rates = f"{self.rate_in_hz} Hz to {self.rate_out_hz} Hz"
            raise ValueError(f"cannot resample {rates}: use a usual audio rate, such as 24000")
        self._up, self._down = self.rate_out_hz // common, self.rate_in_hz // common
        self._bank = _filter_bank(self._up, self._down)
        self._reset()

    @property
    def delay_ms(self) -> float:
        """How late the sound is."""
        return (self._bank.size - 1) / 2 / self._up * 1000 / self.rate_in_hz

    def push(self, samples: Samples) -> Samples:
        """The output that *samples* complete: none only if there are too few for one."""
        if len(samples) <= _BLOCK_SAMPLES:
            return self._filtered(samples)
        starts = range(0, len(samples), _BLOCK_SAMPLES)
        return np.concatenate([self._filtered(samples[start : start + _BLOCK_SAMPLES]) for start in starts])

    def _filtered(self, samples: Samples) -> Samples:
        window = np.concatenate((self._history, samples), dtype=np.float64)
        self._history = window[len(samples) :]
        self._began = self._began or len(samples) > 0
        # In steps of the common rate: input i lies at i * up, output n at n * down.
        end = len(samples) * self._up
        if self._next >= end:
            self._next -= end
            return np.empty(0, np.int16)
        sums = self._decimated(window) if self._up == 1 else self._polyphase(window, end)
        self._next = (self._next - end) % self._down
        return np.clip(np.floor((sums + _UNIT / 2) / _UNIT), -32768, 32767).astype(np.int16)

    def flush(self) -> Samples:
        """The last ``delay_ms`` of the sound, nothing if there was none. Starts afresh afterwards."""
        tail = self.push(np.zeros(self._bank.shape[1] // 2 if self._began else 0, np.int16))
        self._reset()
        return tail

    def _reset(self) -> None:
        self._history = np.zeros(self._bank.shape[1] - 1)
        self._next = 0
        self._began = False

    def _decimated(self, window: _Floats) -> _Floats:
        every: _Floats = np.correlate(window, self._bank[0], "valid")
        return every[self._next :: self._down]

    def _polyphase(self, window: _Floats, end: int) -> _Floats:
        at, phases = np.divmod(np.arange(self._next, end, self._down), self._up)
        windows = np.lib.stride_tricks.sliding_window_view(window, self._bank.shape[1])[at]
        sums: _Floats = np.einsum("ij,ij->i", windows, self._bank[phases])
        return sums

"""People who speak into our speech, each over a media stream on a real socket."""

import select
import time
from collections.abc import Sequence
from typing import Final

from voice_entrypoints.bench.barge_in.gate_trials import FRAME_MS, NEVER_MS
from voice_entrypoints.bench.barge_in.voices import Utterance, frames_of, line_noise
from voice_entrypoints.bench.turns.streamed import WIRE
from voice_entrypoints.bench.turns.text_socket import TextSocket, connect

__all__ = ("interrupted_ms",)

_HEAD: Final = 40
_PHASES: Final = 10
_HEARS_US_FRAMES: Final = 25
"""How long we must have been speaking before somebody interrupts."""
_SPREAD_FRAMES: Final = 100
_PATIENCE_FRAMES: Final = 25
_NOISE: Final = tuple(WIRE.spoke(frame) for frame in frames_of(line_noise(1.0)))
_LIMIT_SECONDS: Final = 40.0


def interrupted_ms(
    port: int, streams: Sequence[tuple[str, str]], utterances: Sequence[Utterance]
) -> list[float]:
    """Interrupt each stream (path, call) with one of *utterances*, and return how long each took.

    That is from the first voiced frame on the wire to the `clear` on the wire; `NEVER_MS` if none came. Blocks.
    """
    pairs = enumerate(zip(streams, utterances, strict=True))
    talkers = [_Interrupter(port, *stream, voice, place) for place, (stream, voice) in pairs]
    poll = select.poll()
    by_file = {talker.socket.raw.fileno(): talker for talker in talkers}
    for file in by_file:
        poll.register(file, select.POLLIN)
    began, ticks = time.monotonic(), 0
    while time.monotonic() - began < _LIMIT_SECONDS and not all(talker.is_done for talker in talkers):
        due = began + ticks * FRAME_MS / 1_000 / _PHASES
        while (left := due - time.monotonic()) > 0:
            for file, _ in poll.poll(left * 1_000):
                by_file[file].read()
        for talker in talkers[ticks % _PHASES :: _PHASES]:
            talker.tick()
        ticks += 1
    for talker in talkers:
        talker.socket.raw.close()
    return [talker.took_ms for talker in talkers]


class _Interrupter:
    """Lets us speak for a while, each one longer than the one before, then speaks."""

    def __init__(self, port: int, path: str, call: str, utterance: Utterance, number: int) -> None:
        self.socket: TextSocket = connect(port, path)
        self.socket.raw.sendall(WIRE.began(call))
        self._messages = [WIRE.spoke(frame) for frame in utterance.frames]
        self._first_voiced = utterance.first_voiced
        self._listens_frames = _HEARS_US_FRAMES + number % _SPREAD_FRAMES
        self._heard_frames = 0
        self._place = 0
        self._ticks = 0
        self._began = 0.0
        self._cleared = 0.0

    @property
    def is_done(self) -> bool:
        """Whether the voice has ended, and a pause after it."""
        return self._place >= len(self._messages) + _PATIENCE_FRAMES

    @property
    def took_ms(self) -> float:
        """From the first voiced frame until we fell silent."""
        return (self._cleared - self._began) * 1_000 if self._cleared else NEVER_MS

    def tick(self) -> None:
        """Send 20 ms: of the utterance once we have been speaking for a while, else of the line."""
        self._ticks += 1
        message = _NOISE[self._ticks % len(_NOISE)]
        if self._place or self._heard_frames >= self._listens_frames:
            if self._place < len(self._messages):
                message = self._messages[self._place]
            if self._place == self._first_voiced:
                self._began = time.monotonic()
            self._place += 1
        self.socket.raw.sendall(message)

    def read(self) -> None:
        """Take what came."""
        for message in self.socket.messages():
            head = message[:_HEAD]
            if WIRE.audio in message:
                self._heard_frames += 1
            elif WIRE.mark in head:
                self.socket.send(message)
            elif WIRE.clear in head and self._began and not self._cleared:
                self._cleared = time.monotonic()

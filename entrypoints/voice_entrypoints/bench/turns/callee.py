"""A callee on a media stream: speaks when it has heard us out, and notes when it hears an answer."""

from collections.abc import Callable
from typing import Final

from voice_contracts.twins.sound import SILENCE
from voice_entrypoints.bench.turns.line_frames import speech_frame
from voice_entrypoints.bench.turns.stopwatch import Step, Stopwatch
from voice_entrypoints.bench.turns.streamed import WIRE
from voice_entrypoints.bench.turns.text_socket import TextSocket

__all__ = ("StreamCallee",)

_FRAME_MS: Final = 20
_UTTERANCE_FRAMES: Final = 15
_HEARD_OUT_FRAMES: Final = 10
_HEAD: Final = 40


class StreamCallee:
    """One call. It is ticked every 20 ms, and told when its socket can be read."""

    def __init__(self, socket: TextSocket, call: int, turns: int, watch: Stopwatch) -> None:
        self.socket = socket
        self.turn = 0
        """The turn that is being talked, or comes next."""
        self._call = call
        self._turns = turns
        self._watch = watch
        self._send: Callable[[bytes], None] = socket.raw.sendall
        self._silence = WIRE.spoke(SILENCE)
        self._speech = b""
        self._to_speak = 0
        self._silent_frames = 0
        self._quiet_frames = 0
        self._heard_anything = False
        self._awaits_answer = False

    def begin(self, sid: str) -> None:
        """Say which call the stream is of."""
        self.socket.raw.sendall(WIRE.began(sid))

    @property
    def is_done(self) -> bool:
        """Whether every turn was answered."""
        return self.turn == self._turns

    def tick(self) -> None:
        """Send 20 ms."""
        if self._to_speak:
            self._speak()
            return
        self._send(self._silence)
        self._silent_frames += 1
        if self._awaits_answer and self._silent_frames * _FRAME_MS == self._watch.delays.silence_ms:
            self._watch.note(Step.FELL_SILENT, self._call, self.turn)
        self._quiet_frames += 1
        if self._heard_anything and not self._awaits_answer and self._quiet_frames > _HEARD_OUT_FRAMES:
            self._take_the_floor()

    def read(self) -> None:
        """Hear what came; marks are played at once."""
        for message in self.socket.messages():
            if WIRE.audio in message:
                self._hear()
            elif WIRE.mark in message[:_HEAD]:
                self.socket.send(message)

    def _take_the_floor(self) -> None:
        if not self.is_done:
            self._speech = WIRE.spoke(speech_frame(self._call, self.turn))
            self._to_speak, self._heard_anything = _UTTERANCE_FRAMES, False

    def _speak(self) -> None:
        self._to_speak -= 1
        if not self._to_speak:
            self._silent_frames, self._awaits_answer = 0, True
            self._watch.note(Step.SPOKE, self._call, self.turn)
        self._send(self._speech)

    def _hear(self) -> None:
        self._quiet_frames, self._heard_anything = 0, True
        if self._awaits_answer:
            self._watch.note(Step.HEARD, self._call, self.turn)
            self._awaits_answer = False
            self.turn += 1

"""A transcriber with exact delays: speaks the events of OpenAI's realtime transcription, and costs next to nothing."""

import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any, Final

from voice_contracts.twins.sound import FRAME_BYTES
from voice_entrypoints.bench.turns.line_frames import spoken_turn, turn_text
from voice_entrypoints.bench.turns.stopwatch import Step, Stopwatch
from voice_entrypoints.bench.turns.text_socket import TextSocket

__all__ = ("Later", "StreamEar")

Later = Callable[[float, Callable[[], None]], None]
"""Calls something after so many seconds."""

_FRAME_MS: Final = 20
_TOLD: Final = "conversation.item.input_audio_transcription"


class StreamEar:
    """One session."""

    def __init__(self, socket: TextSocket, watch: Stopwatch, later: Later) -> None:
        self.socket = socket
        self._watch = watch
        self._later = later
        self._turn: tuple[int, int] | None = None
        self._silence_ms = 0
        self._previous: str | None = None
        self._session = {"type": "transcription", "object": "realtime.transcription_session", "id": "sess_1"}

    def read(self) -> None:
        """Take what came."""
        for message in self.socket.messages():
            if not message:
                self._say("session.created", session=self._session)
                continue
            told = json.loads(message)
            if told["type"] == "session.update":
                self._say("session.updated", session=self._session)
            elif told["type"] == "input_audio_buffer.append":
                audio = b64decode(told["audio"])
                for start in range(0, len(audio), FRAME_BYTES):
                    self._hear(audio[start : start + FRAME_BYTES])

    def _hear(self, frame: bytes) -> None:
        spoken = spoken_turn(frame)
        if spoken is not None:
            if self._turn is None:
                self._say("input_audio_buffer.speech_started", audio_start_ms=0, item_id=_item(spoken))
            self._turn, self._silence_ms = spoken, 0
            return
        self._silence_ms += _FRAME_MS
        if self._turn is not None and self._silence_ms == self._watch.delays.silence_ms:
            self._end_turn(self._turn)
            self._turn = None

    def _end_turn(self, turn: tuple[int, int]) -> None:
        self._watch.note(Step.UNDERSTOOD, *turn)
        final_seconds = self._watch.delays.final_ms / 1_000
        self._later(final_seconds / 2, lambda: self._tell(turn, "delta", delta=turn_text(*turn)))
        self._later(final_seconds, lambda: self._tell(turn, "completed", transcript=turn_text(*turn)))
        item = _item(turn)
        self._say("input_audio_buffer.speech_stopped", audio_end_ms=0, item_id=item)
        self._say("input_audio_buffer.committed", item_id=item, previous_item_id=self._previous)
        self._previous = item

    def _tell(self, turn: tuple[int, int], what: str, **members: str) -> None:
        self._say(f"{_TOLD}.{what}", item_id=_item(turn), content_index=0, **members)

    def _say(self, kind: str, **members: Any) -> None:
        self.socket.send(json.dumps({"type": kind, "event_id": "event_1", **members}).encode())


def _item(turn: tuple[int, int]) -> str:
    return f"item_{turn[0]}_{turn[1]}"

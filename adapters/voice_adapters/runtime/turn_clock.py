"""Where the time of a turn goes, from the counterpart's last sound to our first frame."""

from collections.abc import Callable

import anyio

from voice_domain.events import LatencyParts
from voice_domain.identity import SpeechId
from voice_domain.inputs import CallInput, ReplySentence, TurnTimed, VoiceBegan, VoiceEnded, WordsHeard

__all__ = ("TurnClock",)


class TurnClock:
    """Notes the moments of one turn as they pass, and reports its parts when our first frame goes out.

    The parts follow each other without gaps, so they add up to the whole: voice ended → words final → first sentence
    → first audio → first frame.
    """

    def __init__(self, report: Callable[[CallInput], None]) -> None:
        self._report = report
        self._silent_at: float | None = None
        self._final_at: float | None = None
        self._sentence_at: float | None = None
        self._byte_at: float | None = None
        self._turn = 0

    def note(self, given: CallInput) -> None:
        """Note an input that marks a moment; others are passed over."""
        match given:
            case VoiceBegan():
                self._silent_at = None
            case VoiceEnded():
                self._silent_at = anyio.current_time()
            case WordsHeard(final=True):
                self._final_at = anyio.current_time()
                self._sentence_at = self._byte_at = None
            case ReplySentence() if given.turn != self._turn:
                self._turn = given.turn
                self._sentence_at = anyio.current_time()
            case _:
                pass

    def first_byte(self, speech_id: SpeechId, part: int) -> None:
        """The first audio of a part exists."""
        if part == 0 and speech_id == f"reply-{self._turn}":
            self._byte_at = anyio.current_time()

    def first_frame(self, speech_id: SpeechId, part: int) -> None:
        """The first frame of a part went out."""
        final, sentence, byte = self._final_at, self._sentence_at, self._byte_at
        if part or speech_id != f"reply-{self._turn}" or final is None or sentence is None or byte is None:
            return
        silent = self._silent_at if self._silent_at is not None and self._silent_at <= final else None
        parts = LatencyParts(
            transcription_ms=None if silent is None else round((final - silent) * 1000),
            responder_ms=round((sentence - final) * 1000),
            synthesis_ms=round((byte - sentence) * 1000),
            playback_ms=round((anyio.current_time() - byte) * 1000),
        )
        self._final_at = None
        self._report(TurnTimed(self._turn, parts))

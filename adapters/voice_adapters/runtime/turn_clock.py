"""Where the time of a turn goes, from the counterpart's last sound to our first frame."""

from collections.abc import Callable

from voice_domain.events import LatencyParts
from voice_domain.identity import SpeechId
from voice_domain.inputs import (
    CallInput,
    ReplySentence,
    TimerFired,
    TurnTimed,
    VoiceBegan,
    VoiceEnded,
    WordsHeard,
)
from voice_domain.ports.clock import Clock
from voice_domain.terms import Timer

__all__ = ("TurnClock",)


class TurnClock:
    """Notes the moments of one turn as they pass, and reports its parts when our first frame goes out.

    The parts follow each other without gaps, so they add up to the whole: voice ended → utterance known to be over →
    words final → first sentence → first audio → first frame. Where nobody says when it was known to be over, that
    belongs to the transcription.
    """

    def __init__(self, report: Callable[[CallInput], None], clock: Clock) -> None:
        self._report = report
        self._clock = clock
        self._silent_at: int | None = None
        self._ended_at: int | None = None
        self._final_at: int | None = None
        self._sentence_at: int | None = None
        self._byte_at: int | None = None
        self._turn = 0

    def note(self, given: CallInput) -> None:
        """Note an input that marks a moment; others are passed over."""
        match given:
            case VoiceBegan():
                self._silent_at = None
            case VoiceEnded():
                self._silent_at = given.at_ms
            case WordsHeard(final=True):
                self._final_at = self._clock.now_ms()
                self._ended_at = given.ended_at_ms
                if given.voice_until_ms is not None:
                    self._silent_at = given.voice_until_ms
                self._sentence_at = self._byte_at = None
            case TimerFired(timer=Timer.SILENCE):
                # We ended the utterance ourselves, and took the words that there were.
                self._final_at = self._ended_at = self._clock.now_ms()
                self._sentence_at = self._byte_at = None
            case ReplySentence() if given.turn != self._turn:
                self._turn = given.turn
                self._sentence_at = self._clock.now_ms()
            case _:
                pass

    def first_byte(self, speech_id: SpeechId, part: int) -> None:
        """The first audio of a part exists."""
        if part == 0 and speech_id == f"reply-{self._turn}":
            self._byte_at = self._clock.now_ms()

    def first_frame(self, speech_id: SpeechId, part: int) -> None:
        """The first frame of a part went out."""
        final, sentence, byte = self._final_at, self._sentence_at, self._byte_at
        if part or speech_id != f"reply-{self._turn}" or final is None or sentence is None or byte is None:
            return
        endpointing_ms, transcription_ms = self._until_words(final)
        parts = LatencyParts(
            endpointing_ms=endpointing_ms,
            transcription_ms=transcription_ms,
            responder_ms=sentence - final,
            synthesis_ms=byte - sentence,
            playback_ms=self._clock.now_ms() - byte,
        )
        self._final_at = None
        self._report(TurnTimed(self._turn, parts))

    def _until_words(self, final: int) -> tuple[int | None, int | None]:
        """Return how long it took to know that the utterance was over, and from then to its words."""
        silent = self._silent_at if self._silent_at is not None and self._silent_at <= final else None
        ended = None if self._ended_at is None else min(self._ended_at, final)
        if silent is None:
            return None, None if ended is None else final - ended
        if ended is None:
            return None, final - silent
        ended = max(ended, silent)  # a service may be sure sooner than we are
        return ended - silent, final - ended

"""Where the time of a turn goes, from the counterpart's last sound to our first frame."""

from collections.abc import Callable

from voice_domain.events import LatencyParts
from voice_domain.identity import SpeechId
from voice_domain.inputs import CallInput, ReplySentence, TurnTimed, VoiceBegan, VoiceEnded, WordsHeard
from voice_domain.ports.clock import Clock

__all__ = ("TurnClock",)


class TurnClock:
    """Notes the moments of one turn as they pass, and reports its parts when our first frame goes out.

    The parts follow each other without gaps, so they add up to the whole: voice ended → words final → first sentence
    → first audio → first frame.
    """

    def __init__(self, report: Callable[[CallInput], None], clock: Clock) -> None:
        self._report = report
        self._clock = clock
        self._silent_at: int | None = None
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
                if given.voice_until_ms is not None:
                    self._silent_at = given.voice_until_ms
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
        silent = self._silent_at if self._silent_at is not None and self._silent_at <= final else None
        parts = LatencyParts(
            transcription_ms=None if silent is None else final - silent,
            responder_ms=sentence - final,
            synthesis_ms=byte - sentence,
            playback_ms=self._clock.now_ms() - byte,
        )
        self._final_at = None
        self._report(TurnTimed(self._turn, parts))

"""Where the time of a turn went; the parts follow each other and add up to the whole."""

import attrs
import pytest

from voice_adapters.runtime.turn_clock import TurnClock
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

REPLY = SpeechId("reply-1")


@attrs.define
class Hand(Clock):
    """A clock that a test moves."""

    ms: int = 0

    def now_ms(self) -> int:
        return self.ms


@attrs.define
class Turn:
    """One turn, played moment by moment."""

    hand: Hand = attrs.field(factory=Hand)
    reports: list[CallInput] = attrs.field(factory=list)
    clock: TurnClock = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.clock = TurnClock(self.reports.append, self.hand)

    def at(self, ms: int, given: CallInput) -> None:
        self.hand.ms = ms
        self.clock.note(given)

    def answered(self, *, sentence: int, byte: int, frame: int) -> LatencyParts | None:
        """Answer at these moments; return what was measured."""
        self.at(sentence, ReplySentence(1, "Yes."))
        self.hand.ms = byte
        self.clock.first_byte(REPLY, 0)
        self.hand.ms = frame
        self.clock.first_frame(REPLY, 0)
        report = self.reports[-1] if self.reports else None
        return report.parts if isinstance(report, TurnTimed) else None


def words(at_ms: int, *, until: int | None = None, ended: int | None = None) -> WordsHeard:
    return WordsHeard(at_ms, "Hello", voice_until_ms=until, ended_at_ms=ended)


def test_every_part_of_a_streamed_turn_is_told_and_they_add_up() -> None:
    turn = Turn()
    turn.at(1_000, VoiceBegan(1_000))
    turn.at(2_900, words(2_900, until=2_000, ended=2_650))

    parts = turn.answered(sentence=3_100, byte=3_250, frame=3_260)

    assert parts == LatencyParts(
        endpointing_ms=650, transcription_ms=250, responder_ms=200, synthesis_ms=150, playback_ms=10
    )
    assert parts.total_ms == 3_260 - 2_000


@pytest.mark.parametrize(
    ("until", "ended", "endpointing", "transcription"),
    [
        (2_000, None, None, 900),
        (None, 2_650, None, 250),
        (None, None, None, None),
        (2_000, 1_900, 0, 900),
        (2_000, 5_000, 900, 0),
    ],
    ids=["end unknown", "voice unknown", "both unknown", "sure before silence", "a clock that is ahead"],
)
def test_what_is_not_known_is_told_as_unknown_and_no_part_is_negative(
    until: int | None, ended: int | None, endpointing: int | None, transcription: int | None
) -> None:
    turn = Turn()
    turn.at(2_900, words(2_900, until=until, ended=ended))

    parts = turn.answered(sentence=3_000, byte=3_000, frame=3_000)

    assert parts is not None
    assert (parts.endpointing_ms, parts.transcription_ms) == (endpointing, transcription)


def test_an_utterance_that_we_end_ourselves_is_measured_too() -> None:
    turn = Turn()
    turn.at(1_000, VoiceBegan(1_000))
    turn.at(2_240, VoiceEnded(2_000))
    turn.at(2_800, TimerFired(Timer.SILENCE))

    parts = turn.answered(sentence=3_000, byte=3_100, frame=3_100)

    assert parts == LatencyParts(
        endpointing_ms=800, transcription_ms=0, responder_ms=200, synthesis_ms=100, playback_ms=0
    )


def test_other_timers_and_the_rest_of_an_answer_measure_nothing() -> None:
    turn = Turn()
    turn.at(2_000, words(2_000, until=1_500))
    turn.at(2_100, TimerFired(Timer.BARGE_IN))
    turn.answered(sentence=2_200, byte=2_300, frame=2_400)
    turn.clock.first_frame(REPLY, 1)
    turn.clock.first_frame(REPLY, 0)

    assert len(turn.reports) == 1

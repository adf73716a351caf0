"""The fold of events: what a history must look like, and what late facts in it change."""

import pytest
from support.story import EARLY, LEG, Story, opened

from voice_domain.call import Call
from voice_domain.events import (
    Answered,
    Bridged,
    CallEvent,
    ClosingBegan,
    CounterpartSpoke,
    Dialled,
    Ended,
    Rang,
    SpeechHeard,
    SpeechOver,
    SpeechStarted,
    TurnDropped,
)
from voice_domain.evolve import BrokenHistoryError, evolve, fold, opened_call
from voice_domain.identity import CarrierCallId, SpeechId
from voice_domain.inputs import HangUpConfirmed, LineEnded, LineRang
from voice_domain.states import FLOOR_TABLE, LINE_TABLE, Floor, FloorFact, Line, LineFact
from voice_domain.vocabulary import Direction, EndReason

LINE_EVENTS: dict[LineFact, CallEvent] = {
    LineFact.DIALLED: Dialled(EARLY, CarrierCallId("another leg")),
    LineFact.RANG: Rang(EARLY),
    LineFact.ANSWERED: Answered(EARLY),
    LineFact.BRIDGED: Bridged(EARLY),
    LineFact.CLOSING_BEGAN: ClosingBegan(EARLY, EndReason.HANGUP_BOT),
    LineFact.ENDED: Ended(EARLY, EndReason.HANGUP_USER),
}
FLOOR_EVENTS: dict[FloorFact, CallEvent] = {
    FloorFact.SPEECH_STARTED: SpeechStarted(EARLY, SpeechId("said")),
    FloorFact.SPEECH_OVER: SpeechOver(EARLY),
    FloorFact.COUNTERPART_SPOKE: CounterpartSpoke(EARLY),
}
PATHS: dict[Line, tuple[CallEvent, ...]] = {
    Line.DIALLING: (),
    Line.RINGING: (Rang(EARLY),),
    Line.UP: (Answered(EARLY),),
    Line.CLOSING: (Answered(EARLY), ClosingBegan(EARLY, EndReason.HANGUP_BOT)),
    Line.ENDED: (Answered(EARLY), Ended(EARLY, EndReason.COMPLETED)),
}
FLOOR_PATHS: dict[Floor, tuple[CallEvent, ...]] = {
    Floor.NOBODY: (),
    Floor.OURS: (SpeechStarted(EARLY, SpeechId("said")),),
    Floor.THEIRS: (CounterpartSpoke(EARLY),),
}


def _after(*events: CallEvent) -> Call:
    return fold((opened(), *events))


def test_a_history_begins_with_the_call_being_opened() -> None:
    with pytest.raises(BrokenHistoryError, match="does not begin"):
        fold([Rang(EARLY)])


def test_a_history_is_not_empty() -> None:
    with pytest.raises(BrokenHistoryError, match="empty"):
        fold([])


def test_a_history_begins_once() -> None:
    with pytest.raises(BrokenHistoryError, match="begins twice"):
        fold([opened(), opened()])
    with pytest.raises(BrokenHistoryError, match="begins twice"):
        evolve(opened_call(opened()), opened())


def test_a_history_cannot_begin_to_close_after_its_end() -> None:
    with pytest.raises(BrokenHistoryError, match="closing-began"):
        _after(Ended(EARLY, EndReason.COMPLETED), ClosingBegan(EARLY, EndReason.HANGUP_BOT))


# What each fact does to a line, written down a second time: the call is safe only if both agree.
LINE_MOVES = {
    (Line.DIALLING, LineFact.RANG): Line.RINGING,
    (Line.DIALLING, LineFact.ANSWERED): Line.UP,
    (Line.DIALLING, LineFact.CLOSING_BEGAN): Line.CLOSING,
    (Line.DIALLING, LineFact.ENDED): Line.ENDED,
    (Line.RINGING, LineFact.ANSWERED): Line.UP,
    (Line.RINGING, LineFact.CLOSING_BEGAN): Line.CLOSING,
    (Line.RINGING, LineFact.ENDED): Line.ENDED,
    (Line.UP, LineFact.CLOSING_BEGAN): Line.CLOSING,
    (Line.UP, LineFact.ENDED): Line.ENDED,
    (Line.CLOSING, LineFact.ENDED): Line.ENDED,
}
FLOOR_MOVES = {
    (Floor.NOBODY, FloorFact.SPEECH_STARTED): Floor.OURS,
    (Floor.NOBODY, FloorFact.SPEECH_OVER): Floor.THEIRS,
    (Floor.NOBODY, FloorFact.COUNTERPART_SPOKE): Floor.THEIRS,
    (Floor.OURS, FloorFact.SPEECH_OVER): Floor.THEIRS,
    (Floor.OURS, FloorFact.COUNTERPART_SPOKE): Floor.THEIRS,
    (Floor.THEIRS, FloorFact.SPEECH_STARTED): Floor.OURS,
}


@pytest.mark.parametrize("line", Line)
@pytest.mark.parametrize("fact", LineFact)
def test_a_fact_in_a_history_moves_the_line_forward_or_not_at_all(line: Line, fact: LineFact) -> None:
    call = _after(*PATHS[line])
    assert call.line is line
    if (line, fact) == (Line.ENDED, LineFact.CLOSING_BEGAN):
        with pytest.raises(BrokenHistoryError):
            evolve(call, LINE_EVENTS[fact])
        return

    assert evolve(call, LINE_EVENTS[fact]).line is LINE_MOVES.get((line, fact), line)


@pytest.mark.parametrize("floor", Floor)
@pytest.mark.parametrize("fact", FloorFact)
def test_a_fact_in_a_history_gives_the_floor_to_one_side(floor: Floor, fact: FloorFact) -> None:
    call = _after(Answered(EARLY), *FLOOR_PATHS[floor])
    assert call.floor is floor

    assert evolve(call, FLOOR_EVENTS[fact]).floor is FLOOR_MOVES.get((floor, fact), floor)


def test_every_fact_of_the_tables_is_told_by_an_event() -> None:
    assert set(LINE_EVENTS) == set(LINE_TABLE[Line.UP])
    assert set(FLOOR_EVENTS) == set(FLOOR_TABLE[Floor.OURS])


def test_events_are_counted_and_the_latest_gives_the_time() -> None:
    call = _after(Rang(EARLY + 5), Answered(EARLY + 9))

    assert (call.version, call.last_at_ms) == (3, EARLY + 9)


def test_event_ids_of_the_carrier_are_remembered_once_each() -> None:
    call = fold([opened(source="a"), Rang(EARLY, "b"), Answered(EARLY, "b")])

    assert list(call.seen) == ["a", "b"]


def test_a_closing_call_remembers_how_far_its_line_came() -> None:
    assert _after(Rang(EARLY), ClosingBegan(EARLY, EndReason.HANGUP_BOT)).reached is Line.RINGING
    assert _after(Answered(EARLY), Ended(EARLY, EndReason.HANGUP_USER)).reached is Line.UP
    assert fold([opened(direction=Direction.INBOUND, carrier_call_id=LEG)]).reached is Line.RINGING


def test_a_report_of_a_speech_that_is_not_known_changes_nothing_but_the_count() -> None:
    call = _after(Answered(EARLY))

    after = evolve(call, SpeechHeard(EARLY, SpeechId("what"), 0, "Hello."))

    assert after.transcript == ()
    assert after.version == call.version + 1


def test_a_turn_that_is_over_already_changes_nothing() -> None:
    call = _after(Answered(EARLY))

    assert evolve(call, TurnDropped(EARLY, 4)).turn is None


def test_the_error_of_closing_is_kept_unless_the_end_brings_another() -> None:
    closing = ClosingBegan(EARLY, EndReason.ERROR, "the stream broke")

    assert _after(closing, Ended(EARLY, EndReason.ERROR)).error == "the stream broke"
    assert _after(closing, Ended(EARLY, EndReason.ERROR, "refused")).error == "refused"


def test_the_history_of_a_call_folds_to_the_call_that_was_decided() -> None:
    story = Story.answered(opening="Good morning.")
    story.play()
    story.hear("Hello, who is there?", final=False)
    story.hear("Hello, who is there?")
    story.take(LineRang(story.now_ms, event_id="late"), LineEnded(story.now_ms, EndReason.HANGUP_USER))
    story.take(HangUpConfirmed())

    assert fold(story.events) == story.call

"""The tables themselves: complete, and with the properties that clients rely on."""

import itertools

import pytest

from voice_domain.decide import KIND_OF_INPUT
from voice_domain.inputs import CallInput
from voice_domain.states import (
    FLOOR_TABLE,
    GATE_TABLE,
    IGNORED,
    ILLEGAL,
    LINE_TABLE,
    Floor,
    FloorFact,
    Gate,
    InputKind,
    Line,
    LineFact,
    floor_after,
    gate_of,
    is_live,
    line_after,
    outside_word,
)
from voice_domain.vocabulary import EndReason

LIVE_WORDS = ("initiated", "ringing", "answered", "active", "speaking", "listening")


def _word(line: Line, floor: Floor = Floor.NOBODY, *, bridged: bool = False) -> str:
    return outside_word(line, floor, answered=line is Line.UP, bridged=bridged, end_reason=None)


def test_every_state_has_a_verdict_on_every_fact() -> None:
    for states, facts, table in (
        (Line, LineFact, LINE_TABLE),
        (Floor, FloorFact, FLOOR_TABLE),
        (InputKind, Line, GATE_TABLE),
    ):
        assert set(table) == set(states)
        assert all(set(row) == set(facts) for row in table.values())


def test_every_input_has_a_row_in_the_gate() -> None:
    inputs = {kind for union in CallInput.__args__ for kind in getattr(union, "__args__", (union,))}

    assert set(KIND_OF_INPUT) == inputs
    assert set(KIND_OF_INPUT.values()) == set(InputKind)


@pytest.mark.parametrize("fact", [fact for fact in LineFact if fact is not LineFact.CLOSING_BEGAN])
def test_an_ended_line_is_moved_by_nothing(fact: LineFact) -> None:
    assert line_after(Line.ENDED, fact) is IGNORED


def test_an_ended_line_cannot_begin_to_close() -> None:
    assert line_after(Line.ENDED, LineFact.CLOSING_BEGAN) is ILLEGAL


@pytest.mark.parametrize("line", [line for line in Line if line is not Line.ENDED])
def test_every_line_that_lives_can_end(line: Line) -> None:
    assert line_after(line, LineFact.ENDED) is Line.ENDED


def test_no_fact_moves_the_line_back() -> None:
    order = list(Line)
    moves = [(line, line_after(line, fact)) for line in Line for fact in LineFact]

    assert all(order.index(after) >= order.index(line) for line, after in moves if isinstance(after, Line))


def test_the_floor_is_never_given_back_to_nobody() -> None:
    moves = [floor_after(floor, fact) for floor in Floor for fact in FloorFact]

    assert Floor.NOBODY not in moves


def test_a_further_speech_keeps_the_floor_and_is_no_late_news() -> None:
    assert floor_after(Floor.OURS, FloorFact.SPEECH_STARTED) is Floor.OURS


def test_a_line_is_live_until_somebody_begins_to_end_it() -> None:
    assert [line for line in Line if is_live(line)] == [Line.DIALLING, Line.RINGING, Line.UP]


def _cells(gate: Gate) -> set[tuple[InputKind, Line]]:
    return {(kind, line) for kind in InputKind for line in Line if gate_of(kind, line) is gate}


def test_only_sound_from_the_other_side_proves_an_answer_and_only_before_it() -> None:
    assert _cells(Gate.PROVES_ANSWER) == {
        (kind, line)
        for kind in (InputKind.HEARING, InputKind.STREAM_OPENED)
        for line in (Line.DIALLING, Line.RINGING)
    }


def test_only_commands_are_refused() -> None:
    assert _cells(Gate.NOT_CONNECTED) == {(InputKind.COMMAND, line) for line in (Line.DIALLING, Line.RINGING)}
    assert _cells(Gate.CALL_ENDED) == {(InputKind.COMMAND, line) for line in (Line.CLOSING, Line.ENDED)}


def test_an_ended_call_takes_nothing() -> None:
    assert [kind for kind in InputKind if gate_of(kind, Line.ENDED) is Gate.OPEN] == []


def test_a_closing_call_takes_what_may_tell_of_its_leg_and_what_was_heard_of_us() -> None:
    assert {kind for kind in InputKind if gate_of(kind, Line.CLOSING) is Gate.OPEN} == {
        InputKind.DIAL_REPORT,
        InputKind.LINE_NEWS,
        InputKind.CLOSE_REPORT,
        InputKind.SPEECH_REPORT,
        InputKind.TRANSFER_VERDICT,
    }


@pytest.mark.parametrize("line", [Line.DIALLING, Line.RINGING])
def test_before_the_answer_only_news_of_the_line_hang_ups_refusals_and_timers_are_taken(line: Line) -> None:
    assert {kind for kind in InputKind if gate_of(kind, line) is Gate.OPEN} == {
        InputKind.HANG_UP,
        InputKind.DIAL_REPORT,
        InputKind.LINE_NEWS,
        InputKind.STATUS_REPORT,
        InputKind.TRANSFER_VERDICT,
        InputKind.TIMER,
    }


def test_while_the_line_is_up_everything_is_taken_but_the_report_of_a_hang_up() -> None:
    assert {kind for kind in InputKind if gate_of(kind, Line.UP) is not Gate.OPEN} == {InputKind.CLOSE_REPORT}


@pytest.mark.parametrize(
    ("line", "floor", "bridged", "word"),
    [
        (Line.DIALLING, Floor.NOBODY, False, "initiated"),
        (Line.RINGING, Floor.NOBODY, False, "ringing"),
        (Line.UP, Floor.NOBODY, False, "answered"),
        (Line.UP, Floor.NOBODY, True, "active"),
        (Line.UP, Floor.OURS, False, "speaking"),
        (Line.UP, Floor.OURS, True, "speaking"),
        (Line.UP, Floor.THEIRS, False, "listening"),
        (Line.UP, Floor.THEIRS, True, "listening"),
    ],
)
def test_clients_see_one_word_for_line_and_floor(line: Line, floor: Floor, bridged: bool, word: str) -> None:  # noqa: FBT001 - a parameter of the test
    assert _word(line, floor, bridged=bridged) == word


@pytest.mark.parametrize("floor", Floor)
def test_the_floor_means_nothing_before_the_answer(floor: Floor) -> None:
    assert _word(Line.DIALLING, floor, bridged=True) == "initiated"
    assert _word(Line.RINGING, floor, bridged=True) == "ringing"


def test_a_call_that_was_answered_keeps_its_word_while_it_closes() -> None:
    word = outside_word(Line.CLOSING, Floor.OURS, answered=True, bridged=True, end_reason=None)

    assert word == "speaking"


def test_a_line_of_which_only_the_end_is_known_counts_as_dialling() -> None:
    assert _word(Line.CLOSING, Floor.NOBODY) == "initiated"


@pytest.mark.parametrize("reason", EndReason)
def test_the_word_of_an_ended_call_is_its_end_reason(reason: EndReason) -> None:
    for floor, bridged in itertools.product(Floor, (False, True)):
        word = outside_word(Line.UP, floor, answered=True, bridged=bridged, end_reason=reason)
        assert word == reason.value


def test_the_words_of_live_and_ended_calls_are_the_published_ones() -> None:
    live = {
        _word(line, floor, bridged=bridged)
        for line, floor, bridged in itertools.product(Line, Floor, (False, True))
    }

    assert live == set(LIVE_WORDS)
    assert {reason.value for reason in EndReason} == {
        "completed",
        "hangup-user",
        "hangup-bot",
        "timeout",
        "error",
        "failed",
        "no-answer",
        "busy",
        "voicemail",
    }

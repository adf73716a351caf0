"""When timers run, when they are dropped, and what follows when they fire."""

import attrs
import pytest
from support.story import EARLY, LEG, Story

from voice_domain.effects import AskStatus, HangUp, Play, StartTimer
from voice_domain.events import NewsIgnored
from voice_domain.inputs import (
    DialAccepted,
    HangUpConfirmed,
    HangUpRequested,
    LineAnswered,
    LineEnded,
    StatusTold,
)
from voice_domain.rules.timers import CLOSING_REASONS, DOUBTFUL
from voice_domain.terms import CallTerms, Timer
from voice_domain.vocabulary import EndReason

TERMS = CallTerms(ring_ms=20_000, max_ms=60_000, stale_ms=45_000)


def _wait_for(story: Story, due: dict[Timer, int]) -> None:
    """Let the call wait for these timers and for no others."""
    story.last = attrs.evolve(story.last, call=attrs.evolve(story.call, due=due))


def test_a_call_is_placed_with_the_timers_that_bound_it() -> None:
    story = Story(terms=TERMS)

    assert story.timers == {
        Timer.RING: EARLY + 20_000,
        Timer.HARD_CAP: EARLY + 80_000,
        Timer.STALE: EARLY + 45_000,
    }


def test_a_call_without_a_reaper_has_no_such_timer() -> None:
    assert Timer.STALE not in Story(terms=CallTerms(stale_ms=0)).timers


def test_an_inbound_call_has_the_same_bounds() -> None:
    assert set(Story.inbound(terms=TERMS).timers) == {Timer.RING, Timer.HARD_CAP, Timer.STALE}


def test_an_answer_replaces_the_ring_time_by_the_longest_duration() -> None:
    story = Story.answered(terms=TERMS)

    assert story.timers == {Timer.HARD_CAP: EARLY + 80_000, Timer.MAX_DURATION: story.now_ms + 60_000}


def test_nobody_answers_in_time_is_no_answer_even_when_the_carrier_says_otherwise() -> None:
    story = Story(terms=TERMS)
    story.take(DialAccepted(LEG))
    story.ring()

    story.later(20_000)
    assert story.ordered(AskStatus) == [AskStatus(LEG)]
    story.take(StatusTold(alive=True, answered=False))

    assert story.ordered(HangUp) == [HangUp(LEG, EndReason.NO_ANSWER)]
    story.take(LineEnded(story.now_ms, EndReason.HANGUP_BOT, "canceled"))
    assert (story.call.word, story.call.cause) == ("no-answer", "canceled")


@pytest.mark.parametrize("told", [True, False], ids=["cannot say", "says nothing"])
def test_a_carrier_that_cannot_tell_an_answer_keeps_no_phone_ringing(told: bool) -> None:  # noqa: FBT001 - a parameter of the test
    story = Story(terms=TERMS)
    story.take(DialAccepted(LEG))
    story.later(20_000)

    if told:
        story.take(StatusTold(alive=True))
    else:
        story.later(TERMS.status_ms)

    assert story.call.closing_reason is EndReason.NO_ANSWER


def test_an_answer_that_was_lost_is_learnt_before_the_call_would_end_as_no_answer() -> None:
    story = Story(terms=TERMS, opening="Hello.")
    story.take(DialAccepted(LEG))
    began = story.now_ms
    story.later(20_000)

    story.take(StatusTold(alive=True, answered=True, answered_at_ms=began + 7_000))
    late = story.take(LineAnswered(began + 7_000, "a late webhook"))
    words = [play.text for play in story.ordered(Play)]
    story.later(46_999)
    lives = story.call.word
    story.later(1)

    assert [type(event) for event in late.events] == [NewsIgnored]
    assert words == ["Hello."]
    assert lives in ("answered", "speaking", "active", "listening")
    assert story.call.answered_at_ms == began + 7_000
    assert story.call.closing_reason is EndReason.TIMEOUT


@pytest.mark.parametrize("off_ms", [-100_000, 100_000])
def test_a_carriers_clock_that_is_wrong_moves_an_answer_no_further_than_the_call(off_ms: int) -> None:
    story = Story(terms=TERMS)
    story.take(DialAccepted(LEG))
    story.later(5_000)

    story.take(StatusTold(alive=True, answered=True, answered_at_ms=story.now_ms + off_ms))

    assert story.call.answered_at_ms == (EARLY if off_ms < 0 else story.now_ms)


def test_a_call_that_is_over_and_had_been_answered_says_when() -> None:
    story = Story(terms=TERMS)
    story.take(DialAccepted(LEG))
    began = story.now_ms
    story.later(20_000)

    over = StatusTold(alive=False, reason=EndReason.COMPLETED, answered=True, answered_at_ms=began + 3_000)
    story.take(over)

    assert (story.call.word, story.call.answered_at_ms) == ("completed", began + 3_000)
    assert story.ordered(Play) == []


def test_an_unanswered_call_is_reaped_when_it_is_stale() -> None:
    story = Story(terms=CallTerms(ring_ms=90_000, stale_ms=45_000))

    story.later(45_000)

    assert story.call.closing_reason is EndReason.NO_ANSWER


def test_a_stale_call_ends_for_the_reason_that_the_carrier_forgot_to_tell() -> None:
    story = Story(terms=CallTerms(ring_ms=90_000, stale_ms=45_000))
    story.take(DialAccepted(LEG))

    story.later(45_000)
    story.take(StatusTold(alive=False, reason=EndReason.BUSY, cause="busy"))

    assert (story.call.word, story.call.cause) == ("busy", "busy")


def test_a_stale_call_that_is_gone_without_a_reason_was_not_answered() -> None:
    story = Story(terms=CallTerms(ring_ms=90_000, stale_ms=45_000))
    story.take(DialAccepted(LEG))

    story.later(45_000)
    story.take(StatusTold(alive=False))

    assert story.call.word == "no-answer"


def test_an_answer_makes_the_question_about_a_stale_call_idle() -> None:
    story = Story(terms=CallTerms(ring_ms=90_000, stale_ms=45_000))
    story.take(DialAccepted(LEG))
    story.later(45_000)

    story.take(LineAnswered(story.now_ms), StatusTold(alive=True))
    story.later(10_000)

    assert story.call.word == "answered"


def test_a_call_is_hung_up_after_its_longest_duration_and_that_stays_the_reason() -> None:
    story = Story.answered(terms=TERMS)

    story.later(59_999)
    assert story.ordered(HangUp) == []
    story.later(1)
    story.take(HangUpConfirmed())

    assert story.call.word == "timeout"


@pytest.mark.parametrize("timer", CLOSING_REASONS)
def test_a_timer_that_ends_the_call_hangs_up(timer: Timer) -> None:
    story = Story.answered()
    _wait_for(story, {timer: story.now_ms})

    story.fire(timer)
    if timer in DOUBTFUL:
        story.take(StatusTold(alive=True))

    assert story.call.closing_reason is CLOSING_REASONS[timer][0]
    assert story.call.error == CLOSING_REASONS[timer][1]


@pytest.mark.parametrize("timer", Timer)
def test_a_timer_that_the_call_does_not_wait_for_changes_nothing(timer: Timer) -> None:
    story = Story.answered()
    _wait_for(story, {})

    decision = story.fire(timer)

    assert (decision.events, decision.effects) == ((), ())


@pytest.mark.parametrize("timer", Timer)
def test_a_timer_that_fires_too_early_is_set_again(timer: Timer) -> None:
    story = Story.answered()
    due = story.now_ms + 1
    _wait_for(story, {timer: due})

    decision = story.fire(timer)

    assert decision.events == ()
    assert decision.effects == (StartTimer(timer, due),)


@pytest.mark.parametrize("timer", Timer)
def test_a_timer_that_fires_when_the_call_is_over_changes_nothing(timer: Timer) -> None:
    story = Story.answered()
    story.take(HangUpRequested())
    assert story.fire(timer).events == ()
    story.take(HangUpConfirmed())

    assert story.fire(timer).events == ()

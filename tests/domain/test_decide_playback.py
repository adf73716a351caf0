"""What we say and how much of it was heard; the notify call."""

import pytest
from support.story import LEG, Story

from voice_domain.effects import ClearPlayback, HangUp, PausePlayback, Play
from voice_domain.events import SpeechHeard, SpeechOver, SpeechStarted
from voice_domain.identity import SpeechId
from voice_domain.inputs import (
    HangUpConfirmed,
    HangUpRequested,
    LineEnded,
    PartFailed,
    PartHeard,
    StreamClosed,
    StreamStarted,
    VoiceBegan,
)
from voice_domain.mode_rules import Mode
from voice_domain.speech import OPENING_ID
from voice_domain.states import Line
from voice_domain.terms import CallTerms, Timer
from voice_domain.vocabulary import EndReason

MESSAGE = "Your parcel has arrived."


def _notify(opening: str = MESSAGE, **changes: object) -> Story:
    return Story.answered(mode=Mode.NOTIFY, opening=opening, **changes)


def test_we_are_speaking_from_the_moment_that_we_are_heard() -> None:
    story = Story.answered(opening="Good morning.")
    assert story.call.word == "answered"

    story.start(OPENING_ID)

    assert story.call.word == "speaking"
    (entry,) = story.call.transcript
    assert (entry.text, entry.final, entry.at_ms) == ("Good morning.", False, story.now_ms)


def test_we_are_listening_once_everything_was_said() -> None:
    story = Story.answered(opening="Good morning.")
    story.say("How are you?")

    story.start(OPENING_ID)
    story.heard(OPENING_ID, "Good morning.")
    assert story.call.word == "speaking"
    story.play()

    assert story.call.word == "listening"
    assert story.transcript() == [("bot", "Good morning."), ("bot", "How are you?")]


def test_speech_is_played_in_the_order_in_which_it_was_wanted() -> None:
    story = Story.answered(opening="One.")

    story.say("Two.", "two")
    story.say("Three.", "three")

    assert story.said() == ["One.", "Two.", "Three."]


def test_a_start_that_is_reported_twice_counts_once() -> None:
    story = Story.answered(opening="Good morning.")
    story.start(OPENING_ID)

    assert story.start(OPENING_ID).events == ()


def test_a_part_is_over_once() -> None:
    story = Story.answered(opening="Good morning.")
    story.say("More.")
    story.start(OPENING_ID)
    story.heard(OPENING_ID, "Good morning.")

    assert story.heard(OPENING_ID, "Good").events == ()
    assert story.transcript() == [("bot", "Good morning.")]


@pytest.mark.parametrize("part", [-1, 1, 7])
def test_a_report_of_a_part_that_does_not_exist_is_ignored(part: int) -> None:
    story = Story.answered(opening="Good morning.")

    assert story.take(PartHeard(OPENING_ID, part, "Good morning.")).events == ()
    assert story.take(PartFailed(OPENING_ID, part, "no voice")).events == ()


def test_a_report_of_a_speech_that_nobody_knows_is_ignored() -> None:
    story = Story.answered()

    assert story.take(PartHeard(SpeechId("what"), 0, "x")).events == ()
    assert story.take(PartFailed(SpeechId("what"), 0, "x")).events == ()
    assert story.start("what").events == ()


def test_what_was_heard_is_in_the_transcript_even_if_its_start_was_not_reported() -> None:
    story = Story.answered(opening="Good morning.")

    story.heard(OPENING_ID, "Good morning.")

    assert story.transcript() == [("bot", "Good morning.")]
    assert [type(event) for event in story.last.events] == [SpeechStarted, SpeechHeard, SpeechOver]
    assert story.call.word == "listening"


def test_what_nobody_heard_is_not_in_the_transcript() -> None:
    story = Story.answered()
    story.say("Never heard.")

    story.heard("said", "")

    assert story.transcript() == []
    assert story.call.word == "listening"


def test_a_part_that_fails_in_a_conversation_does_not_end_the_call() -> None:
    story = Story.answered(opening="Good morning.")
    story.start(OPENING_ID)

    story.take(PartFailed(OPENING_ID, 0, "the voice broke off", "Good"))

    (entry,) = story.call.transcript
    assert (entry.text, entry.intended) == ("Good", "Good morning.")
    assert story.call.word == "listening"


def test_a_notify_call_is_completed_a_moment_after_its_message_was_heard() -> None:
    story = _notify(terms=CallTerms(notify_hangup_ms=3_000))
    story.start(OPENING_ID)
    story.later(20_000)
    assert story.call.line is Line.UP
    story.heard(OPENING_ID, MESSAGE)

    story.later(2_999)
    assert story.call.line is Line.UP
    story.later(1)

    assert story.ordered(HangUp) == [HangUp(LEG, EndReason.COMPLETED)]
    story.take(LineEnded(story.now_ms, EndReason.HANGUP_BOT))
    assert story.call.word == "completed"


def test_a_notify_message_whose_start_was_not_reported_is_followed_by_the_hang_up() -> None:
    story = _notify()
    story.heard(OPENING_ID, MESSAGE)

    story.later(story.call.terms.notify_hangup_ms)

    assert story.call.closing_reason is EndReason.COMPLETED


@pytest.mark.parametrize("opening", ["", "  "])
def test_a_notify_call_with_nothing_to_say_is_hung_up_soon_after_the_answer(opening: str) -> None:
    story = _notify(opening)

    assert story.said() == []
    story.later(story.call.terms.notify_hangup_ms)
    assert story.call.closing_reason is EndReason.COMPLETED


def test_a_conversation_with_nothing_to_say_waits_for_the_counterpart() -> None:
    story = Story.answered()

    story.later(60_000)

    assert story.call.word == "answered"


def test_a_notify_message_is_not_interruptible() -> None:
    story = _notify()
    story.start(OPENING_ID)

    story.take(VoiceBegan(story.now_ms))
    story.hear("Who", final=False)
    story.hear("Who is there?")

    assert story.ordered(PausePlayback) == story.ordered(ClearPlayback) == []
    assert [order.interruptible for order in story.ordered(Play)] == [False]
    assert story.call.word == "speaking"
    story.heard(OPENING_ID, MESSAGE)
    assert story.transcript() == [("bot", MESSAGE), ("user", "Who is there?")]


def test_a_conversation_is_interruptible_from_its_opening_on() -> None:
    story = Story.answered(opening="Good morning.")

    assert [order.interruptible for order in story.ordered(Play)] == [True]


def test_a_notify_message_that_cannot_be_said_ends_the_call_with_the_error() -> None:
    story = _notify()

    story.take(PartFailed(OPENING_ID, 0, "no voice for zz-ZZ"), HangUpConfirmed())

    assert (story.call.word, story.call.error) == ("error", "no voice for zz-ZZ")


def test_more_speech_in_a_notify_call_postpones_its_end() -> None:
    story = _notify()
    story.play()
    story.later(2_000)

    story.say("One more thing.")
    story.later(10_000)
    assert story.call.line is Line.UP
    story.play()
    story.later(story.call.terms.notify_hangup_ms)

    assert story.call.closing_reason is EndReason.COMPLETED


def test_more_speech_that_cannot_be_said_does_not_keep_a_notify_call_up() -> None:
    story = _notify()
    story.play()
    story.say("One more thing.")

    story.take(PartFailed(SpeechId("said"), 0, "no voice"))
    story.later(story.call.terms.notify_hangup_ms)

    assert story.call.closing_reason is EndReason.COMPLETED


def test_a_notify_message_that_starts_again_is_not_hung_up_into() -> None:
    story = _notify()
    story.play()
    story.say("One more thing.")
    story.start("said")

    assert Timer.NOTIFY_HANGUP not in story.timers


def test_playback_that_ends_while_the_call_is_closing_starts_no_timer() -> None:
    story = _notify()
    story.start(OPENING_ID)
    story.take(HangUpRequested())

    story.heard(OPENING_ID, "Your parcel")

    assert story.timers == {}
    assert story.call.transcript[0].text == "Your parcel"


def test_a_notify_call_whose_stream_breaks_for_a_moment_is_still_completed() -> None:
    story = _notify()
    story.take(StreamStarted(story.now_ms), StreamClosed(story.now_ms))
    story.later(500)
    story.take(StreamStarted(story.now_ms))
    story.play()

    story.later(story.call.terms.notify_hangup_ms)

    assert story.call.closing_reason is EndReason.COMPLETED

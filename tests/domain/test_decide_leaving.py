"""Leaving a call because nobody can tell us any more what the counterpart says."""

import pytest
from support.story import CALLEE, Story

from voice_domain.effects import CancelReply, ClearPlayback, HangUp, ResumePlayback
from voice_domain.identity import SpeechId
from voice_domain.inputs import (
    GoodbyeRequested,
    HearingLost,
    PartFailed,
    ReplySentence,
    TransferRequested,
    VoiceBegan,
)
from voice_domain.mode_rules import Mode
from voice_domain.phrases import phrase
from voice_domain.refusals import CallEndedError
from voice_domain.rules.leaving import DEAF_ID
from voice_domain.speech import OPENING_ID
from voice_domain.vocabulary import EndReason

LOST = HearingLost("openai: the key is wrong")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_who_is_not_heard_any_more_is_told_so_in_their_language_and_then_hung_up(locale: str) -> None:
    story = Story.answered(locale=locale)

    story.take(LOST)
    assert story.said() == [phrase("deaf", locale)]
    assert story.ordered(HangUp) == []
    story.play()

    assert story.call.closing_reason is EndReason.HANGUP_BOT
    assert story.call.error == LOST.error
    assert story.transcript() == [("bot", phrase("deaf", locale))]


def test_what_we_are_saying_is_said_to_its_end_before_the_apology() -> None:
    story = Story.answered(opening="Good morning.")
    story.start(OPENING_ID)
    story.take(VoiceBegan(story.now_ms))

    story.take(LOST)

    assert story.ordered(ClearPlayback) == []
    assert story.ordered(ResumePlayback) == [ResumePlayback()]
    assert story.said() == ["Good morning.", phrase("deaf", "en-US")]


def test_an_answer_that_is_being_made_is_given_up() -> None:
    story = Story.answered()
    story.hear("What are your hours?")

    story.take(LOST, ReplySentence(1, "We are open."))

    assert story.ordered(CancelReply) == [CancelReply(1)]
    assert story.said() == [phrase("deaf", "en-US")]


def test_an_apology_that_cannot_be_said_either_does_not_keep_the_call() -> None:
    story = Story.answered()
    story.take(LOST)

    story.take(PartFailed(DEAF_ID, 0, "no voice"))

    assert story.call.closing_reason is EndReason.HANGUP_BOT


def test_after_the_apology_nothing_more_can_be_said() -> None:
    story = Story.answered()
    story.take(LOST)

    with pytest.raises(CallEndedError):
        story.say("One more thing.")


def test_a_message_needs_no_ear() -> None:
    story = Story.answered(mode=Mode.NOTIFY, opening="Your table is ready.")

    assert story.take(LOST).events == ()


def test_whoever_was_handed_over_hears_nothing_of_it() -> None:
    story = Story.answered()
    story.take(TransferRequested(CALLEE))

    assert story.take(LOST).events == ()


def test_a_goodbye_is_not_followed_by_an_apology() -> None:
    story = Story.answered()
    story.take(GoodbyeRequested(SpeechId("bye"), "Goodbye."))

    assert story.take(LOST).events == ()

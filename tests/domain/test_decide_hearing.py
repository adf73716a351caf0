"""What the counterpart says: barge-in, coughs, utterances, keys."""

import pytest
from support.story import EARLY, Story

from voice_domain.effects import (
    AskResponder,
    CancelReply,
    ClearPlayback,
    PausePlayback,
    ResumePlayback,
)
from voice_domain.events import UtteranceHeard, VoiceStarted
from voice_domain.identity import SpeechId
from voice_domain.inputs import (
    GoodbyeRequested,
    HangUpRequested,
    KeysPressed,
    PartHeard,
    PartStarted,
    ReplySentence,
    VoiceBegan,
    VoiceEnded,
    WordsHeard,
)
from voice_domain.mode_rules import Mode
from voice_domain.speech import OPENING_ID
from voice_domain.terms import CallTerms, Timer

OPENING = "Good morning, this is the dentist."


def _speaking(**changes: object) -> Story:
    story = Story.answered(opening=OPENING, **changes)
    story.start(OPENING_ID)
    return story


def _voice(story: Story, milliseconds: int) -> None:
    story.take(VoiceBegan(story.now_ms))
    story.later(milliseconds)
    story.take(VoiceEnded(story.now_ms))


def test_a_voice_over_ours_holds_what_we_say_at_once() -> None:
    story = _speaking()

    decision = story.take(VoiceBegan(story.now_ms))

    assert PausePlayback() in decision.effects
    assert story.call.held


def test_a_voice_while_we_are_silent_holds_nothing() -> None:
    story = Story.answered(opening=OPENING)

    story.take(VoiceBegan(story.now_ms))

    assert story.ordered(PausePlayback) == []
    assert Timer.BARGE_IN not in story.timers


def test_a_cough_resumes_what_we_said() -> None:
    story = _speaking()

    _voice(story, 200)
    story.later(story.call.terms.barge_in_ms - 200)

    assert story.ordered(ResumePlayback) == [ResumePlayback()]
    assert story.ordered(ClearPlayback) == []
    assert (story.call.word, story.call.held) == ("speaking", False)


def test_a_voice_that_lasts_is_a_barge_in_even_without_words() -> None:
    story = _speaking()

    story.take(VoiceBegan(story.now_ms))
    story.later(story.call.terms.barge_in_ms)

    assert story.ordered(ResumePlayback) == []
    assert (story.call.word, story.call.held) == ("listening", True)


def _lasting_voice(story: Story) -> None:
    story.take(VoiceBegan(story.now_ms))
    story.later(story.call.terms.barge_in_ms + 1_000)
    story.take(VoiceEnded(story.now_ms))


def test_words_of_a_voice_that_lasted_drop_what_we_said() -> None:
    story = _speaking()
    _lasting_voice(story)
    story.later(1_500)

    story.hear("I have a question.")
    story.later(60_000)

    assert story.ordered(ClearPlayback) == [ClearPlayback()]
    assert story.ordered(ResumePlayback) == []
    assert (story.call.word, story.call.held, story.call.yielded_at_ms) == ("listening", False, None)


@pytest.mark.parametrize("silence_ms", [0, 800])
def test_after_a_voice_of_which_no_words_come_we_say_the_rest(silence_ms: int) -> None:
    story = _speaking(terms=CallTerms(silence_ms=silence_ms))
    _lasting_voice(story)

    story.later(silence_ms + story.call.terms.words_ms - 1)
    assert story.ordered(ResumePlayback) == []
    story.later(1)

    assert story.ordered(ResumePlayback) == [ResumePlayback()]
    assert story.ordered(ClearPlayback) == []
    assert (story.call.word, story.call.held) == ("speaking", False)


def test_a_noise_that_does_not_end_is_spoken_over_after_its_time() -> None:
    story = _speaking()
    story.take(VoiceBegan(story.now_ms))

    story.later(story.call.terms.barge_in_ms + story.call.terms.voice_ms - 1)
    assert story.call.held
    story.later(1)

    assert story.ordered(ResumePlayback) == [ResumePlayback()]
    assert story.call.word == "speaking"


def test_somebody_who_pauses_while_speaking_is_not_spoken_over() -> None:
    story = _speaking()
    _lasting_voice(story)
    story.later(1_000)

    story.take(VoiceBegan(story.now_ms))
    story.later(story.call.terms.words_ms + 1_000)

    assert story.ordered(ResumePlayback) == []


def test_a_noise_that_comes_and_goes_is_spoken_over_after_the_same_time_as_one_that_stays() -> None:
    story = _speaking()
    _lasting_voice(story)
    began = story.call.yielded_at_ms
    assert began is not None

    while story.call.held and story.now_ms < began + 60_000:
        _voice(story, 1_000)
        story.later(1_000)

    assert story.ordered(ResumePlayback) == [ResumePlayback()]
    assert story.now_ms - began <= story.call.terms.voice_ms + 2_000


def test_after_a_voice_without_words_another_one_holds_us_again() -> None:
    story = _speaking()
    _lasting_voice(story)
    story.later(story.call.terms.words_ms)

    story.take(VoiceBegan(story.now_ms))

    assert story.ordered(PausePlayback) == [PausePlayback(), PausePlayback()]


def test_a_voice_without_words_leaves_the_answer_that_is_being_made() -> None:
    story = Story.answered()
    story.hear("What are your hours?")
    story.take(ReplySentence(1, "We are open"))
    story.start("reply-1")

    _lasting_voice(story)
    story.take(ReplySentence(1, "from nine to five."))

    assert story.ordered(CancelReply) == []
    assert story.said()[-1] == "from nine to five."


@pytest.mark.parametrize("final", [False, True])
def test_words_confirm_a_barge_in_before_its_time_is_up(final: bool) -> None:  # noqa: FBT001 - a parameter of the test
    story = _speaking()
    story.take(VoiceBegan(story.now_ms))
    story.later(100)

    story.hear("Wait", final=final)

    assert story.ordered(ClearPlayback) == [ClearPlayback()]
    assert Timer.BARGE_IN not in story.timers
    assert (story.call.word, story.call.held) == ("listening", False)


def test_an_interrupted_entry_shows_what_was_heard_what_was_intended_and_that_it_was_interrupted() -> None:
    story = _speaking()
    story.hear("Wait!")

    story.heard(OPENING_ID, "Good morning,")

    entry = story.call.transcript[0]
    assert (entry.text, entry.intended, entry.interrupted) == ("Good morning,", OPENING, True)
    assert entry.final


def test_an_entry_that_was_heard_to_its_end_was_not_interrupted() -> None:
    story = _speaking()

    story.heard(OPENING_ID, OPENING)

    assert not story.call.transcript[0].interrupted


def test_the_transcript_keeps_the_order_in_which_it_was_heard() -> None:
    story = _speaking()
    story.hear("Wait!")
    story.heard(OPENING_ID, "Good")

    assert story.transcript() == [("bot", "Good"), ("user", "Wait!")]


def test_a_second_voice_does_not_hold_twice() -> None:
    story = _speaking()
    _voice(story, 100)

    story.take(VoiceBegan(story.now_ms))

    assert story.ordered(PausePlayback) == [PausePlayback()]
    assert story.timers[Timer.BARGE_IN] == EARLY + 1_000 + story.call.terms.barge_in_ms


def test_a_voice_that_began_already_does_not_begin_again() -> None:
    story = _speaking()
    story.take(VoiceBegan(story.now_ms))

    assert story.take(VoiceBegan(story.now_ms)).events == ()


def test_a_voice_that_did_not_begin_does_not_end() -> None:
    story = _speaking()

    assert story.take(VoiceEnded(story.now_ms)).events == ()


def test_what_is_being_cleared_is_not_held_again() -> None:
    story = _speaking()
    story.hear("Wait", final=False)

    story.take(VoiceBegan(story.now_ms))

    assert story.ordered(PausePlayback) == []
    assert isinstance(story.last.events[0], VoiceStarted)
    assert not story.last.events[0].over_us


def test_speech_that_was_over_before_the_hold_took_effect_does_not_hold_what_follows() -> None:
    story = _speaking()
    story.take(VoiceBegan(story.now_ms))

    story.heard(OPENING_ID, OPENING)

    assert ResumePlayback() in story.last.effects
    assert not story.call.held
    assert Timer.BARGE_IN not in story.timers


def test_a_part_that_starts_while_we_are_held_does_not_end_the_hold() -> None:
    story = _speaking()
    story.say("More.")
    story.take(VoiceBegan(story.now_ms))

    story.take(PartStarted(SpeechId("said"), 0))
    assert story.call.held
    story.take(VoiceEnded(story.now_ms))
    story.later(story.call.terms.barge_in_ms)

    assert story.ordered(ResumePlayback) == [ResumePlayback()]


def test_a_farewell_is_not_held_by_the_voice_that_we_were_held_for() -> None:
    story = _speaking()
    story.take(VoiceBegan(story.now_ms))

    story.take(GoodbyeRequested(SpeechId("bye"), "Goodbye."))

    assert not story.call.held
    assert Timer.BARGE_IN not in story.timers
    assert story.effects.index(ResumePlayback()) > story.effects.index(ClearPlayback())


def test_words_are_put_to_the_responder() -> None:
    story = Story.answered()

    decision = story.hear("What are your hours?")

    assert decision.effects[0] == AskResponder(1)
    assert story.transcript() == [("user", "What are your hours?")]
    assert story.call.word == "listening"


def test_first_readings_are_neither_in_the_transcript_nor_put_to_anybody() -> None:
    story = Story.answered()

    story.hear("What are", final=False)

    assert story.transcript() == []
    assert story.ordered(AskResponder) == []
    assert (story.call.partial, story.call.word) == ("What are", "listening")


def test_the_same_first_reading_again_is_no_news() -> None:
    story = Story.answered()
    story.hear("What are", final=False)

    assert story.hear("What are", final=False).events == ()


@pytest.mark.parametrize("final", [False, True])
def test_blank_words_are_ignored(final: bool) -> None:  # noqa: FBT001 - a parameter of the test
    story = _speaking()

    assert story.hear("  ", final=final).events == ()
    assert story.call.word == "speaking"


def test_how_sure_the_transcriber_was_is_kept() -> None:
    story = Story.answered()

    story.take(WordsHeard(story.now_ms, "Yes.", confidence=0.8))

    (heard,) = [event for event in story.events if isinstance(event, UtteranceHeard)]
    assert heard.confidence == 0.8


def test_a_first_reading_after_which_nothing_comes_is_taken_as_final() -> None:
    story = Story.answered()
    story.hear("What are your", final=False)

    story.later(story.call.terms.partial_ms - 1)
    assert story.transcript() == []
    story.later(1)

    assert story.transcript() == [("user", "What are your")]
    assert story.ordered(AskResponder) == [AskResponder(1)]
    assert story.call.partial == ""


def test_each_first_reading_gives_the_counterpart_more_time() -> None:
    story = Story.answered()
    story.hear("What are", final=False)
    story.later(4_000)
    story.hear("What are your hours", final=False)

    story.later(4_000)
    assert story.transcript() == []
    story.later(1_000)

    assert story.transcript() == [("user", "What are your hours")]


def test_local_endpointing_counts_from_the_end_of_the_voice() -> None:
    story = Story.answered(terms=CallTerms(silence_ms=800))
    story.take(VoiceBegan(story.now_ms))
    story.hear("What are your hours", final=False)
    story.later(1_000)
    story.take(VoiceEnded(story.now_ms))

    story.later(799)
    assert story.transcript() == []
    story.later(1)

    assert story.transcript() == [("user", "What are your hours")]


def test_a_reading_in_silence_is_final_after_the_silence_time() -> None:
    story = Story.answered(terms=CallTerms(silence_ms=800))

    story.hear("Yes", final=False)

    assert story.timers[Timer.SILENCE] == story.now_ms + 800


def test_a_voice_that_goes_on_means_that_the_utterance_does() -> None:
    story = Story.answered(terms=CallTerms(silence_ms=800))
    story.hear("What are", final=False)
    story.later(500)

    story.take(VoiceBegan(story.now_ms))
    story.later(1_000)
    assert story.transcript() == []
    story.later(story.call.terms.partial_ms)

    assert story.transcript() == [("user", "What are")]


def test_the_end_of_a_voice_without_words_waits_for_nothing() -> None:
    story = Story.answered(terms=CallTerms(silence_ms=800))

    _voice(story, 100)

    assert Timer.SILENCE not in story.timers


def test_final_words_end_the_wait_for_the_end_of_the_utterance() -> None:
    story = Story.answered()
    story.hear("What are", final=False)

    story.hear("What are your hours?")
    story.later(10_000)

    assert story.transcript() == [("user", "What are your hours?")]


def test_a_newer_utterance_drops_an_older_reply() -> None:
    story = Story.answered()
    story.hear("What are your hours?")
    story.take(ReplySentence(1, "We are open"))

    story.hear("Wait, on Sunday?")

    assert story.ordered(CancelReply) == [CancelReply(1)]
    assert story.ordered(AskResponder) == [AskResponder(1), AskResponder(2)]
    assert story.ordered(ClearPlayback) == [ClearPlayback()]
    assert story.take(ReplySentence(1, "from nine to five.")).events == ()


def test_the_first_words_of_a_newer_utterance_drop_a_reply_that_is_still_being_made() -> None:
    story = Story.answered()
    story.hear("What are your hours?")

    story.hear("And", final=False)

    assert story.ordered(CancelReply) == [CancelReply(1)]
    assert Timer.RESPONSE not in story.timers
    assert story.take(ReplySentence(1, "From nine to five.")).events == ()


def test_a_cough_does_not_drop_a_reply_that_is_still_being_made() -> None:
    story = Story.answered()
    story.hear("What are your hours?")

    _voice(story, 200)

    assert story.ordered(CancelReply) == []


def test_utterances_in_a_notify_call_are_kept_and_answered_by_nobody() -> None:
    story = Story.answered(mode=Mode.NOTIFY, opening="Your parcel is here.")

    story.hear("Thank you.")

    assert story.ordered(AskResponder) == []
    assert story.transcript() == [("user", "Thank you.")]


def test_keys_are_kept_in_order_and_put_to_nobody() -> None:
    story = Story.answered()

    story.take(KeysPressed(story.now_ms, "1"), KeysPressed(story.now_ms, "2#"))

    assert story.call.digits_pressed == "12#"
    assert story.ordered(AskResponder) == []


def test_no_keys_are_no_news() -> None:
    story = Story.answered()

    assert story.take(KeysPressed(story.now_ms, "")).events == ()


def test_nothing_is_heard_any_more_once_we_hang_up() -> None:
    story = Story.answered()
    story.take(HangUpRequested())

    assert story.hear("Wait!").events == ()
    assert story.take(VoiceBegan(story.now_ms)).events == ()


def test_closing_while_a_reply_that_was_heard_so_far_is_held_silences_it() -> None:
    story = Story.answered(opening="")
    story.take(WordsHeard(story.now_ms, "Hello"), ReplySentence(1, "Yes."))
    reply = SpeechId("reply-1")
    story.take(PartStarted(reply, 0), PartHeard(reply, 0, "Yes."), VoiceBegan(story.now_ms))
    assert story.call.held

    decision = story.take(HangUpRequested())

    assert ClearPlayback() in decision.effects

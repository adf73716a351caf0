"""The responder's answers: sentence by sentence, late, failing, or not at all."""

import pytest
from support.story import Story

from voice_domain.effects import AskResponder, CancelReply, ClearPlayback
from voice_domain.events import LatencyParts, TurnDropped
from voice_domain.inputs import (
    HangUpRequested,
    LineEnded,
    ReplyFailed,
    ReplyFinished,
    ReplySentence,
    TurnTimed,
)
from voice_domain.phrases import phrase
from voice_domain.speech import reply_id
from voice_domain.terms import CallTerms, Timer
from voice_domain.vocabulary import EndReason

REPLY = reply_id(1)


def _asked(**changes: object) -> Story:
    story = Story.answered(**changes)
    story.hear("What are your hours?")
    return story


def test_an_answer_is_said_sentence_by_sentence_as_one_entry() -> None:
    story = _asked()
    story.take(ReplySentence(1, "We are open from nine to five."))
    story.start(REPLY)
    story.take(ReplySentence(1, "On Sundays we are closed."), ReplyFinished(1))

    story.heard(REPLY, "We are open from nine to five.", 0)
    assert story.call.word == "speaking"
    story.heard(REPLY, "On Sundays we are closed.", 1)

    assert story.said() == ["We are open from nine to five.", "On Sundays we are closed."]
    assert story.transcript()[-1] == ("bot", "We are open from nine to five. On Sundays we are closed.")
    assert story.call.word == "listening"


def test_an_entry_shows_all_that_we_intend_to_say_while_we_say_it() -> None:
    story = _asked()
    story.take(ReplySentence(1, "We are open."))
    story.start(REPLY)

    story.take(ReplySentence(1, "Come by."))

    assert story.transcript()[-1] == ("bot", "We are open. Come by.")


def test_we_keep_the_floor_between_the_sentences_of_one_answer() -> None:
    story = _asked()
    story.take(ReplySentence(1, "We are open."))
    story.start(REPLY)

    story.heard(REPLY, "We are open.")

    assert story.call.word == "speaking"


def test_the_floor_is_theirs_when_an_answer_turns_out_to_be_complete_after_it_was_heard() -> None:
    story = _asked()
    story.take(ReplySentence(1, "We are open."))
    story.start(REPLY)
    story.heard(REPLY, "We are open.")

    story.take(ReplyFinished(1))

    assert story.call.word == "listening"
    assert story.call.transcript[-1].final
    assert story.call.turn is None


def test_an_answer_without_a_word_changes_nothing_but_the_turn() -> None:
    story = _asked()

    story.take(ReplyFinished(1))

    assert story.said() == []
    assert (story.call.turn, story.call.word) == (None, "listening")
    assert Timer.RESPONSE not in story.timers


def test_a_blank_sentence_is_not_said() -> None:
    story = _asked()

    assert story.take(ReplySentence(1, "  ")).events == ()


def test_sentences_are_said_without_the_space_around_them() -> None:
    story = _asked()

    story.take(ReplySentence(1, "  We are open. "))

    assert story.said() == ["We are open."]


def test_reports_of_a_turn_that_nobody_waits_for_are_ignored() -> None:
    story = _asked()

    for late in (ReplySentence(7, "What?"), ReplyFinished(7), ReplyFailed(7, "what")):
        assert story.take(late).events == ()


@pytest.mark.parametrize(("locale", "language"), [("en-US", "en-US"), ("zh-CN", "zh-CN"), ("fr-FR", "en")])
def test_a_responder_that_takes_too_long_is_apologised_for_once_in_the_calls_language(
    locale: str, language: str
) -> None:
    story = _asked(locale=locale)

    story.later(story.call.terms.response_ms - 1)
    assert story.said() == []
    story.later(1)
    story.later(story.call.terms.response_ms)

    assert story.said() == [phrase("apology", language)]
    assert story.ordered(CancelReply) == [CancelReply(1)]
    assert story.take(ReplySentence(1, "Too late.")).events == ()


def test_the_call_lives_on_after_an_apology() -> None:
    story = _asked()
    story.later(story.call.terms.response_ms)
    story.play()

    story.hear("What are your hours?")

    assert story.ordered(AskResponder) == [AskResponder(1), AskResponder(2)]


def test_a_responder_that_fails_is_apologised_for_and_the_reason_is_kept() -> None:
    story = _asked()

    story.take(ReplyFailed(1, "the model is overloaded"))

    assert story.said() == [phrase("apology", "en")]
    (dropped,) = [event for event in story.events if isinstance(event, TurnDropped)]
    assert dropped.error == "the model is overloaded"
    assert story.ordered(CancelReply) == []
    assert Timer.RESPONSE not in story.timers


def test_the_reason_of_a_timeout_is_kept() -> None:
    story = _asked(terms=CallTerms(response_ms=4_000))

    story.later(4_000)

    (dropped,) = [event for event in story.events if isinstance(event, TurnDropped)]
    assert dropped.error == "no answer within 4000 ms"


def test_each_sentence_gives_the_responder_time_for_the_next() -> None:
    story = _asked()
    story.later(20_000)
    story.take(ReplySentence(1, "Let me see."))

    assert story.timers[Timer.RESPONSE] == story.now_ms + story.call.terms.response_ms


def test_an_answer_that_breaks_off_is_closed_before_the_apology() -> None:
    story = _asked()
    story.take(ReplySentence(1, "Let me see."))
    story.play()

    story.later(story.call.terms.response_ms)
    story.play()

    assert story.transcript()[1:] == [("bot", "Let me see."), ("bot", phrase("apology", "en"))]
    assert story.call.word == "listening"


def test_an_answer_that_is_complete_is_not_timed_any_more() -> None:
    story = _asked()
    story.take(ReplySentence(1, "We are open."), ReplyFinished(1))

    story.later(2 * story.call.terms.response_ms)

    assert story.said() == ["We are open."]


def test_sentences_that_wait_to_be_said_are_dropped_by_a_newer_utterance() -> None:
    story = _asked()
    story.take(ReplySentence(1, "We are open."), ReplySentence(1, "Come by."))
    story.start(REPLY)

    story.hear("And on Sunday?")
    story.heard(REPLY, "We are", 0)
    story.heard(REPLY, "", 1)

    entry = story.call.transcript[1]
    assert (entry.text, entry.intended) == ("We are", "We are open. Come by.")
    assert story.ordered(ClearPlayback) == [ClearPlayback()]


def test_the_responder_is_stopped_when_we_hang_up() -> None:
    story = _asked()

    story.take(HangUpRequested())

    assert story.ordered(CancelReply) == [CancelReply(1)]
    assert story.call.turn is None


def test_the_responder_is_stopped_when_the_counterpart_hangs_up() -> None:
    story = _asked()

    story.take(LineEnded(story.now_ms, EndReason.HANGUP_USER))

    assert story.ordered(CancelReply) == [CancelReply(1)]


def test_turns_are_counted() -> None:
    story = _asked()
    story.hear("Hello?")
    story.hear("Anybody?")

    assert story.call.turns == 3


def test_how_long_a_turn_took_is_kept() -> None:
    story = _asked()

    story.take(TurnTimed(1, LatencyParts(endpointing_ms=200, responder_ms=300, synthesis_ms=80)))

    assert story.call.latencies == (580,)


def test_the_parts_of_a_latency_that_are_unknown_count_nothing() -> None:
    assert LatencyParts().total_ms == 0
    assert LatencyParts(1, 2, 3, 4, 5).total_ms == 15


def test_chinese_sentences_are_joined_without_a_space() -> None:
    story = _asked(locale="zh-CN")
    story.take(ReplySentence(1, "我们九点开门。"), ReplySentence(1, "欢迎光临。"), ReplyFinished(1))

    story.play()

    assert story.transcript()[-1] == ("bot", "我们九点开门。欢迎光临。")

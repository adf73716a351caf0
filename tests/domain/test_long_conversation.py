"""A long conversation costs little."""

from support.story import Story

from voice_domain.evolve import fold
from voice_domain.inputs import LineEnded, ReplyFinished, ReplySentence, StreamStarted, VoiceBegan, VoiceEnded
from voice_domain.terms import CallTerms
from voice_domain.vocabulary import EndReason

TURNS = 40
HALF_AN_HOUR_MS = 30 * 60 * 1000


def _turn(story: Story, number: int) -> None:
    story.take(VoiceBegan(story.now_ms))
    for words in ("I", "I would", f"I would like number {number}"):
        story.later(400)
        story.hear(words, final=False)
    story.take(VoiceEnded(story.now_ms))
    story.later(300)
    story.hear(f"I would like number {number}.")
    story.later(700)
    story.take(ReplySentence(number, f"Number {number} it is."), ReplySentence(number, "Anything else?"))
    story.take(ReplyFinished(number))
    story.play()
    story.later(HALF_AN_HOUR_MS // TURNS - 2_200)


def test_half_an_hour_with_forty_turns_keeps_every_word_and_ends_with_nothing_left() -> None:
    story = Story.answered(
        opening="Welcome.", terms=CallTerms(max_ms=2 * HALF_AN_HOUR_MS, response_ms=10_000)
    )
    story.take(StreamStarted(story.now_ms))
    story.play()

    for number in range(1, TURNS + 1):
        _turn(story, number)
    story.take(LineEnded(story.now_ms, EndReason.HANGUP_USER))

    assert story.now_ms - story.call.started_at_ms >= HALF_AN_HOUR_MS
    assert story.call.turns == TURNS
    assert story.transcript() == [("bot", "Welcome.")] + [
        line
        for number in range(1, TURNS + 1)
        for line in (
            ("user", f"I would like number {number}."),
            ("bot", f"Number {number} it is. Anything else?"),
        )
    ]
    assert story.timers == {}
    assert fold(story.events) == story.call

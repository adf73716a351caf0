"""What a person is shown of a call, event by event."""

import io
from typing import Any

import pytest
from rich.console import Console

from voice_contracts.event_shapes import EVENT_TYPES
from voice_entrypoints.cli.live.picture import picture_of
from voice_entrypoints.cli.live.sentences import line_of, sentence_of
from voice_entrypoints.cli.live.story import Story

CALL = {
    "callId": "29253be9-cda2",
    "provider": "mock",
    "direction": "outbound",
    "state": "speaking",
    "from": "+15550000000",
    "to": "+15550005678",
    "mode": "conversation",
    "startedAt": 1_000_000,
    "answeredAt": 1_001_000,
    "floor": "ours",
}


def event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "callId": CALL["callId"], "timestamp": 1_002_000, "call": CALL, **fields}


def queued(speech_id: str, part: int, text: str) -> dict[str, Any]:
    return event("call.speech.queued", speechId=speech_id, part=part, text=text, purpose="reply", last=False)


def story_of(*events: dict[str, Any]) -> Story:
    story = Story()
    for each in events:
        story = story.after(each)
    return story


def drawn(story: Story, *, width: int = 80, height: int = 24) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, height=height, color_system=None)
    console.print(picture_of(story, now_ms=1_066_000, console=console))
    return out.getvalue()


def test_speech_is_shown_from_the_moment_at_which_it_is_heard() -> None:
    waiting = story_of(queued("a", 0, "Hello."))
    heard = waiting.after(event("call.speech.started", speechId="a"))

    assert waiting.said == ()
    assert [line.coming for line in heard.said] == ["Hello."]


def test_what_was_heard_replaces_what_was_coming() -> None:
    story = story_of(
        queued("a", 0, "Hello."),
        queued("a", 1, "How are you?"),
        event("call.speech.started", speechId="a"),
        event("call.speech.heard", speechId="a", part=0, heard="Hello."),
    )

    (line,) = story.said
    assert (line.text, line.coming, line.cut) == ("Hello.", "How are you?", False)


def test_speech_that_was_cut_says_so() -> None:
    story = story_of(
        queued("a", 0, "Hello there."),
        event("call.speech.started", speechId="a"),
        event("call.speech.heard", speechId="a", part=0, heard="Hello"),
    )

    assert story.said[0].cut
    assert "Hello — interrupted" in drawn(story)


def test_a_first_reading_is_shown_until_the_utterance_is_final() -> None:
    partial = story_of(event("call.utterance.partial", text="Can I"))
    final = partial.after(event("call.utterance", text="Can I come?"))

    assert partial.partial == "Can I"
    assert (final.partial, final.said[0].text) == ("", "Can I come?")


def test_an_event_of_an_unknown_type_changes_only_the_summary() -> None:
    story = story_of(event("call.something.new"))

    assert story == Story(call=CALL)


def test_the_picture_names_state_floor_and_time_and_hides_the_number() -> None:
    picture = drawn(story_of(event("call.speech.over")))

    assert "speaking" in picture
    assert "floor: ours" in picture
    assert "01:05" in picture
    assert "+15550005678" not in picture


def test_the_picture_has_the_parts_of_each_turn() -> None:
    parts = {"transcriptionMs": 140, "responderMs": 7}

    picture = drawn(story_of(event("call.turn.measured", turn=2, parts=parts)))

    assert "turn 2: 147 ms: transcription 140, responder 7" in picture


@pytest.mark.parametrize("words", ["Of course, at eleven we are free. " * 3, "没问题，十一点有空位。" * 5])
def test_a_long_call_fits_the_terminal_with_its_newest_words(words: str) -> None:
    utterances = [event("call.utterance", text=f"{number} {words}") for number in range(40)]

    picture = drawn(story_of(*utterances), height=24).splitlines()

    assert len(picture) <= 24
    assert {Console().render_str(line).cell_len for line in picture} == {80}
    assert "39 " in "".join(picture)


@pytest.mark.parametrize("kind", EVENT_TYPES.values())
def test_every_event_has_a_sentence_of_its_own(kind: str) -> None:
    fields = {"text": "Hi", "turn": 1, "parts": {}, "reason": "busy", "heard": "Hi", "to": "+15550001234"}

    said = sentence_of({**event(kind), **fields})

    assert said
    assert said != kind


def test_an_event_is_one_line_whatever_was_said() -> None:
    line = line_of(event("call.utterance", text="one\ntwo\r\nthree"))

    assert line.endswith("29253be9  they said: one two three")
    assert "\n" not in line


def test_no_line_holds_a_whole_number() -> None:
    opened = event("call.initiated", direction="inbound", to="+15550005678", **{"from": "+15550001111"})

    line = line_of(opened)

    assert "+15550001111" not in line
    assert "+1555***1111" in line

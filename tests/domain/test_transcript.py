"""The heard truth: how parts are joined, and where a text is cut that was played in part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_domain.phrases import LANGUAGES, PHRASES, language_of, phrase
from voice_domain.speech import Speech
from voice_domain.transcript import Entry, heard_part, joined
from voice_domain.vocabulary import Purpose, Speaker

shares = st.floats(min_value=-1, max_value=2, allow_nan=False)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([], ""),
        (["One."], "One."),
        (["One.", "Two."], "One. Two."),
        ([" One. ", " Two. "], "One. Two."),
        (["One.", "", "Two."], "One. Two."),
        (["你好。", "再见。"], "你好。再见。"),
        (["你好。", "Bye."], "你好。Bye."),
        (["Bye.", "再见。"], "Bye.再见。"),
        (["今日は。", "さようなら。"], "今日は。さようなら。"),
        (["안녕하세요.", "Bye."], "안녕하세요. Bye."),
    ],
)
def test_parts_are_joined_as_their_script_is_written(parts: list[str], text: str) -> None:
    assert joined(parts) == text


@pytest.mark.parametrize(
    ("played", "heard"),
    [
        (0.0, ""),
        (0.05, ""),
        (0.2, "Good"),
        (0.4, "Good"),
        (0.6, "Good morning,"),
        (0.99, "Good morning, Ada."),
        (1.0, "Good morning, Ada."),
    ],
)
def test_a_word_counts_as_heard_when_its_greater_part_was_played(played: float, heard: str) -> None:
    assert heard_part("Good morning, Ada.", played=played) == heard


def test_text_without_spaces_is_cut_by_characters() -> None:
    assert heard_part("您好请问", played=0.5) == "您好"


@given(text=st.text(max_size=60), played=shares)
def test_what_was_heard_is_never_more_than_what_was_said(text: str, played: float) -> None:
    heard = heard_part(text, played=played)

    assert text.startswith(heard)


@given(text=st.text(max_size=60), played=shares, more=st.floats(min_value=0, max_value=1))
def test_more_played_is_never_less_heard(text: str, played: float, more: float) -> None:
    assert len(heard_part(text, played=played)) <= len(heard_part(text, played=played + more))


@given(text=st.text(max_size=60))
def test_everything_played_is_everything_heard(text: str) -> None:
    assert heard_part(text, played=1) == text


def test_nothing_played_is_nothing_heard() -> None:
    assert heard_part("Good morning.", played=0) == ""


def test_an_entry_was_interrupted_when_more_was_intended_than_heard() -> None:
    assert Entry(0, Speaker.US, "Good", intended="Good morning.").interrupted
    assert not Entry(0, Speaker.US, "Good morning.").interrupted


def test_a_speech_is_over_when_it_is_closed_and_every_part_is() -> None:
    speech = Speech("s", Purpose.REPLY).with_part("One.", last=False)
    assert not speech.with_heard(0, "One.").over

    closed = speech.with_part("Two.", last=True)

    assert not closed.with_heard(0, "One.").over
    assert closed.with_heard(0, "One.").with_heard(1, "").over
    assert closed.with_heard(0, "One.").heard_text == "One."


def test_an_empty_part_only_closes_a_speech() -> None:
    speech = Speech("s", Purpose.REPLY).with_part("One.", last=False).with_part("", last=True)

    assert (speech.parts, speech.closed) == (("One.",), True)


@pytest.mark.parametrize("name", PHRASES)
def test_every_sentence_of_ours_exists_in_every_language(name: str) -> None:
    assert set(PHRASES[name]) == set(LANGUAGES)


@pytest.mark.parametrize(
    ("locale", "language"), [("zh-CN", "zh"), ("ZH", "zh"), ("en-GB", "en"), ("de-DE", "en"), ("", "en")]
)
def test_english_is_spoken_where_no_language_of_ours_is(locale: str, language: str) -> None:
    assert language_of(locale) == language
    assert phrase("goodbye", locale) == PHRASES["goodbye"][language]

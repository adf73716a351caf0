"""A model's text becomes sentences to speak: early, whole, and without what is only to be seen."""

import json
import re
from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from voice_adapters.responders.sentences import LONGEST_SENTENCE, SentenceChunker

WORDS = st.sampled_from(
    [
        *("Hello", "Dr.", "e.g.", "U.S.", "p.m.", "No.", "J.", "I", "3.14", "1,000", "3:30", "5", "x" * 90),
        *(
            "https://a.example/b.html?c=1",
            "你好",
            "价格是",
            "。",
            "！",
            "，",
            "……",
            "...",
            "—",
            "?!",
            "!",
            ".",
        ),
        *('"Yes."', "”", "（好）", "it's", "\n", ",", ";", "…", "snake_case", "#5", "-3", "<b>", "[1]"),
    ]
)
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from(["", " ", "  "]))).map(
    lambda words: "".join(word + space for word, space in words)
)
MARKED = st.lists(
    st.sampled_from(
        [
            *(
                "*",
                "**",
                "_",
                "`",
                "```",
                "~~",
                "# ",
                "- ",
                "> ",
                "|",
                "[a](b)",
                "![a](b)",
                "<think>",
                "</think>",
            ),
            *(
                "\n",
                " ",
                "a",
                "B",
                "7",
                "。",
                ". ",
                "! ",
                "😀",
                "{",
                "}",
                '"',
                "\\",
                '{"spoken": "',
                "\\u4f60",
                "1. ",
            ),
        ]
    ),
    max_size=30,
).map("".join)


def sentences(text: str, *cuts: int) -> list[str]:
    chunker = SentenceChunker()
    places = [0, *sorted(cuts), len(text)]
    spoken: list[str] = []
    for start, end in pairwise(places):
        spoken += chunker.push(text[start:end])
    return spoken + chunker.flush()


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Hello. How are you? Fine!", ["Hello.", "How are you?", "Fine!"]),
        ("It is 3.14 or 1,000.50 euros. Yes.", ["It is 3.14 or 1,000.50 euros.", "Yes."]),
        ("Dr. Smith and Mrs. Jones came. Good.", ["Dr. Smith and Mrs. Jones came.", "Good."]),
        ("Fruit, e.g. apples, i.e. food. OK.", ["Fruit, e.g. apples, i.e. food.", "OK."]),
        ("He lives in the U.S. with J. Doe. Yes.", ["He lives in the U.S. with J. Doe.", "Yes."]),
        (
            "We open at 8 a.m. and close at 5 p.m. Come by.",
            ["We open at 8 a.m. and close at 5 p.m.", "Come by."],
        ),
        ("Take No. 5. No. I will not.", ["Take No. 5.", "No.", "I will not."]),
        ("So do I. You too.", ["So do I.", "You too."]),
        ("At 3:30 it is 20 °C. Nice.", ["At 3:30 it is 20 °C.", "Nice."]),
        ("See https://a.example/b.html?c=1. Then go.", ["See https://a.example/b.html?c=1.", "Then go."]),
        ("Well... I think so. Wait... what?", ["Well...", "I think so.", "Wait... what?"]),
        ("Really?! Yes!!! OK", ["Really?!", "Yes!!!", "OK"]),
        ('He said "Really?" and left. "No!" She did.', ['He said "Really?" and left.', '"No!"', "She did."]),
        ("你好！我是助手。您要几点？", ["你好！", "我是助手。", "您要几点？"]),
        ("他说：“好的。”然后走了。", ["他说：“好的。”", "然后走了。"]),
        ("价格是3.14元；很便宜。嗯……好", ["价格是3.14元；", "很便宜。", "嗯……", "好"]),
        ("OK.好的。Yes!是的", ["OK.", "好的。", "Yes!", "是的"]),
        ("1. Milk. 2. Bread", ["1. Milk.", "2. Bread"]),
        ("First line\nSecond line", ["First line", "Second line"]),
        ("... Right. ?", ["... Right."]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences_end_where_a_speaker_would_breathe(text: str, spoken: list[str]) -> None:
    assert sentences(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("**Bold** and *soft* and `code` and ~~gone~~.", ["Bold and soft and code and gone."]),
        ("# Title\n- one\n* two\n+ three\n> four", ["Title", "one", "two", "three", "four"]),
        ("Before.\n```python\nprint('no')\n```\nAfter.", ["Before.", "After."]),
        ('```json\n{"spoken": "Fenced. Yes."}\n```', ["Fenced.", "Yes."]),
        ("Go to [our **site**](https://a.example) now.", ["Go to our site now."]),
        ("![a map](map.png) See the map [1].", ["See the map [1]."]),
        ("| a | b |\n|---|---|\n| 1 | -2 |\n---\nEnd.", ["a   b", "1   -2", "End."]),
        ("2*3 is 6, 5 * 6 is 30.", ["2×3 is 6, 5 × 6 is 30."]),
        ("my_file_name and _emphasis_ and -5 and #5", ["my_file_name and emphasis and -5 and #5"]),
        ("Great 😀👍🏽! ☀️ Bye.", ["Great !", "Bye."]),
        ("<think>No. Wait.</think>Yes.", ["Yes."]),
        ("<think>never ends", []),
        ("a < b and <b>c</b>.", ["a < b and <b>c</b>."]),
        ("An unfinished [link and `code", ["An unfinished [link and code"]),
    ],
)
def test_what_is_only_to_be_seen_is_not_said(text: str, spoken: list[str]) -> None:
    assert sentences(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ('{"spoken": "Hi. There."}', ["Hi.", "There."]),
        (
            '\n {"spoken" : "\\u4f60\\u597d \\"q\\" \\n \\ud83d\\ude00 ok", "mood": "x"} tail',
            ['你好 "q"', "ok"],
        ),
        ('{"mood": 1, "spoken": "Later."}', ["Later."]),
        ('{"spoken": ""}', []),
        ('Here: ```json\n{"spoken": "In a block."}\n```', ["Here: In a block."]),
        ('{"a": {"spoken": "Deep."}}', ["Deep."]),
        ('{"spoken": "Cut off', ["Cut off"]),
        ("{braces} are fine.", ["{braces} are fine."]),
    ],
)
def test_a_spoken_field_is_taken_out_of_its_json(text: str, spoken: list[str]) -> None:
    assert sentences(text) == spoken


def test_a_sentence_is_given_with_the_character_that_proves_it() -> None:
    chunker = SentenceChunker()

    assert chunker.push("Hello there.") == []
    assert chunker.push(" ") == ["Hello there."]
    assert chunker.push("你好。") == []
    assert chunker.push("我") == ["你好。"]


def test_the_words_of_a_spoken_field_are_given_while_they_arrive() -> None:
    chunker = SentenceChunker()

    assert chunker.push('{"spoken": "Hello. H') == ["Hello."]


def test_a_long_sentence_is_cut_at_a_comma_else_at_a_space_else_anywhere() -> None:
    clause = "and so it goes on and on until somebody says stop, "

    by_comma = sentences(clause * 10)
    by_space = sentences("word " * 100)
    by_force = sentences("很" * 450)

    assert all(sentence.endswith("stop,") for sentence in by_comma)
    assert all(sentence.endswith("word") for sentence in by_space)
    assert [len(sentence) for sentence in by_force] == [200, 200, 50]
    assert max(map(len, by_comma + by_space)) <= LONGEST_SENTENCE


@given(TEXTS, st.lists(st.integers(0, 200), max_size=8))
def test_no_cut_of_the_text_changes_the_sentences(text: str, cuts: list[int]) -> None:
    places = [place for place in cuts if place <= len(text)]

    assert sentences(text, *places) == sentences(text)


@given(MARKED, st.lists(st.integers(0, 60), max_size=6))
@example('{"spoken": "\\ud83d\\ude00"}', [14, 17, 20])
def test_no_cut_changes_what_is_made_of_markup(text: str, cuts: list[int]) -> None:
    places = [place for place in cuts if place <= len(text)]

    assert sentences(text, *places) == sentences(text) == sentences(text, *range(len(text)))


@given(TEXTS)
def test_every_word_is_said_once_and_in_order(text: str) -> None:
    said, meant = "".join(sentences(text)), re.sub(r"[*`]", "", text)
    silent_end = re.compile(r"[^\w]*$")

    assert re.sub(r"[\s#]", "", silent_end.sub("", said)) == re.sub(r"[\s#]", "", silent_end.sub("", meant))


@given(TEXTS)
def test_every_sentence_says_something_and_is_short(text: str) -> None:
    for sentence in sentences(text):
        assert any(character.isalnum() for character in sentence)
        assert len(sentence) <= LONGEST_SENTENCE
        assert sentence == sentence.strip()


@given(MARKED)
def test_no_sign_of_emphasis_or_code_is_ever_said(text: str) -> None:
    assert not set("*`") & set("".join(sentences(text)))


@given(st.text(), st.lists(st.integers(0, 100), max_size=4))
def test_whatever_is_spoken_comes_out_of_its_json_whole(text: str, cuts: list[int]) -> None:
    assume(not text.lstrip().startswith("{"))
    wrapped = json.dumps({"spoken": text})

    assert sentences(wrapped, *[place for place in cuts if place <= len(wrapped)]) == sentences(text)

"""Every sentence that a person may read is in the one table, in Chinese too, and nothing else is."""

import re
from collections import Counter
from typing import get_args

import pytest
from support.sources import sources
from support.spoken_sentences import NO_SENTENCES, NOT_FOR_READERS, names_in, shape_of, spoken

from voice_domain.effects import Effect
from voice_domain.events import WaiterOutcome
from voice_domain.inputs import CallInput
from voice_domain.mode_rules import Mode
from voice_domain.states import BRIDGED_WORDS, WORD_TABLE, Floor
from voice_domain.terms import Timer
from voice_domain.vocabulary import Direction, EndReason
from voice_entrypoints.cli.explaining import decision_words
from voice_entrypoints.words.language import chinese, table
from voice_entrypoints.words.translator import Template

SECTIONS = ("sentences", "values", "words", "elsewhere")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!]|[,;:?!.][\u4e00-\u9fff]")
PARTED = re.compile(r"[\u4e00-\u9fff，。；：、（）] [\u4e00-\u9fff，。；：、（）]")


def test_every_sentence_of_the_source_is_in_the_table() -> None:
    known, words = {shape_of(text) for text in table()["sentences"]}, set(table()["words"])

    silent = [
        f"{found.where}: {found.shown}"
        for found in spoken()
        if (found.shown not in words if found.is_word else found.shape not in known)
    ]

    assert silent == []


def test_nothing_in_the_table_is_unused() -> None:
    shapes = {found.shape for found in spoken() if not found.is_word}
    words = {found.shown for found in spoken() if found.is_word}

    assert [text for text in table()["sentences"] if shape_of(text) not in shapes] == []
    assert [text for text in table()["words"] if text not in words] == []
    assert [
        text for text in table()["values"] if not any(f'"{text}"' in each.text for each in sources())
    ] == []


def test_every_word_of_records_and_decisions_is_in_the_table() -> None:
    live = {word for floors in WORD_TABLE.values() for word in floors.values()} | {*BRIDGED_WORDS.values()}
    words = {*live, "dialling", *EndReason, *Mode, *Direction, *Floor, *Timer}
    words |= {decision_words(kind) for kind in (*get_args(CallInput), *get_args(Effect))}

    assert set(table()["record"]) == words
    assert [outcome for outcome in WaiterOutcome if chinese()(outcome) == outcome] == []


def test_no_sentence_has_two_entries() -> None:
    counted = Counter(shape_of(text) for section in SECTIONS for text in table()[section])

    assert [shape for shape, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("section", SECTIONS)
def test_both_languages_have_the_same_places(section: str) -> None:
    different = [
        english
        for english, other in table()[section].items()
        if sorted(Template(english).names) != sorted(Template(other).names)
    ]

    assert different == []


@pytest.mark.parametrize("section", [*SECTIONS, "record"])
def test_chinese_has_full_width_punctuation_and_no_blanks_between_its_words(section: str) -> None:
    assert [other for other in table()[section].values() if HALF_WIDTH.search(other)] == []
    assert [other for other in table()[section].values() if PARTED.search(other)] == []


def test_every_sentence_is_recognised_once_its_places_are_filled() -> None:
    translate = chinese()
    misread = []
    for english, other in table()["sentences"].items():
        values = {name: f"<{number}>" for number, name in enumerate(Template(english).names)}
        if translate(english.format_map(values)) != other.format_map(values):
            misread.append(english)

    assert misread == []


def test_whatever_is_excepted_exists() -> None:
    text = "\n".join(source.text for source in sources())
    names = {source.name for source in sources()}
    names |= {
        f"{source.name}.{name}"
        for source in sources()
        for node in source.tree.body
        for name in names_in(node)
    }

    assert [name for name in NOT_FOR_READERS if name not in names] == []
    assert [shape for shape in NO_SENTENCES if shape[0].strip() not in text] == []

"""The page about what does not work has a row for each finding, end reason and kind of error, and no other."""

import re

import pytest
from support.sources import ROOT

from voice_contracts.errors import ERROR_TABLE
from voice_domain.vocabulary import EndReason
from voice_entrypoints.doctor.sentences import SENTENCES, SUBJECTS

PAGES = ("troubleshooting.md", "troubleshooting.zh-CN.md")
FINDINGS, REASONS, KINDS = 1, 2, 3
SHARED = {"port", "service", "look"}


def names_in(page: str, section: int) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").split("\n## ")[section]
    first = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    return [name for cell in first for name in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize("page", PAGES)
def test_every_finding_has_its_row(page: str) -> None:
    assert names_in(page, FINDINGS) == list(SUBJECTS)


@pytest.mark.parametrize("page", PAGES)
def test_every_end_reason_has_its_row(page: str) -> None:
    assert names_in(page, REASONS) == [reason.value for reason in EndReason]


@pytest.mark.parametrize("page", PAGES)
def test_every_kind_of_error_has_its_row(page: str) -> None:
    assert sorted(names_in(page, KINDS)) == sorted(ERROR_TABLE)


def test_every_sentence_is_about_a_known_subject_and_says_the_same_in_both_languages() -> None:
    assert {key.partition(".")[0] for key in SENTENCES} - SHARED <= set(SUBJECTS)
    for key, sentence in SENTENCES.items():
        assert not sentence.zh.isascii() or sentence.zh == "{problem}", key
        assert places(sentence.zh) <= places(sentence.en) | {"port", "problem"}, key
        assert bool(sentence.remedy_en) == bool(sentence.remedy_zh) == (sentence.state != "ok"), key


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))

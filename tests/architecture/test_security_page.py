"""Every row of the hardening checklist is held by tests that exist, and the security page says the same."""

import re
from pathlib import Path

import pytest
from support.hardening import ROWS
from support.sources import ROOT

PAGES = (ROOT / "docs" / "security.md", ROOT / "docs" / "security.zh-CN.md")
_NAMED = re.compile(r"`(tests/[\w/]+\.py::test_\w+)`")


def named(page: Path) -> list[tuple[str, ...]]:
    """Return the tests of each numbered promise of a page."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return [tuple(_NAMED.findall(line)) for line in lines if re.match(r"\| \d+ \|", line)]


def exists(test: str) -> bool:
    path, _, name = test.partition("::")
    file = ROOT / path
    return (
        file.is_file()
        and re.search(rf"^(async )?def {name}\(", file.read_text(encoding="utf-8"), re.MULTILINE) is not None
    )


def test_no_row_is_missing_and_every_row_has_a_test_on_the_pages_in_its_order() -> None:
    assert len(ROWS) == 22
    for page in PAGES:
        assert named(page)[: len(ROWS)] == list(ROWS.values())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_promise_of_the_security_page_names_tests_and_each_of_them_exists(page: Path) -> None:
    promises = named(page)

    assert len(promises) > len(ROWS)
    assert () not in promises
    assert [test for tests in promises for test in tests if not exists(test)] == []


def test_both_languages_of_the_security_page_name_the_same_tests() -> None:
    english, chinese = PAGES

    assert named(english) == named(chinese)

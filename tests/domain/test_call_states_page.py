"""The page about the states of a call is made from the tables."""

import runpy
from pathlib import Path

import pytest

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "render_call_states.py"))


@pytest.mark.parametrize(("path", "page"), [("PAGE", "page"), ("PAGE_IN_CHINESE", "page_in_chinese")])
def test_the_pages_are_what_the_tables_say(path: str, page: str) -> None:
    written = SCRIPT[path].read_text(encoding="utf-8")

    assert written == SCRIPT[page](), "run: python docs/render_call_states.py"


def test_a_check_of_an_up_to_date_page_finds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert SCRIPT["main"](["--check"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("page", ["page", "page_in_chinese"])
def test_the_pages_show_every_timer_and_every_end_reason(page: str) -> None:
    text = SCRIPT[page]()

    names = [each.value for kind in (SCRIPT["Timer"], SCRIPT["EndReason"]) for each in kind]
    assert [name for name in names if f"| `{name}` | " not in text] == []

"""The programs on the page about embedding are run as they stand there."""

import subprocess
import sys

import pytest
from support.documents import blocks

EXPECTED = {
    "embedding.md": ["completed", "On Friday, please. - hangup-bot"],
    "embedding.zh-CN.md": ["completed", "星期五吧。 - hangup-bot"],
}


@pytest.mark.parametrize("page", sorted(EXPECTED))
def test_every_program_of_the_page_prints_what_it_says(page: str) -> None:
    programs = [block.text for block in blocks("python") if block.page.name == page]
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", program],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for program in programs
    ]
    printed = [process.communicate(timeout=120) for process in started]

    assert [output.strip() for output, _ in printed] == EXPECTED[page]
    assert [errors for _, errors in printed] == ["", ""]

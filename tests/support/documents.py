"""The pages that readers see: their code blocks and links."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import attrs
from support.sources import ROOT

__all__ = ("Block", "Outline", "anchors", "blocks", "commands", "links", "outline", "pages", "sections")

_FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) ", re.MULTILINE)
_TITLE = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
_ITEM = re.compile(r"^\s*(?:[-*]|\d+\.) ", re.MULTILINE)
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")


@attrs.frozen
class Block:
    """One fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        """Where the block begins, as an editor understands it."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@attrs.frozen
class Outline:
    """What a page is made of, whatever its language: section by section, what precedes the first one too."""

    headings: list[int]
    """The level of each."""
    rows: list[int]
    items: list[int]
    blocks: list[list[str]]
    """Their languages."""


def outline(page: Path) -> Outline:
    """Return what *page* is made of."""
    text = page.read_text(encoding="utf-8")
    prose = _FENCE.sub(lambda block: f"```{block['language']}\n", text)
    sections = _HEADING.split(prose)
    return Outline(
        headings=[len(marks) for marks in _HEADING.findall(prose)],
        rows=[sum(line.startswith("|") for line in each.splitlines()) for each in sections[::2]],
        items=[len(_ITEM.findall(each)) for each in sections[::2]],
        blocks=[re.findall(r"^```(\w*)$", each, re.MULTILINE) for each in sections[::2]],
    )


def pages() -> list[Path]:
    """Return every page for readers: those at the root, in docs/ and in ADR/."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "ADR").glob("*.md")])


def blocks(*languages: str) -> list[Block]:
    """Return the fenced blocks of all pages that are written in one of *languages*."""
    return [block for page in pages() for block in _blocks_of(page) if block.language in languages]


def commands(block: Block) -> Iterator[tuple[str, ...]]:
    """Yield the words of each command of a *block* of shell, the program's without its folder."""
    for line in block.text.replace("\\\n", " ").splitlines():
        for part in re.split(r"&&|\|\||[|;]", line.removeprefix("$ ")):
            if words := shlex.split(part, comments=True):
                yield Path(words[0]).name, *words[1:]


def links(page: Path) -> Iterator[str]:
    """Yield the targets of the links of *page* that point into this repository, without their anchors."""
    for target in _targets(page):
        path = target.partition("#")[0]
        if path and ":" not in path:
            yield path


def anchors(page: Path) -> Iterator[tuple[Path, str]]:
    """Yield the page and the section that each link of *page* to a section leads to."""
    for target in _targets(page):
        path, _, section = target.partition("#")
        if section and ":" not in path:
            yield (page.parent / path).resolve() if path else page, section


def sections(page: Path) -> set[str]:
    """Return the names by which links lead to the sections of *page*."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", found["title"].lower()).replace(" ", "-") for found in _TITLE.finditer(text)
    }


def _targets(page: Path) -> Iterator[str]:
    for found in _LINK.finditer(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        yield found["target"]


def _blocks_of(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(page, line, found["language"], found["text"])

"""Tables of plain text that line up, with wide characters too."""

import unicodedata
from collections.abc import Sequence

__all__ = ("columns", "width_of")

_GAP = "  "


def columns(rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> str:
    """Return *rows*, all of one length, as lines of aligned columns; those numbered in *right* align right."""
    if not rows:
        return ""
    widths = [max(width_of(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(_GAP.join(_cells(row, widths, right)).rstrip() for row in rows)


def width_of(text: str) -> int:
    """Return how many terminal cells *text* takes (Unicode standard annex 11)."""
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _cells(row: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> list[str]:
    cells = []
    for at, (text, width) in enumerate(zip(row, widths, strict=True)):
        padding = " " * (width - width_of(text))
        cells.append(padding + text if at in right else text + padding)
    return cells

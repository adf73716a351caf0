"""Takes out of a model's text what is to be seen and not said, while the text arrives."""

import re
from collections.abc import Callable

__all__ = ("Markup",)

_FENCE = "```"
_THINK, _THOUGHT = "<think>", "</think>"
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_LONGEST_LINK = 500
# Pictures say nothing, or are read out by their names. Degrees and currencies lie elsewhere.
_PICTURES = re.compile("[\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\U0001f000-\U0001faff\U000e0000-\U000e007f]")
_ANYWHERE = "`*_~[<!|"
_AT_LINE_START = "#>-+•"
_EMPHASIS = str.maketrans("", "", "*`")


class Markup:
    """Text in, speakable text out, the same however the text is cut; what may yet become markup waits.

    Taken out are the signs of emphasis, code, headings, lists, quotations and tables, the addresses of links, images,
    blocks of code, pictures, and what a model thinks in `<think>` before it speaks. *unwrap* turns a block of code
    into what is to be said of it.
    """

    def __init__(self, unwrap: Callable[[str], str]) -> None:
        self._unwrap = unwrap
        self._pending = ""
        self._before = ""
        self._line_start = True
        self._block: str | None = None
        self._thinking = False

    def push(self, text: str) -> str:
        """Return what can be said of *text* and of what waited."""
        return "".join([self._take(character) for character in text])

    def flush(self) -> str:
        """Return what can be said of what waits: nothing more will come."""
        if self._block is not None:
            block, self._block = self._block, None
            return self._unwrap(block)
        if self._thinking:
            return ""
        pending, self._pending = self._pending, ""
        is_sign = pending[:1] in "`*_#" or pending.startswith(("~~", "---", "|"))
        return "" if is_sign else pending.translate(_EMPHASIS)

    def _take(self, character: str) -> str:
        if self._block is not None:
            return self._in_block(character)
        if self._thinking:
            return self._in_thought(character)
        if self._pending:
            return self._go_on(character)
        if character in _ANYWHERE or (self._line_start and character in _AT_LINE_START):
            self._pending = character
            return ""
        return self._say(character)

    def _say(self, character: str) -> str:
        self._before = character
        self._line_start = character == "\n" or (self._line_start and character.isspace())
        return "" if _PICTURES.match(character) else character

    def _settle(self, said: str, character: str) -> str:
        """What waited is *said*; go on with *character*."""
        self._pending = ""
        return "".join([self._say(each) for each in said]) + self._take(character)

    def _extend(self, character: str) -> str:
        self._pending += character
        return ""

    def _go_on(self, character: str) -> str:
        handlers: dict[str, Callable[[str], str]] = {
            "`": self._backticks,
            "*": self._stars,
            "_": self._underscores,
            "~": self._underscores,
            "[": self._link,
            "!": self._link,
            "<": self._tag,
            "|": self._table,
        }
        return handlers.get(self._pending[0], self._line_mark)(character)

    def _backticks(self, character: str) -> str:
        if character != "`":
            return self._settle("", character)
        self._pending += character
        if self._pending == _FENCE:
            self._pending, self._block = "", ""
        return ""

    def _stars(self, character: str) -> str:
        if character == "*":
            return self._extend(character)
        around = self._before + character
        times = len(self._pending) == 1 and not self._line_start and (around.isdecimal() or around == "  ")
        return self._settle("×" if times else "", character)

    def _underscores(self, character: str) -> str:
        if character == self._pending[0]:
            return self._extend(character)
        if self._pending == "_":
            return self._settle("_" if self._before.isalnum() and character.isalnum() else "", character)
        return self._settle("~" if self._pending == "~" else "", character)

    def _link(self, character: str) -> str:
        if self._pending == "!" and character != "[":
            return self._settle("!", character)
        whole = self._pending + character
        if found := _LINK.fullmatch(whole):
            self._pending = ""
            text = "" if whole.startswith("!") else found[1].translate(_EMPHASIS)
            return "".join([self._say(each) for each in text])
        closed = self._pending.endswith("]") and "](" not in whole
        if character == "\n" or closed or len(whole) > _LONGEST_LINK:
            return self._settle(self._pending.translate(_EMPHASIS), character)
        return self._extend(character)

    def _tag(self, character: str) -> str:
        whole = self._pending + character
        if not _THINK.startswith(whole):
            return self._settle(self._pending, character)
        self._thinking = whole == _THINK
        self._pending = "" if self._thinking else whole
        return ""

    def _table(self, character: str) -> str:
        if self._line_start and character in "|-: \t":
            return self._extend(character)
        is_rule = self._line_start and character == "\n"
        return self._settle("" if is_rule else self._pending.replace("|", " "), character)

    def _line_mark(self, character: str) -> str:
        mark = self._pending[0]
        if character == mark and mark in "#>-":
            return self._extend(character)
        is_rule = mark == "-" and len(self._pending) >= 3 and character == "\n"
        is_mark = character.isspace() and (mark != "-" or len(self._pending) == 1)
        return self._settle("" if is_rule or is_mark else self._pending, character)

    def _in_block(self, character: str) -> str:
        assert self._block is not None  # what we are in
        self._block += character
        if not self._block.endswith(_FENCE):
            return ""
        block, self._block = self._block.removesuffix(_FENCE), None
        return "".join([self._say(each) for each in self._unwrap(block)])

    def _in_thought(self, character: str) -> str:
        self._pending = (self._pending + character)[-len(_THOUGHT) :]
        if self._pending == _THOUGHT:
            self._pending, self._thinking = "", False
        return ""

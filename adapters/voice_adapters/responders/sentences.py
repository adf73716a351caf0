"""Cuts a model's text into sentences while it arrives: the first is spoken while the rest is being thought of."""

import enum
import re

from voice_adapters.responders.markup import Markup
from voice_adapters.responders.spoken_field import SpokenField, spoken_in

__all__ = ("LONGEST_SENTENCE", "SentenceChunker", "SentenceCutter")

LONGEST_SENTENCE = 200
"""Characters; a longer sentence is cut at a comma or a space, so that nobody waits for its end."""

_LEAST_CUT = 40  # nobody wants to hear two words and a pause
_WIDE_ENDS = "。！？；｡"
_ENDS = _WIDE_ENDS + ".!?…"
_CLOSERS = "\"'”’»）)】」』》]"
_CLAUSE_ENDS = re.compile(r"(?<=[,;:–—])\s|(?<=[，、：；])")
_SPACES = re.compile(r"\s")
_WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff65\uac00-\ud7af\U00020000-\U0003ffff]")
_ACRONYM = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]")
_GO_ON = frozenset(
    {
        *("dr", "mr", "mrs", "ms", "mx", "prof", "st", "mt", "rev", "gen", "gov", "hon", "sgt", "capt", "lt"),
        *("vs", "cf", "e.g", "i.e", "approx", "dept", "est", "ft"),
    }
)
"""Words that something follows, whatever its case."""
_MAY_END = frozenset({"a.m", "p.m", "etc", "jr", "sr", "inc", "ltd", "co", "corp", "bros"})
"""Words whose full stop may end a sentence as well: the case of the next word tells."""
_BEFORE_NUMBERS = frozenset({"no", "nos", "fig", "figs", "vol", "pp", "ch", "art", "sec", "ext"})


class _Stop(enum.Enum):
    ENDS = enum.auto()
    GOES_ON = enum.auto()
    ASK_CASE = enum.auto()
    ASK_DIGIT = enum.auto()


class SentenceCutter:
    """Text in, sentences out, the same however the text is cut. A sentence is given with the character that proves it.

    Full stops in numbers, times, addresses, initials and abbreviations end nothing. Sentences are stripped of white
    space; what has no letter or digit is said with what follows it.
    """

    def __init__(self) -> None:
        self._text = ""
        self._ended = False  # whether the text ends like a sentence: an end, closing quotes, white space
        self._spaced = False

    def push(self, text: str) -> list[str]:
        """Return the sentences that *text* completes."""
        return [sentence for character in text for sentence in self._take(character)]

    def flush(self) -> list[str]:
        """Return the last sentence, if any: nothing more will come."""
        rest, self._text, self._ended = self._text.strip(), "", False
        return [rest] if _says_something(rest) else []

    def _take(self, character: str) -> list[str]:
        sentences: list[str] = []
        ends = character == "\n" or (self._ended and self._ends_before(character))
        if ends and _says_something(self._text):
            sentences.append(self._text.strip())
            self._text, self._ended = "", False
        self._append(character)
        if len(self._text) > LONGEST_SENTENCE:
            sentences += self._cut()
        return sentences

    def _append(self, character: str) -> None:
        self._text += character
        if character in _ENDS and not (self._ended and self._spaced):
            self._ended, self._spaced = True, False
        elif character.isspace():
            self._spaced = True
        elif character not in _CLOSERS or self._spaced:
            self._ended = False

    def _ends_before(self, character: str) -> bool:
        if not self._spaced and character in _CLOSERS + _ENDS:
            return False
        told = self._text.rstrip()
        core = told.rstrip(_CLOSERS)
        quoted = core != told
        if core[-1] in _WIDE_ENDS:
            return True
        stop = _stop(core)
        if character.isspace():
            return stop is _Stop.ENDS and not quoted
        if not self._spaced:
            return stop is not _Stop.GOES_ON and _WIDE.match(character) is not None
        if stop is _Stop.ASK_DIGIT:
            return not character.isdecimal()
        return stop is not _Stop.GOES_ON and not character.islower()

    def _cut(self) -> list[str]:
        """Give up the beginning of a sentence that has grown too long."""
        for places in (_CLAUSE_ENDS, _SPACES):
            ends = [found.end() for found in places.finditer(self._text, _LEAST_CUT, LONGEST_SENTENCE)]
            if ends:
                break
        else:
            ends = [LONGEST_SENTENCE]
        beginning, self._text = self._text[: ends[-1]], self._text[ends[-1] :]
        if not _says_something(beginning):
            return []
        return [beginning.strip()]


class SentenceChunker:
    """Text of a model in, sentences to speak out: JSON around it and markup in it are taken off on the way."""

    def __init__(self) -> None:
        self._field = SpokenField()
        self._markup = Markup(lambda block: spoken_in(block) or "")
        self._cutter = SentenceCutter()

    def push(self, text: str) -> list[str]:
        """Return the sentences that *text* completes."""
        return self._cutter.push(self._markup.push(self._field.push(text)))

    def flush(self) -> list[str]:
        """Return what is left: nothing more will come."""
        sentences = self._cutter.push(self._markup.push(self._field.flush()))
        sentences += self._cutter.push(self._markup.flush())
        return sentences + self._cutter.flush()


def _says_something(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _stop(core: str) -> _Stop:
    """Tell what the last character of *core*, one of `.!?…`, does to the sentence."""
    if core.endswith(("..", "…")):
        return _Stop.ASK_CASE
    if core[-1] != ".":
        return _Stop.ENDS
    word = re.split(r"[\s\"'“‘(（「『\[]", core[:-1])[-1]
    plain = word.lower()
    if plain in _MAY_END:
        return _Stop.ASK_CASE
    if plain in _BEFORE_NUMBERS:
        return _Stop.ASK_DIGIT
    is_initial = len(word) == 1 and word.isupper() and word != "I"
    is_list_number = word.isdecimal() and core.strip() == f"{word}."
    if plain in _GO_ON or is_initial or is_list_number or _ACRONYM.fullmatch(word):
        return _Stop.GOES_ON
    return _Stop.ENDS

"""Cuts a text into sentences, each with the language it is to be read in."""

import re
import unicodedata
from collections.abc import Iterator

import attrs

__all__ = ("LONGEST_SENTENCE", "Sentence", "sentences")

LONGEST_SENTENCE = 200
"""Characters; a longer sentence is cut at a comma or a space, so that nobody waits for the end of it."""

_HAN = re.compile("[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LATIN = re.compile("[A-Za-zÀ-ɏ]")
_ENDS = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；…\n])")  # "3.14" and "a.m." go on: no space follows
_SOFT_ENDS = re.compile(r"(?<=[,，、：:])|(?<=\s)")

_MANDARIN, _BRITISH, _AMERICAN = "cmn", "en-gb", "en-us"


@attrs.frozen
class Sentence:
    """A stretch of text without control characters, and its language: ``en-us``, ``en-gb`` or ``cmn``."""

    text: str
    language: str


def _plain(text: str) -> str:
    # Control, format, surrogate, private and unassigned code points say nothing, and some end a C string.
    return "".join(
        character if character == "\n" or unicodedata.category(character)[0] != "C" else " "
        for character in text
    )


def _language(text: str, locale: str) -> str:
    """Chinese characters are always read in Chinese; what has no letters follows the locale."""
    chinese = locale.casefold().startswith(("zh", "cmn"))
    if _HAN.search(text) or (chinese and not _LATIN.search(text)):
        return _MANDARIN
    return _BRITISH if locale.casefold().replace("_", "-").startswith("en-gb") else _AMERICAN


def _short(sentence: str) -> Iterator[str]:
    while len(sentence) > LONGEST_SENTENCE:
        ends = [end.start() for end in _SOFT_ENDS.finditer(sentence, 1, LONGEST_SENTENCE)]
        end = ends[-1] if ends else LONGEST_SENTENCE
        yield sentence[:end]
        sentence = sentence[end:]
    yield sentence


def _says_something(text: str) -> bool:
    return any(unicodedata.category(character)[0] in "LNS" for character in text)


def sentences(text: str, locale: str) -> tuple[Sentence, ...]:
    """What is to be read, in order; empty if *text* has no letter, digit or symbol. *locale* is BCP 47."""
    return tuple(
        Sentence(piece.strip(), _language(piece, locale))
        for sentence in _ENDS.split(_plain(text))
        for piece in _short(sentence)
        if _says_something(piece)
    )

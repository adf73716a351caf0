"""A text in the pieces in which it is spoken, understood, or written by a model."""

import re

__all__ = ("words_of",)


def words_of(text: str) -> list[str]:
    """Return *text* word by word, each with the blank before it, and Chinese character by character.

    Joined, they are the text again.
    """
    return re.findall(r"\s*[\u2e80-\uffef]|\s*[^\s\u2e80-\uffef]+|\s+", text)

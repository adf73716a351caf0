"""A sentence of the doctor's in both languages, with its remedy and its weight."""

from typing import Literal, TypeAlias

import attrs

__all__ = ("Sentence", "State", "failed", "fine", "warning")

State: TypeAlias = Literal["ok", "warning", "failed"]


@attrs.frozen
class Sentence:
    """What is said; values stand in braces."""

    state: State
    """`failed` keeps calls from being placed or taken as the settings want it; a `warning` does not yet."""
    en: str
    zh: str
    remedy_en: str = ""
    remedy_zh: str = ""


def fine(en: str, zh: str) -> Sentence:
    """Return a sentence about something that is as it should be."""
    return Sentence("ok", en, zh)


def warning(en: str, zh: str, remedy_en: str, remedy_zh: str) -> Sentence:
    """Return a sentence about something that will do for now."""
    return Sentence("warning", en, zh, remedy_en, remedy_zh)


def failed(en: str, zh: str, remedy_en: str, remedy_zh: str) -> Sentence:
    """Return a sentence about something that has to be changed."""
    return Sentence("failed", en, zh, remedy_en, remedy_zh)

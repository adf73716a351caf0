"""How errors put it: what a rule expects, what was found, and which known key is nearest to an unknown one."""

import functools
from collections.abc import Mapping
from typing import Any, Final

from voice_contracts.settings_rules import (
    Choice,
    Flag,
    Free,
    Hidden,
    ListOf,
    MapOf,
    Number,
    Rule,
    Section,
    Text,
    Whole,
    fields_of,
)

__all__ = ("but_found", "expected", "kind_of_value", "nearest_key", "nearest_word")

_LONGEST_COMPARED = 60


_KINDS: Final[Mapping[type, str]] = {
    Flag: "true or false",
    Whole: "a number",
    Number: "a number",
    Text: "text",
    Hidden: "text",
    Choice: "text",
    ListOf: "a list",
    MapOf: "an object",
    Section: "an object",
    Free: "an object",
}
_NOT_EMPTY: Final = "text that is not empty"


def expected(rule: Rule) -> str:
    """Say what *rule* asks for, to follow the word "Expected"."""
    match rule:
        case Whole(least, most):
            return f"a whole number from {least} to {most}"
        case Number(least, most):
            return f"a number from {least:g} to {most:g}"
        case Text(pattern, words, _, empty, blank_is_absent):
            return words if pattern is not None or empty or blank_is_absent else _NOT_EMPTY
        case Choice(choices):
            return f"one of {', '.join(choices)}"
        case Hidden():
            return _NOT_EMPTY
        case _:
            return _KINDS[type(rule)]


def but_found(rule: Rule, value: Any) -> str:
    """Say what kind of value was found, to follow `expected`; empty if the kind was right."""
    found = kind_of_value(value)
    if found == _KINDS[type(rule)]:
        return ""
    remedy = "; remove the key to use the default" if value is None else ""
    return f", not {found}{remedy}"


def kind_of_value(value: Any) -> str:
    """Name the kind of a JSON value, without the value."""
    kinds: tuple[tuple[Any, str], ...] = (
        (type(None), "null"),
        (bool, "true or false"),
        (int | float, "a number"),
        (str, "text"),
        (list | tuple, "a list"),
        (Mapping, "an object"),
    )
    return next(
        (name for kind, name in kinds if isinstance(value, kind)), "something that JSON does not know"
    )


def nearest_word(word: str, choice: Choice) -> str:
    """Return a hint for *word*, which is none of the choices; empty if none is near."""
    near = _nearest(word, choice.words, cutoff=0.6)
    return f' (did you mean "{near}"?)' if near else ""


def nearest_key(key: str, holder: type, *, top: bool) -> tuple[str, ...]:
    """Return the path, from *holder*, of the known key that *key* most likely means.

    At the *top* a key that is right but stands outside its section is found too.
    """
    siblings = tuple(field.wire for field in fields_of(holder))
    if top and _nearest(key, siblings, cutoff=0.8) is None:
        for path in _nested_keys(holder):
            if path[-1] == key:
                return path
    return (_nearest(key, siblings, cutoff=0.0) or siblings[0],)


@functools.cache
def _nested_keys(holder: type) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (field.wire, inner.wire)
        for field in fields_of(holder)
        if isinstance(field.rule, Section)
        for inner in fields_of(field.rule.holder)
    )


def _nearest(word: str, known: tuple[str, ...], *, cutoff: float) -> str | None:
    from difflib import SequenceMatcher  # only needed when something is wrong

    matcher = SequenceMatcher(b=word[:_LONGEST_COMPARED].casefold())
    best, best_ratio = None, cutoff
    for candidate in known:
        matcher.set_seq1(candidate.casefold())
        ratio = matcher.ratio()
        if ratio > best_ratio:
            best, best_ratio = candidate, ratio
    return best

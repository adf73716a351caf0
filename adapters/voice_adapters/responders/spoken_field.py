"""Models that were taught to answer with `{"spoken": "…"}`: what they say is in it."""

import json
import re

__all__ = ("SpokenField", "spoken_in")

_OPENING = re.compile(r'\s*\{\s*"spoken"\s*:\s*"')
_INLINE = re.compile(r'"spoken"\s*:\s*("(?:[^"\\]|\\.)*")', re.DOTALL)
_HIGH_SURROGATE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}")
_ESCAPE = re.compile(r"\\(?:[^u]|u[0-9a-fA-F]{4})")


def spoken_in(text: str) -> str | None:
    """Return what *text* says in its field `spoken`; None if it has none.

    Understood are a JSON object, one among other text, and a field in the middle of something broken.
    """
    for candidate in (text, text[text.find("{") : text.rfind("}") + 1]):
        try:
            value = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        spoken = value.get("spoken") if isinstance(value, dict) else None
        if isinstance(spoken, str):
            return spoken
    inline = _INLINE.search(text)
    return _decoded(inline[1]) if inline else None


def _decoded(literal: str) -> str | None:
    try:
        value = json.loads(literal, strict=False)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


class SpokenField:
    """Text in, what is spoken of it out as soon as it can be known.

    A text that does not begin with a brace is passed on as it is. One that does is waited for, unless `spoken` comes
    first in it: then its words are given while they arrive.
    """

    def __init__(self) -> None:
        self._held = ""
        self._passing = False
        self._spoken = False
        self._over = False
        self._escape = ""

    def push(self, text: str) -> str:
        """Return what can be said of *text* and of what waited."""
        return text if self._passing else "".join([self._take(character) for character in text])

    def flush(self) -> str:
        """Return what can be said of what waits: nothing more will come."""
        if self._passing or self._spoken:
            return ""
        spoken = spoken_in(self._held)
        return self._held if spoken is None else spoken

    def _take(self, character: str) -> str:
        if self._passing:
            return character
        if self._spoken:
            return self._in_string(character)
        self._held += character
        if not self._held.lstrip().startswith("{"):
            self._passing = bool(self._held.strip())
            return self._held if self._passing else ""
        self._spoken = character == '"' and _OPENING.fullmatch(self._held) is not None
        return ""

    def _in_string(self, character: str) -> str:
        if self._over:
            return ""
        if self._escape:
            return self._in_escape(character)
        if character == "\\":
            self._escape = character
            return ""
        self._over = character == '"'
        return "" if self._over else character

    def _in_escape(self, character: str) -> str:
        self._escape += character
        # Half of a pair waits for the other half.
        last = self._escape[6:] if _HIGH_SURROGATE.match(self._escape) else self._escape
        if not _ESCAPE.fullmatch(last):
            broken = len(last) > 5 or (last and not last.startswith("\\"))
            if broken:
                self._escape = ""
            return ""
        escape, self._escape = self._escape, ""
        return _decoded(f'"{escape}"') or ""

"""What somebody typed where a number is wanted, read character by character, before it has a meaning."""

import re
import unicodedata

import attrs

__all__ = ("DialledText", "read_dialled_text")

_LONGEST_TEXT = 200
_SEPARATORS = frozenset("-.()[]/~·_‐‒–—―−")
# Telephone books write `x12`, `ext. 12`, `分机12`, `转12`, `#12`, or commas and `w` for pauses.
_EXTENSION = re.compile(r"(?:\bext(?:ensio)?n?\b|分机|转|[x,w#]+)[\s.:=]*([0-9]*)\D*$")


@attrs.frozen
class DialledText:
    """The digits of one number as typed, all of them ASCII, and what else was there."""

    digits: str
    """Every digit of the number itself, in order; may be empty."""
    international: bool
    """Whether a plus sign came first."""
    extension: str | None
    """Digits to be sent after the answer; empty when only the marker was there."""
    strange: str
    """The first character that belongs in no phone number, or empty."""


def read_dialled_text(raw: str) -> DialledText:
    """Read *raw* in any of the ways people and programs write numbers; never fails.

    Full-width and other scripts' digits become ASCII, invisible characters vanish, `tel:` and its parameters
    (RFC 3966) are understood. What lies beyond 200 characters counts as strange: no number is that long.
    """
    address, *parameters = _plain(raw[:_LONGEST_TEXT]).removeprefix("tel:").split(";")
    number, extension = _without_extension(address)
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name == "ext":
            extension = value
        # RFC 3966, section 5.1.5: a local number is complete within its context, a global prefix or a domain.
        if name == "phone-context" and value.startswith("+") and _first_mark(number) != "+":
            number = value + number
    return DialledText(
        digits="".join(char for char in number if char.isdecimal()),
        international=_first_mark(number) == "+",
        extension=extension,
        strange="…" if len(raw) > _LONGEST_TEXT else _strange_in(number),
    )


def _plain(raw: str) -> str:
    return "".join(map(_plain_character, raw)).strip().lower()


def _plain_character(char: str) -> str:
    """Give the ASCII of a digit or a wide sign; what is invisible (category Cf) is nothing.

    A superscript or a circled digit stays what it is: it may be the mark of a footnote.
    """
    if unicodedata.category(char) == "Cf":
        return ""
    decimal = unicodedata.decimal(char, None)
    if decimal is not None:
        return str(decimal)
    compatible = unicodedata.normalize("NFKC", char)
    return char if any(map(str.isdecimal, compatible)) else compatible


def _without_extension(address: str) -> tuple[str, str | None]:
    """Part the number from what follows a marker; a marker in front is a service code, not an extension."""
    found = _EXTENSION.search(address)
    if found is None or not any(map(str.isdecimal, address[: found.start()])):
        return address, None
    if not _first_mark(address).isdecimal() and _first_mark(address) != "+":
        return address, None
    return address[: found.start()], found[1]


def _first_mark(number: str) -> str:
    return next((char for char in number if char not in _SEPARATORS and not char.isspace()), "")


def _strange_in(number: str) -> str:
    """One plus sign in front is at home; a second one is as strange as a letter."""
    rest = number.replace("+", "", 1) if _first_mark(number) == "+" else number
    strange = (char for char in rest if not (char.isdecimal() or char.isspace() or char in _SEPARATORS))
    return next(strange, "")

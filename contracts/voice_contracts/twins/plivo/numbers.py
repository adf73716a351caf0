"""Numbers as Plivo writes them: with the country code, without a plus sign."""

import re

__all__ = ("read_number", "written")


def read_number(text: str) -> str | None:
    """Return *text* as E.164, its plus sign given or not; None if it is no number (ITU-T E.164)."""
    found = re.fullmatch(r"\+?([1-9][0-9]{6,14})", text)
    return f"+{found[1]}" if found else None


def written(number: str) -> str:
    """Return a number as it stands in webhooks and answers."""
    return number.removeprefix("+")

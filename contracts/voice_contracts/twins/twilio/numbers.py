"""Which texts Twilio takes for a number."""

import re

__all__ = ("is_number",)


def is_number(text: str) -> bool:
    """Whether *text* is E.164: a plus and at most 15 digits, the first not 0 (ITU-T E.164)."""
    return re.fullmatch(r"\+[1-9][0-9]{6,14}", text) is not None

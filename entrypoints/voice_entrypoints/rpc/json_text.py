"""JSON text in and out: strict in, one line out."""

import json
from typing import Any, Final

import msgspec

__all__ = ("MESSAGE_LIMIT", "NotJsonError", "json_line", "read_json")

MESSAGE_LIMIT: Final = 1 << 20
"""Bytes of the largest message on any way in."""


class NotJsonError(ValueError):
    """The text is not JSON (RFC 8259), or is nested deeper than any request."""


def read_json(text: str | bytes) -> Any:
    """Return what *text* means.

    Raises:
        NotJsonError: if it is not JSON in UTF-8; NaN and its kind are not.
    """
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise NotJsonError(str(error)) from error
    except RecursionError as error:
        raise NotJsonError("it is nested too deeply") from error


def json_line(value: Any) -> str:
    """Return *value* as one line of JSON, so that lines can frame messages."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

"""What a service says about a refusal, made fit for an error message: short, one line, without keys."""

import json
import re
from typing import Any

__all__ = ("json_object", "shown")

_LONGEST = 200
_KEYS = re.compile(r"(?<!\w)(?:sk|pk|rk)[-_][\w*.-]{3,}", re.IGNORECASE)


def json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in *body*; empty if it is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def shown(text: object, *secrets: str) -> str:
    """Return *text* on one line, at most 200 characters of it, without *secrets* and whatever looks like a key."""
    line = " ".join(str(text).split()) if text else ""
    for secret in secrets:
        if secret:
            line = line.replace(secret, "[key]")
    line = "".join(character for character in _KEYS.sub("[key]", line) if character.isprintable())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"

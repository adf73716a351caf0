"""The fields of one entry of a mock webhook, each checked as it is read."""

from collections.abc import Mapping
from math import inf
from typing import Any

import attrs

from voice_domain.e164 import InvalidNumberError, PhoneNumber, parse_number
from voice_domain.ports.webhook_reader import BadWebhookError
from voice_domain.vocabulary import Direction

__all__ = ("Fields",)

_WITHHELD = {"", "anonymous", "restricted", "unknown", "private", "unavailable"}


@attrs.frozen
class Fields:
    """An entry and its place in the document.

    A field that is missing, or null, has the default; every method raises BadWebhookError for one of a wrong type.
    """

    entry: Mapping[str, Any]
    place: str

    def text(self, name: str, default: str) -> str:
        """Return a text, the empty one included."""
        value = self.entry.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self._bad(name, "text")
        return value.encode("utf-8", "replace").decode()  # JSON may hold half a character; nothing else may

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.entry.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self._bad(name, "true or false")
        return value

    def number(self, name: str, default: int) -> int:
        """Return a whole number of at least 0; of one with a fraction, the whole part."""
        value = self.entry.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < inf:
            raise self._bad(name, "a number of milliseconds, 0 or more")
        return int(value)

    def share(self, name: str) -> float | None:
        """Return a number from 0 to 1; None if it is missing."""
        value = self.entry.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise self._bad(name, "a number from 0 to 1")
        return float(value)

    def direction(self) -> Direction | None:
        """Return the direction; None if it is missing."""
        word = self.text("direction", "")
        if word and word not in {direction.value for direction in Direction}:
            raise self._bad("direction", "`inbound` or `outbound`")
        return Direction(word) if word else None

    def phone_number(self, name: str) -> PhoneNumber | None:
        """Return a number; None if it is missing or withheld."""
        text = self.text(name, "").strip()
        if text.casefold() in _WITHHELD:
            return None
        try:
            return parse_number(text, region=None)
        except InvalidNumberError as error:
            raise self._bad(
                name, "a phone number such as +15550001234, or empty for a withheld one"
            ) from error

    def _bad(self, name: str, wanted: str) -> BadWebhookError:
        return BadWebhookError(f"{self.place}.{name} of the mock webhook must be {wanted}")

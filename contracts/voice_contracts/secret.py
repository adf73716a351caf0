"""A secret: text that nothing prints by accident."""

from typing import Final

import attrs

__all__ = ("HIDDEN", "Secret")

HIDDEN: Final = "***"
"""What stands where a secret would be shown."""


@attrs.frozen(repr=False, str=False, eq=False, order=False)
class Secret:
    """A credential; `str`, `repr`, formatting and errors show `***`, only `reveal` gives the text.

    Two secrets are compared in constant time, so that a comparison tells nothing about where they differ.
    """

    _text: str

    def reveal(self) -> str:
        """Return the text itself; pass it on at once and store it nowhere."""
        return self._text

    def __repr__(self) -> str:
        return HIDDEN

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, _spec: str, /) -> str:
        return HIDDEN

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        from hmac import compare_digest  # brings OpenSSL along, which reading settings does not need

        return compare_digest(_octets(self), _octets(other))

    def __hash__(self) -> int:
        return hash(("secret", self._text))


def _octets(secret: Secret) -> bytes:
    return secret.reveal().encode("utf-8", "surrogatepass")

"""The time of day, and names that nobody has had before: both come from outside the domain."""

from typing import Protocol

from voice_domain.identity import CallId

__all__ = ("Clock", "Identities")


class Clock(Protocol):
    """Tells what time it is."""

    def now_ms(self) -> int:
        """Return epoch milliseconds; never goes backwards within a process."""
        ...


class Identities(Protocol):
    """Makes names."""

    def new_call_id(self) -> CallId:
        """Return a name that no call has had (a UUID in text form)."""
        ...

    def new_token(self) -> str:
        """Return unguessable text of at least 128 bits, safe in a URL path."""
        ...

    def new_pairing_code(self) -> str:
        """Return six random digits."""
        ...

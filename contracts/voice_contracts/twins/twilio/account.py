"""The account that the twin has, and what belongs to it."""

from collections.abc import Mapping

import attrs

from voice_contracts.twins.callee import Callee

__all__ = ("NumberSettings", "TwilioAccount")


@attrs.frozen
class NumberSettings:
    """What the console says about one of the account's numbers."""

    voice_url: str
    """Asked for a document when the number is called."""
    voice_method: str = "POST"
    status_callback: str | None = None
    """Told when a call to the number has ended."""
    fallback_url: str | None = None
    """Asked when that one fails."""
    trunk_sid: str | None = None
    """The trunk that takes its calls instead; None: the URL is asked."""


@attrs.frozen
class TwilioAccount:
    """Credentials, numbers, limits, and who answers where."""

    sid: str = "AC00000000000000000000000000000001"
    token: str = attrs.field(default="test-auth-token-0123456789abcdef", repr=False)
    numbers: Mapping[str, NumberSettings | None] = attrs.field(factory=dict)
    """The account's numbers; None: nothing is set up for calls to it. Calls can only be placed from these."""
    callees: Mapping[str, Callee] = attrs.field(factory=dict)
    """Who answers a number; a key that ends in `*` is a prefix."""
    verified: frozenset[str] | None = None
    """What a trial account may dial; None: a paid account, which may dial anything."""
    status: str = "active"
    """Or `suspended`, or `closed`."""
    calls_per_second: float | None = None
    """Calls beyond this rate wait in the queue; None: no limit."""

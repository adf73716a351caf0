"""The account that the twin has, and what belongs to it."""

from collections.abc import Mapping

import attrs

from voice_contracts.twins.callee import Callee

__all__ = ("Application", "PlivoAccount")


@attrs.frozen
class Application:
    """What the console says about calls to a number."""

    answer_url: str
    """Asked for a document when the number is called."""
    answer_method: str = "POST"
    hangup_url: str | None = None
    """Told when a call to the number has ended."""
    hangup_method: str = "POST"
    fallback_url: str | None = None
    """Asked when the answer URL fails."""
    fallback_method: str = "POST"
    message_url: str | None = None
    """Told of text messages, which are no business of a gateway's."""
    message_method: str = "POST"
    logs_messages: bool = True
    """Whether the text of messages is kept in Plivo's logs."""


@attrs.frozen
class PlivoAccount:
    """Credentials, numbers, limits, and who answers where."""

    auth_id: str = "MATW1NTW1NTW1NTW1NTW"
    token: str = attrs.field(default="twin-auth-token-0123456789abcdef", repr=False)
    main_token: str | None = attrs.field(default=None, repr=False)
    """The token of the main account, where `auth_id` names a subaccount; None: the same."""
    numbers: Mapping[str, Application | None] = attrs.field(factory=dict)
    """The account's numbers, E.164; None: nothing is set up for calls to it. Calls can only be placed from these."""
    callees: Mapping[str, Callee] = attrs.field(factory=dict)
    """Who answers a number; a key that ends in `*` is a prefix."""
    verified: frozenset[str] | None = None
    """What a trial account may dial; None: a paid account, which may dial anything."""
    credit: str = "25.00000"
    """What is left of its money."""
    calls_per_second: float | None = None
    """Calls beyond this rate wait in the queue; None: no limit."""
    signs: frozenset[str] = frozenset({"V3", "V2"})
    """Which versions of the signature webhooks carry."""
    callee_word: str = "Callee"
    """The word for a callee who hung up: some of Plivo's pages say `Call recipient`."""

"""Names by which calls and their parts are told apart; all are opaque text chosen outside the domain."""

from typing import Final, NewType

__all__ = ("LONGEST_NAME", "CallId", "CarrierCallId", "SpeechId", "WaiterId", "is_plain_name")

LONGEST_NAME: Final = 256
"""Characters of a name that a carrier may give a call; theirs have between 24 and about 120."""

CallId = NewType("CallId", str)
"""Our name for one call."""

CarrierCallId = NewType("CarrierCallId", str)
"""The carrier's name for the same call; it may change once (a request id first, then a call id)."""

SpeechId = NewType("SpeechId", str)
"""One thing that we say: an opening, a command's message, or a whole reply in several parts."""

WaiterId = NewType("WaiterId", str)
"""Whoever waits for the counterpart's next final utterance; at most one a call."""


def is_plain_name(name: str) -> bool:
    """Whether *name* may be a carrier's for a call: printable ASCII without blanks, and not too much of it.

    It becomes part of records, paths of requests and lines of logs, where nothing else may hide in it.
    """
    return 0 < len(name) <= LONGEST_NAME and all("!" <= character <= "~" for character in name)

"""Names by which calls and their parts are told apart; all are opaque text chosen outside the domain."""

from typing import NewType

__all__ = ("CallId", "CarrierCallId", "SpeechId", "WaiterId")

CallId = NewType("CallId", str)
"""Our name for one call."""

CarrierCallId = NewType("CarrierCallId", str)
"""The carrier's name for the same call; it may change once (a request id first, then a call id)."""

SpeechId = NewType("SpeechId", str)
"""One thing that we say: an opening, a command's message, or a whole reply in several parts."""

WaiterId = NewType("WaiterId", str)
"""Whoever waits for the counterpart's next final utterance; at most one a call."""

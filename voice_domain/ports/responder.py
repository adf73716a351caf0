"""Who decides what to say next: a language model, a host's own function, or an echo."""

from collections.abc import AsyncIterator
from typing import ClassVar, Protocol

import attrs

from voice_domain.errors import VoiceError
from voice_domain.identity import CallId
from voice_domain.transcript import Entry
from voice_domain.vocabulary import Direction

__all__ = ("ReplyError", "ReplyRequest", "Responder")


class ReplyError(VoiceError):
    """No answer could be made."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, service: str, problem: str) -> None:
        super().__init__(f"The responder {service} failed: {problem}")
        self.service = service


@attrs.frozen(kw_only=True)
class ReplyRequest:
    """One utterance of the counterpart, and what a responder may know of its call."""

    call_id: CallId
    turn: int
    utterance: str
    transcript: tuple[Entry, ...]
    """Everything said before and including the utterance."""
    locale: str
    direction: Direction
    session_key: str
    """Calls with the same key belong to one conversation."""
    counterpart: str | None
    """The counterpart's number as E.164; None when withheld. It is a claim of the network, not an identity."""
    called_number: str | None = None
    """Which of our numbers they called, as E.164; None in a call that we placed."""


class Responder(Protocol):
    """Answers utterances."""

    def reply(self, request: ReplyRequest) -> AsyncIterator[str]:
        """Yield the answer, sentence by sentence, as early as each exists; nothing to stay silent.

        Leaving the iteration early (`aclose`) stops the work: a newer utterance has made it obsolete.

        Raises:
            ReplyError: while iterating.
        """
        ...

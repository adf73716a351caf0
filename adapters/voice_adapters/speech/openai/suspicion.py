"""When a transcription service that says nothing is to be asked whether it still listens, and when it is given up.

A socket may live, and answer its pings, long after the service behind it has stopped listening. A voice on the line is
what it should tell of; one that it does not tell of may be a noise, so it is asked something that it has to answer.
"""

import enum

__all__ = ("Suspicion", "Verdict")

_TELL_SECONDS = 2.0  # how long after a voice has begun the service may be silent
_ANSWER_SECONDS = 3.0


class Verdict(enum.Enum):
    """What to do about a service."""

    TRUST = "trust"
    ASK = "ask"
    GIVE_UP = "give up"


class Suspicion:
    """Knows since when a service owes us an event. Times are the event loop's, in seconds."""

    def __init__(self) -> None:
        self._voice_at: float | None = None
        self._asked_at: float | None = None

    @property
    def owed(self) -> bool:
        """Whether an event is waited for."""
        return self._voice_at is not None or self._asked_at is not None

    def voice_began(self, now: float) -> None:
        """A voice was noticed by its energy."""
        if self._voice_at is None:
            self._voice_at = now

    def told(self) -> None:
        """The service has said something, whatever it was."""
        self._voice_at = self._asked_at = None

    def judge(self, now: float) -> Verdict:
        """Return what to do now; that it is to be asked is said once."""
        if self._asked_at is not None:
            return Verdict.GIVE_UP if now - self._asked_at >= _ANSWER_SECONDS else Verdict.TRUST
        if self._voice_at is None or now - self._voice_at < _TELL_SECONDS:
            return Verdict.TRUST
        self._asked_at = now
        return Verdict.ASK

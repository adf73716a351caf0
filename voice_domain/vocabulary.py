"""The closed sets of words that describe a call: direction, speaker, end reason."""

from enum import StrEnum

__all__ = ("Direction", "EndReason", "Purpose", "Speaker")


class Direction(StrEnum):
    """Who dialled, seen from us."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Speaker(StrEnum):
    """Whose words a transcript entry holds."""

    US = "bot"
    COUNTERPART = "user"


class EndReason(StrEnum):
    """Why a call is over; the values are also the terminal words of the outside state."""

    COMPLETED = "completed"
    """A notify message was heard and we hung up, or the carrier says no more than that the call is over."""
    HANGUP_USER = "hangup-user"
    """The counterpart hung up."""
    HANGUP_BOT = "hangup-bot"
    """We hung up: asked to, after a goodbye, or because an inbound call was refused."""
    TIMEOUT = "timeout"
    """The longest duration was over."""
    ERROR = "error"
    """Something broke while the call lived: the line, the media stream, or a notify message's voice."""
    FAILED = "failed"
    """The call did not come about: the carrier refused the dial, or could not answer for us."""
    NO_ANSWER = "no-answer"
    """Nobody answered in time, whoever noticed it."""
    BUSY = "busy"
    """The counterpart's line was engaged."""
    VOICEMAIL = "voicemail"
    """A machine answered."""


class Purpose(StrEnum):
    """Why we say something; rules differ for the first and the last thing said."""

    OPENING = "opening"
    COMMAND = "command"
    REPLY = "reply"
    APOLOGY = "apology"
    FAREWELL = "farewell"

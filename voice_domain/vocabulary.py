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
    HANGUP_USER = "hangup-user"
    HANGUP_BOT = "hangup-bot"
    TIMEOUT = "timeout"
    ERROR = "error"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"


class Purpose(StrEnum):
    """Why we say something; rules differ for the first and the last thing said."""

    OPENING = "opening"
    COMMAND = "command"
    REPLY = "reply"
    APOLOGY = "apology"
    FAREWELL = "farewell"

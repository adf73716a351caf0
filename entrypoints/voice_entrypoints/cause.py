"""What really went wrong, where several things did, and how much of it a person is shown."""

from typing import Final

from voice_domain.errors import VoiceError

__all__ = ("DEBUG_VARIABLE", "FAILED", "cause_of")

DEBUG_VARIABLE: Final = "VOICECALL_DEBUG"
"""When set to anything, an unexpected error shows its traceback."""

FAILED: Final = 1
"""The exit code of a program that did not do what it was asked."""


def cause_of(error: BaseException) -> BaseException:
    """Return what really happened: of several errors at once one that we raised on purpose, else the first."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    causes = [cause_of(each) for each in error.exceptions]
    return next((each for each in causes if isinstance(each, VoiceError)), causes[0])

"""How a program that only talks to other programs ends: an exit code, and one sentence when it fails."""

import os
import sys
from collections.abc import Callable

from voice_contracts.errors import exit_code_of
from voice_domain.errors import VoiceError
from voice_entrypoints.cause import DEBUG_VARIABLE, FAILED, cause_of

__all__ = ("exit_code",)

_INTERRUPTED = 130  # what shells make of SIGINT: 128 + 2


def exit_code(work: Callable[[], int]) -> int:
    """Do *work* and return its exit code, or that of its error, told in one sentence on standard error."""
    try:
        return work()
    except BaseException as error:  # noqa: BLE001 - the last border: whatever it is becomes one sentence
        return _told(cause_of(error))


def _told(cause: BaseException) -> int:
    if isinstance(cause, KeyboardInterrupt):
        return _INTERRUPTED
    if isinstance(cause, VoiceError):
        sys.stderr.write(f"error: {cause}\n")
        return exit_code_of(cause)
    if isinstance(cause, SystemExit):
        raise cause
    if os.environ.get(DEBUG_VARIABLE, "").strip():
        import traceback

        traceback.print_exception(cause)
    from voice_entrypoints.logs import hidden

    described = " ".join(hidden(str(cause)).split()) or "no more is known"
    where = f"set {DEBUG_VARIABLE}=1 to see where"
    sys.stderr.write(f"error: unexpected {type(cause).__name__}: {described} ({where})\n")
    return FAILED

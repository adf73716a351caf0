"""What a command that failed prints and exits with; no traceback reaches a user."""

import os
import sys
from typing import ClassVar, Final

from voice_domain.errors import VoiceError
from voice_entrypoints.cause import DEBUG_VARIABLE, FAILED, cause_of
from voice_entrypoints.cli.printing import note, show_json

__all__ = ("FAILED", "UsageError", "cause_of", "exit_code_for")

USAGE: Final = 2


class UsageError(VoiceError):
    """The command was not written as it should be."""

    kind: ClassVar[str] = "usage"


def exit_code_for(error: BaseException, *, as_json: bool) -> int:
    """Tell what *error* is, on stderr and with *as_json* on stdout too, and return the exit code for it."""
    cause = cause_of(error)
    if isinstance(cause, BrokenPipeError):
        _close_stdout()
        return 0
    if isinstance(cause, KeyboardInterrupt):
        return _tell("interrupted", "stopped by you", FAILED, as_json=as_json)
    if isinstance(cause, UsageError):
        return _tell(cause.kind, str(cause), USAGE, as_json=as_json)
    if isinstance(cause, VoiceError):
        from voice_contracts.errors import exit_code_of, kind_of

        return _tell(kind_of(cause), str(cause), exit_code_of(cause), as_json=as_json)
    return _unexpected(cause, as_json=as_json)


def _unexpected(cause: BaseException, *, as_json: bool) -> int:
    if os.environ.get(DEBUG_VARIABLE, "").strip():
        import traceback

        traceback.print_exception(cause)
    from voice_entrypoints.logs import hidden

    described = " ".join(hidden(str(cause)).split())  # nobody has written it for people
    sentence = f"unexpected {type(cause).__name__}" + (f": {described}" if described else "")
    return _tell("error", f"{sentence} (set {DEBUG_VARIABLE}=1 to see where)", FAILED, as_json=as_json)


def _tell(kind: str, message: str, code: int, *, as_json: bool) -> int:
    note(message)
    if as_json:
        show_json({"error": {"kind": kind, "message": message}})
    return code


def _close_stdout() -> None:
    # Whoever read us is gone; the interpreter must not find the closed pipe once more when it flushes at its end.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)

"""How a program that only talks to other programs ends: an exit code, and one sentence when it fails."""

import os
import sys
from collections.abc import Callable, Sequence

from voice_contracts.errors import exit_code_of
from voice_domain.errors import VoiceError
from voice_entrypoints.cause import DEBUG_VARIABLE, FAILED, cause_of
from voice_entrypoints.words.language import speaking_to, translated

__all__ = ("exit_code", "warn")

_INTERRUPTED = 130  # what shells make of SIGINT: 128 + 2


def exit_code(work: Callable[[], int], *, words: Sequence[str]) -> int:
    """Do *work* and return its exit code, or that of its error, told in one sentence on standard error.

    *words* is the command line; the sentence is in the language of whoever wrote it.
    """
    with speaking_to(words, os.environ):
        try:
            return work()
        except BaseException as error:  # noqa: BLE001 - the last border: whatever it is becomes one sentence
            return _told(cause_of(error))


def warn(warnings: Sequence[str]) -> None:
    """Tell *warnings* on standard error, a line each."""
    for warning in warnings:
        sys.stderr.write(translated(f"warning: {warning}") + "\n")


def _told(cause: BaseException) -> int:
    if isinstance(cause, KeyboardInterrupt):
        return _INTERRUPTED
    if isinstance(cause, VoiceError):
        sys.stderr.write(translated(f"error: {cause}") + "\n")
        return exit_code_of(cause)
    if isinstance(cause, SystemExit):
        raise cause
    if os.environ.get(DEBUG_VARIABLE, "").strip():
        import traceback

        traceback.print_exception(cause)
    from voice_entrypoints.logs import hidden

    described = " ".join(hidden(str(cause)).split()) or "no more is known"
    where = f"set {DEBUG_VARIABLE}=1 to see where"
    sys.stderr.write(translated(f"error: unexpected {type(cause).__name__}: {described} ({where})") + "\n")
    return FAILED

"""How a suite says which promise an adapter broke."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import anyio

from voice_domain.errors import VoiceError

__all__ = ("BrokenPromiseError", "promise", "promise_in_time")


class BrokenPromiseError(VoiceError, AssertionError):
    """An adapter does not keep a promise of its port; the message is the promise."""

    kind: ClassVar[str] = "broken_promise"

    def __init__(self, sentence: str, seen: object = None) -> None:
        shown = seen if isinstance(seen, str) else repr(seen)
        super().__init__(f"Broken promise: {sentence}" + (f" Seen: {shown}" if seen is not None else ""))
        self.sentence = sentence
        self.seen = seen
        """What the adapter did instead; None where there is nothing to show."""


def promise(sentence: str, *, kept: bool, seen: object = None) -> None:
    """Fail with *sentence* unless it was *kept*.

    Raises:
        BrokenPromiseError: if it was not.
    """
    if not kept:
        raise BrokenPromiseError(sentence, seen)


@contextmanager
def promise_in_time(sentence: str, *, deadline_seconds: float) -> Iterator[None]:
    """Fail with *sentence* if what is within takes longer.

    Raises:
        BrokenPromiseError: if it did.
    """
    try:
        with anyio.fail_after(deadline_seconds):
            yield
    except TimeoutError as error:
        raise BrokenPromiseError(sentence, f"nothing within {deadline_seconds:g} s") from error

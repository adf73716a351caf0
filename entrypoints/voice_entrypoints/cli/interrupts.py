"""What Ctrl-C means while a call is up."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import anyio

from voice_entrypoints.cli.failures import FAILED
from voice_entrypoints.stop_signals import stop_signals

__all__ = ("interrupts", "leave_at_once")


@contextmanager
def interrupts() -> Iterator[AsyncIterator[object]]:
    """Give one item for each Ctrl-C, or other request to stop, while the context is open.

    Where an event loop cannot do that (Windows), nothing comes, and Ctrl-C ends the program the hard way.
    """
    try:
        receiver = anyio.open_signal_receiver(*stop_signals())
        signals = receiver.__enter__()
    except NotImplementedError:
        yield _nothing()
        return
    try:
        yield signals
    finally:
        receiver.__exit__(None, None, None)


def leave_at_once() -> None:
    """End the process now. What was acknowledged is on the disk; the next start asks the carrier about the rest."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(FAILED)


async def _nothing() -> AsyncIterator[object]:
    await anyio.sleep_forever()
    yield None

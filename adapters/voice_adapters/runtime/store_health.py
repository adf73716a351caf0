"""Whether calls can be kept at the moment, as far as the latest attempt tells."""

import logging
from typing import Protocol

import anyio

from voice_domain.ports.event_store import StoreError

__all__ = ("Checkable", "StoreHealth")

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 2.0


class Checkable(Protocol):
    """A store that can try whether it works without keeping anything."""

    async def check(self) -> None:
        """Write something that does not matter.

        Raises:
            StoreError: if that did not work.
        """
        ...


class StoreHealth:
    """Remembers the problem of a store that failed until it works again."""

    def __init__(self) -> None:
        self.problem = ""
        """Why calls cannot be kept, for a person; empty when they can, as far as is known."""
        self._failed = anyio.Event()

    def failed(self, error: StoreError) -> None:
        """An attempt to keep something failed; said once, however many calls try."""
        if not self.problem:
            _log.error("%s", error)
        self.problem = str(error)
        self._failed.set()

    def worked(self) -> None:
        """An attempt to keep something worked."""
        if self.problem:
            _log.warning("the call store works again")
            self.problem = ""

    async def watch(self, store: Checkable) -> None:
        """Try a store that failed again every two seconds, until cancelled; so readiness comes back by itself."""
        while True:
            while not self.problem:
                self._failed = anyio.Event()
                await self._failed.wait()
            await anyio.sleep(_PAUSE_SECONDS)
            try:
                await store.check()
            except StoreError as error:
                self.problem = str(error)
            else:
                self.worked()

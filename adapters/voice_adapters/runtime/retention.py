"""Erasing calls, and what was recorded of them, that are older than the user wants to keep them."""

import logging
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
import attrs

from voice_domain.ports.clock import Clock
from voice_domain.ports.event_store import CallEraser, StoreError

__all__ = ("Retention",)

_log = logging.getLogger(__name__)

_DAY_MS: Final = 86_400_000
_AT_ONCE: Final = 100
_HOUR_SECONDS: Final = 3_600.0


@attrs.frozen(kw_only=True)
class Retention:
    """Erases calls that are over and began more than *days* ago, and recordings as old, now and once an hour."""

    store: CallEraser
    clock: Clock
    days: int
    recordings: Path
    """The folder of the recordings; it need not exist."""

    async def run(self) -> None:
        """Erase until cancelled. What cannot be erased is told, and tried again an hour later."""
        while True:
            try:
                await self.once()
            except (StoreError, OSError) as error:
                _log.warning("old calls could not be erased: %s", error)
            await anyio.sleep(_HOUR_SECONDS)

    async def once(self) -> int:
        """Erase all that is too old now; return how many calls that were.

        Few at a time, so that no call that lives waits for the disk.

        Raises:
            StoreError: if the store does not work; what was erased before stays so.
            OSError: if a recording cannot be removed.
        """
        before_ms, count = self.clock.now_ms() - self.days * _DAY_MS, 0
        while erased := await self.store.erase(before_ms=before_ms, limit=_AT_ONCE):
            count += len(erased)
        # By their age, not by the calls just erased: a process may die between the two.
        await anyio.to_thread.run_sync(self._remove_recordings, before_ms / 1000)
        if count:
            _log.info("%d calls older than %d days were erased", count, self.days)
        return count

    def _remove_recordings(self, before: float) -> None:
        for recording in self.recordings.glob("*.wav"):
            if recording.stat().st_mtime < before:
                recording.unlink(missing_ok=True)

"""Where the pairing book is kept between calls."""

from collections.abc import Callable
from typing import Protocol

from voice_domain.pairing import PairingBook

__all__ = ("PairingStore",)


class PairingStore(Protocol):
    """Keeps one pairing book."""

    async def load(self) -> PairingBook:
        """Return the book; an empty one if none was kept.

        Raises:
            StoreError: if it cannot be read.
            DamagedPairingBookError: if what was kept is no pairing book.
        """
        ...

    async def change(self, change: Callable[[PairingBook], PairingBook]) -> PairingBook:
        """Keep what *change* makes of the book, and return that; durable when it returns.

        No other change comes in between, of this process or another one. What *change* raises passes, and the book
        stays as it was.

        Raises:
            StoreError: if it could not be kept.
            DamagedPairingBookError: as `load`.
        """
        ...

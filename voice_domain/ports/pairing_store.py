"""Where the pairing book is kept between calls."""

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

    async def save(self, book: PairingBook) -> None:
        """Keep *book* instead of the one before; durable when it returns.

        Raises:
            StoreError: if it could not be kept.
        """
        ...

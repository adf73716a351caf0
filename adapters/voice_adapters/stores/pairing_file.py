"""The pairing book as a small file in the state folder, replaced as a whole."""

import json
import os
from pathlib import Path

import anyio.to_thread
import attrs

from voice_domain.pairing import DamagedPairingBookError, PairingBook
from voice_domain.ports.event_store import StoreError
from voice_domain.ports.pairing_store import PairingStore

__all__ = ("PairingFile", "PairingMemory")


@attrs.frozen
class PairingFile(PairingStore):
    """Keeps the book in the JSON file at *path*, mode 0600."""

    path: Path

    async def load(self) -> PairingBook:
        """Return the book; see the port."""
        return await anyio.to_thread.run_sync(self._load)

    async def save(self, book: PairingBook) -> None:
        """Keep *book*; see the port."""
        await anyio.to_thread.run_sync(self._save, book)

    def _load(self) -> PairingBook:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return PairingBook()
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"{self.path} cannot be read ({error})") from error
        try:
            return PairingBook.from_plain(json.loads(text))
        except json.JSONDecodeError as error:
            raise DamagedPairingBookError(f"line {error.lineno}") from error

    def _save(self, book: PairingBook) -> None:
        draft = self.path.with_suffix(f".{os.getpid()}.new")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(book.to_plain(), file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise StoreError(f"{self.path} cannot be written ({error})") from error


@attrs.define
class PairingMemory(PairingStore):
    """Keeps the book as long as the process lives."""

    book: PairingBook = attrs.field(factory=PairingBook)

    async def load(self) -> PairingBook:
        """Return the book."""
        return self.book

    async def save(self, book: PairingBook) -> None:
        """Keep *book*."""
        self.book = book

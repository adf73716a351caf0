"""The pairing book as a small file in the state folder, replaced as a whole."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio.to_thread
import attrs

from voice_adapters.stores.lock import wait_for_lock
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

    async def change(self, change: Callable[[PairingBook], PairingBook]) -> PairingBook:
        """Keep what *change* makes of the book; see the port. *change* runs in a worker thread."""
        return await anyio.to_thread.run_sync(self._change, change)

    def _change(self, change: Callable[[PairingBook], PairingBook]) -> PairingBook:
        with self._alone():
            book = change(self._load())
            self._save(book)
        return book

    @contextmanager
    def _alone(self) -> Iterator[None]:
        path = self.path.with_suffix(".lock")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            wait_for_lock(file)
            yield
        finally:
            os.close(file)

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
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(book.to_plain(), file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise _unwritable(self.path, error) from error


def _unwritable(path: Path, error: OSError) -> StoreError:
    problem = error.strerror or type(error).__name__
    return StoreError(f"{path} cannot be written ({problem}); make its folder writable, or free some space")


@attrs.define
class PairingMemory(PairingStore):
    """Keeps the book as long as the process lives."""

    book: PairingBook = attrs.field(factory=PairingBook)

    async def load(self) -> PairingBook:
        """Return the book."""
        return self.book

    async def change(self, change: Callable[[PairingBook], PairingBook]) -> PairingBook:
        """Keep what *change* makes of the book."""
        self.book = change(self.book)
        return self.book

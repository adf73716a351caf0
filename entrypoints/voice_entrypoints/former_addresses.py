"""The addresses at which tunnels led to us, kept in the state folder: a number that leads to one of them led to us."""

import json
import logging
import os
from pathlib import Path
from typing import Final

import attrs

__all__ = ("FILE_NAME", "FormerAddresses")

_log = logging.getLogger(__name__)

FILE_NAME: Final = "tunnel-addresses.json"
_KEPT: Final = 100
"""A number may have been left behind for as many starts, each of which had an address of its own."""


@attrs.frozen
class FormerAddresses:
    """The JSON file at *path*, mode 0600: what a carrier's console held, or had to hold, the latest last.

    Where it cannot be read nothing is remembered, and where it cannot be written nothing is added: numbers stay as
    they are then, which the log says.
    """

    path: Path

    def all(self) -> tuple[str, ...]:
        """Return them, the latest last; nothing if the file makes no sense."""
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError) as error:
            _log.warning(
                "%s cannot be read (%s): numbers that led to a former address stay there", self.path, error
            )
            return ()
        return tuple(str(url) for url in kept) if isinstance(kept, list) else ()

    def add(self, url: str) -> None:
        """Have *url* be the latest one."""
        kept = [each for each in self.all() if each != url][1 - _KEPT :]
        draft = self.path.with_suffix(f".{os.getpid()}.new")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump([*kept, url], file, indent=1)
            draft.replace(self.path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            _log.warning(
                "%s cannot be written (%s): the next start will not know this address", self.path, error
            )

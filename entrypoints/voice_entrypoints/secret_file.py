"""Secrets that are made once and kept in files that only their owner can read."""

import os
import secrets
import stat
from pathlib import Path
from typing import ClassVar, Final

from voice_contracts.secret import Secret
from voice_domain.errors import VoiceError

__all__ = ("TokenFileError", "keep_token", "read_token")

_TOKEN_BYTES: Final = 32
# 128 bits in base 64: nothing shorter is worth comparing.
_SHORTEST: Final = 22
_WRITABLE: Final = "make its folder one that this user may write to"


class TokenFileError(VoiceError):
    """The token file cannot be used as it is."""

    kind: ClassVar[str] = "token_file"

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"Token file {path}: {problem}")
        self.path = path


def keep_token(path: Path, *, otherwise: str = _WRITABLE) -> Secret:
    """Return the token in *path*; without such a file, make one with 256 random bits and mode 0600.

    Two processes that begin at once agree on one token. *otherwise* is what to do where no file can be made.

    Raises:
        TokenFileError: if the file cannot be read or made, or others may read it.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
    except OSError as error:
        raise TokenFileError(path, f"cannot be created ({error.strerror}); {otherwise}") from error
    return read_token(path)


def read_token(path: Path) -> Secret:
    """Return the token in *path*.

    Raises:
        TokenFileError: if it cannot be read, others may read it, or it holds no token.
    """
    try:
        with path.open("rb") as file:
            _check_owner(path, os.fstat(file.fileno()))
            text = file.read(4_096).decode("ascii", "replace").strip()
    except OSError as error:
        remedy = "make it readable, or start the gateway again, which makes a new one if there is none"
        raise TokenFileError(path, f"cannot be read ({error.strerror}); {remedy}") from error
    if len(text) < _SHORTEST:
        raise TokenFileError(path, "holds no token; delete it, and the gateway makes a new one")
    return Secret(text)


def _create(path: Path) -> None:
    """Make the file with its text in one step, so that nobody ever reads half a token."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(_TOKEN_BYTES) + "\n")
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was quicker, and its token is as good
    finally:
        draft.unlink()


def _check_owner(path: Path, status: os.stat_result) -> None:
    if os.name == "posix" and stat.S_IMODE(status.st_mode) & 0o077:
        raise TokenFileError(path, f"others may read it; run `chmod 600 {path}`")

"""One gateway for each state folder: a lock of the operating system, which dies with its holder."""

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Self

from voice_domain.errors import VoiceError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = ("AlreadyRunningError", "StateLock", "StateLockError", "wait_for_lock")

_FILE_NAME: Final = "gateway.lock"
# Windows forbids reading what is locked, so the locked byte lies far behind the pid.
_LOCKED_BYTE: Final = 1 << 20


class AlreadyRunningError(VoiceError):
    """Another gateway uses the state folder."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, home: Path, pid: int | None) -> None:
        who = f"with pid {pid}" if pid is not None else "that is just starting"
        remedy = "stop it, or set VOICECALL_HOME to another folder"
        super().__init__(f"A gateway {who} already uses the state folder {home}; {remedy}")
        self.home = home
        self.pid = pid
        """The process that holds the lock; None when it has not said so yet."""


class StateLockError(VoiceError):
    """The lock file cannot be made."""

    kind: ClassVar[str] = "unavailable"

    def __init__(self, path: Path, problem: str) -> None:
        remedy = "make its folder writable for this user, or free some space"
        super().__init__(f"{path} cannot be locked ({problem}); {remedy}")
        self.path = path


class StateLock:
    """Holds `<home>/gateway.lock` while the context lasts; a process that was killed holds it no more.

    The file keeps the holder's pid and is never removed: a file of the same name could then be locked twice.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file: int | None = None

    def __enter__(self) -> Self:
        """Take the lock, at once or not at all.

        Raises:
            AlreadyRunningError: if another process, or this one, holds it.
            StateLockError: if the file cannot be created or locked.
        """
        path = self._home / _FILE_NAME
        try:
            self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StateLockError(path, error.strerror or str(error)) from error
        try:
            self._take(file, path)
        except BaseException:
            os.close(file)
            raise
        self._file = file
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the next one have it."""
        file, self._file = self._file, None
        if file is not None:
            os.ftruncate(file, 0)
            os.close(file)

    def _take(self, file: int, path: Path) -> None:
        try:
            _lock(file)
        except (BlockingIOError, PermissionError) as error:
            raise AlreadyRunningError(self._home, _pid_in(file)) from error
        except OSError as error:
            raise StateLockError(path, error.strerror or str(error)) from error
        try:
            os.ftruncate(file, 0)
            os.lseek(file, 0, os.SEEK_SET)
            os.write(file, f"{os.getpid()}\n".encode())
        except OSError as error:
            raise StateLockError(path, error.strerror or str(error)) from error


def wait_for_lock(file: int) -> None:
    """Lock an open file, waiting for whoever holds it; closing the file gives it up."""
    if sys.platform == "win32":
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_LOCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX)


def _lock(file: int) -> None:
    if sys.platform == "win32":
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _pid_in(file: int) -> int | None:
    os.lseek(file, 0, os.SEEK_SET)
    text = os.read(file, 20).strip()
    return int(text) if text.isdigit() else None

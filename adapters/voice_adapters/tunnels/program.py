"""A program of this machine, run without a shell and with few of our environment variables.

Nothing secret is ever an argument: every user of a machine sees the arguments of all its processes.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

import anyio
import attrs
from anyio.abc import ByteReceiveStream, Process

from voice_domain.ports.tunnel import TunnelError

__all__ = ("Finished", "Program", "few_variables")

_LONGEST_OUTPUT: Final = 1 << 20
# What programs need to find their files and the network; carriers' and services' keys are none of their business.
_VARIABLES: Final = frozenset(
    {
        "ALL_PROXY",
        "APPDATA",
        "HOME",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "LANG",
        "LOCALAPPDATA",
        "NO_PROXY",
        "PATH",
        "PATHEXT",
        "PROGRAMDATA",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "TMPDIR",
        "USER",
        "USERPROFILE",
        "XDG_CONFIG_HOME",
        "XDG_RUNTIME_DIR",
    }
)
# Linux, prctl(2): PR_SET_PDEATHSIG is kept by execve, and sent when the thread that made the process is gone.
_LEASH: Final = (
    "import ctypes,os,sys\n"
    f"ctypes.CDLL(None).prctl(1,{int(signal.SIGTERM)})\n"
    "if os.getppid()!=int(sys.argv[1]):sys.exit(1)\n"
    "os.execv(sys.argv[2],sys.argv[2:])"
)


def few_variables(environ: Mapping[str, str], *prefixes: str) -> dict[str, str]:
    """Return the variables that a program needs, and those that begin with one of *prefixes*."""
    return {
        name: value
        for name, value in environ.items()
        if name.upper() in _VARIABLES or name.upper().startswith(prefixes)
    }


@attrs.frozen
class Finished:
    """What a program said until it ended."""

    code: int | None
    """Its exit code; None where it was ended by us: it had said enough, or its time was up."""
    out: str
    errors: str
    is_late: bool = False
    """Whether its time was up."""

    @property
    def told(self) -> str:
        """What it said for people, on one line."""
        return " ".join(f"{self.errors} {self.out}".split())


@attrs.frozen(kw_only=True)
class Program:
    """A program that is found on the path when it is needed."""

    name: str
    environ: Mapping[str, str] = attrs.field(repr=False)
    """All variables that it gets, which may hold a token; `PATH` is where it is looked for."""
    remedy: str
    """What to do where it is missing."""
    places: tuple[str, ...] = ()
    """Files that are tried where the path does not have it."""
    stop_seconds: float = 2.0
    """How long it has to end when it is asked to."""
    leashed: bool = False
    """Whether it is to end when this process is killed. On Linux only, and only where processes are made by a
    thread that lives as long as we do: on asyncio, not on trio."""

    async def run(
        self, *arguments: str, seconds: float, enough: Callable[[str], bool] = lambda _: False
    ) -> Finished:
        """Run it to its end, for at most *seconds*, or until *enough* of its output so far.

        Raises:
            TunnelError: if it is missing or cannot be started.
        """
        said: dict[str, bytearray] = {"out": bytearray(), "errors": bytearray()}
        async with self.started(*arguments, merged=False) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            with anyio.move_on_after(seconds) as limit:
                async with anyio.create_task_group() as tasks:

                    async def gather(stream: ByteReceiveStream, into: bytearray) -> None:
                        async for chunk in stream:
                            into += chunk[: _LONGEST_OUTPUT - len(into)]
                            if enough(_text(said["out"]) + _text(said["errors"])):
                                tasks.cancel_scope.cancel()

                    tasks.start_soon(gather, process.stdout, said["out"])
                    tasks.start_soon(gather, process.stderr, said["errors"])
                if not tasks.cancel_scope.cancel_called:
                    await process.wait()
            code = process.returncode
        return Finished(code, _text(said["out"]), _text(said["errors"]), is_late=limit.cancelled_caught)

    @asynccontextmanager
    async def started(self, *arguments: str, merged: bool = True) -> AsyncIterator[Process]:
        """Let it run while the context is open; then it is asked to end, and killed if it does not in time.

        With *merged* what it writes on stderr is on its stdout too.

        Raises:
            TunnelError: if it is missing or cannot be started.
        """
        command = self._command(arguments)
        try:
            process = await anyio.open_process(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if merged else subprocess.PIPE,
                env=self.environ,
                # Ctrl-C in a terminal is for us: live calls need the tunnel until they are over.
                start_new_session=sys.platform != "win32",
            )
        except OSError as error:
            raise self._unstartable(error.strerror or str(error)) from error
        try:
            yield process
        finally:
            await self._stop(process)

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        path = shutil.which(self.name, path=self.environ.get("PATH", ""))
        path = path or next((place for place in self.places if os.access(place, os.X_OK)), None)
        if path is None:
            raise self._unstartable("it is not installed, or not on the PATH")
        if self.leashed and sys.platform == "linux" and sys.executable:
            return [sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid()), path, *arguments]
        return [path, *arguments]

    async def _stop(self, process: Process) -> None:
        with anyio.CancelScope(shield=True):
            if process.returncode is None:
                process.terminate()
                with anyio.move_on_after(self.stop_seconds):
                    await process.wait()
            if process.returncode is None:
                process.kill()
            await process.aclose()

    def _unstartable(self, problem: str) -> TunnelError:
        return TunnelError(self.name, f"Failed to start {self.name}: {problem}", self.remedy)


def _text(said: bytearray) -> str:
    return said.decode("utf-8", "replace")

"""Which gateway of ours already listens on a port, on whatever state folder it runs."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ("gateway_on",)

_LISTENING: Final = "0A"  # TCP_LISTEN in the kernel's include/net/tcp_states.h
_GATEWAY: Final = frozenset({"voicecall-http", "voice_entrypoints.http.main"})
_SERVING: Final = frozenset({"voicecall", "voice_entrypoints.cli.main"})


def gateway_on(port: int, *, proc: Path = Path("/proc")) -> int | None:
    """Return the pid of our gateway that listens on *port* of this machine.

    None if another program does, or if it cannot be told: only Linux tells, of the processes of the same user.
    """
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port, proc)}
    if not sockets:
        return None
    return next((pid for pid in _gateways(proc) if _holds(proc / str(pid), sockets)), None)


def _listening_inodes(port: int, proc: Path) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            # proc(5): local address in field 1 as hex address:port, state in 3, inode in 9; a line of titles first.
            for line in (proc / "net" / table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    yield fields[9]


def _gateways(proc: Path) -> Iterator[int]:
    with suppress(OSError):
        for entry in proc.iterdir():
            if entry.name.isdecimal() and _is_gateway(entry):
                yield int(entry.name)


def _is_gateway(process: Path) -> bool:
    try:
        words = (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:  # it has ended, or is somebody else's
        return False
    names = {Path(word).name for word in words}
    return bool(names & _GATEWAY) or (bool(names & _SERVING) and "serve" in words)


def _holds(process: Path, sockets: set[str]) -> bool:
    with suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            with suppress(OSError):  # closed in between
                if str(descriptor.readlink()) in sockets:
                    return True
    return False

"""Where a settings file and the state folder may be; nothing is read."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

__all__ = ("expanded", "home_path", "host_files", "named_file", "own_file", "settings_places")

_HOST_FILES: Final = (".openclaw/openclaw.json", ".moltbot/moltbot.json", ".clawdbot/config.json")


def home_path(environ: Mapping[str, str]) -> Path:
    """Return the state folder, `$VOICECALL_HOME` or `~/.voicecall`."""
    named = environ.get("VOICECALL_HOME", "").strip()
    folder = expanded(named, environ) if named else _user_folder(environ) / ".voicecall"
    return folder.absolute()


def own_file(environ: Mapping[str, str]) -> Path:
    """Return the settings file of the state folder."""
    return home_path(environ) / "config.json5"


def named_file(environ: Mapping[str, str]) -> Path | None:
    """Return the settings file that `$VOICECALL_CONFIG` names; None if it names none."""
    named = environ.get("VOICECALL_CONFIG", "").strip()
    return expanded(named, environ) if named else None


def host_files(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the settings files of hosts, in the order in which they are looked for."""
    return tuple(_user_folder(environ) / name for name in _HOST_FILES)


def settings_places(path: Path | None, environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files that may count: *path* or the one that is named, else all that are looked for."""
    named = path or named_file(environ)
    if named is not None:
        yield named
        return
    yield own_file(environ)
    yield from host_files(environ)


def expanded(name: str, environ: Mapping[str, str]) -> Path:
    """Return the path *name*, in which `~` is the user's folder."""
    if name == "~" or name.startswith("~/"):
        return _user_folder(environ) / name[2:]
    return Path(name)


def _user_folder(environ: Mapping[str, str]) -> Path:
    named = environ.get("HOME", "").strip()
    return Path(named) if named else Path.home()

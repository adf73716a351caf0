"""Programs that stand in for those of others: scripts on a path of their own, which note how they were started."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ("StandIn", "Started", "install_stand_in")

_SUPPORT = Path(__file__).parent


class Started:
    """One start of a program."""

    def __init__(self, noted: Mapping[str, Any]) -> None:
        self.arguments: list[str] = noted["arguments"]
        self.environ: dict[str, str] = noted["environ"]
        self.pid: int = noted["pid"]


class StandIn:
    """A program on a path of its own."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name

    def environ(self, **more: str) -> dict[str, str]:
        """What a process of ours would have around it; the program is first on the path."""
        return {**os.environ, "PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}", **more}

    def keep(self, plan: object) -> None:
        """Say what it does when it is started."""
        path = self.folder / f"{self.name}.json"
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(plan))
        draft.replace(path)

    def kept(self) -> Any:
        """What it keeps between two starts."""
        return json.loads((self.folder / f"{self.name}.json").read_text())

    def allow(self, name: str) -> None:
        """Let whoever waits for *name* go on."""
        (self.folder / name).touch()

    def starts(self) -> list[Started]:
        """How it was started, each time."""
        path = self.folder / f"{self.name}.starts"
        return [Started(json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


def install_stand_in(folder: Path, name: str) -> StandIn:
    """Put the program *name* into *folder*; what it does is in `support/<name>_stand_in.py`."""
    folder.mkdir(exist_ok=True)
    script = folder / name
    # Without site packages and without our variables a start takes a hundredth of a second.
    script.write_text(
        f"#!{sys.executable} -SE\n"
        "import json, os, sys\n"
        "from pathlib import Path\n"
        "folder = Path(__file__).parent\n"
        "noted = {'arguments': sys.argv[1:], 'environ': dict(os.environ), 'pid': os.getpid()}\n"
        f"with (folder / '{name}.starts').open('a') as file:\n"
        "    file.write(json.dumps(noted) + '\\n')\n"
        f"sys.path.insert(0, {str(_SUPPORT)!r})\n"
        f"from {name}_stand_in import main\n"
        "sys.exit(main(sys.argv[1:], folder))\n"
    )
    script.chmod(0o755)
    return StandIn(folder, name)

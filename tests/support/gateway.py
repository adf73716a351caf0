"""A real gateway process with a state folder of its own."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

__all__ = ("PATIENCE_SECONDS", "GatewayProcess", "started_gateway", "voicecall")

PATIENCE_SECONDS = 120.0
"""How long another process may take for anything: what hangs is found, and a busy machine breaks nothing."""

_BIN = Path(sys.executable).parent


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICECALL_")}
    return kept | {
        "VOICECALL_HOME": str(home),
        "NO_COLOR": "1",
        "PYTHONWARNINGS": "error",
        "LC_ALL": "C.UTF-8",
    }


def voicecall(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    return subprocess.run(
        [str(_BIN / "voicecall"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
        env=environment(home),
    )


class GatewayProcess:
    """A gateway that said that it is ready."""

    def __init__(self, home: Path, process: subprocess.Popen[str], api_url: str, webhook_url: str) -> None:
        self.home = home
        self.process = process
        self.api_url = api_url
        self.webhook_url = webhook_url

    @property
    def token(self) -> str:
        return (self.home / "api-token").read_text().strip()

    def files(self) -> list[str]:
        """What the process has open, by the system's names for it."""
        names: list[str] = []
        for entry in Path(f"/proc/{self.process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # it was closed while we looked
                names.append(str(entry.readlink()))
        return sorted(names)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read the store from outside."""
        path = self.home / "voice-calls" / "calls.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()


@contextmanager
def started_gateway(home: Path, settings: Mapping[str, Any], *, code: int = 0) -> Iterator[GatewayProcess]:
    """Run `voicecall-http` on free ports until the context is left; then it must stop by itself, with *code*."""
    home.mkdir(mode=0o700, exist_ok=True)
    document = {"api": {"port": 0}, "serve": {"port": 0, "drainSeconds": 0}, **settings}
    (home / "config.json5").write_text(json.dumps(document))
    with (home / "stderr.txt").open("w") as errors:
        process = subprocess.Popen(
            [str(_BIN / "voicecall-http")],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment(home),
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline().split()
        assert line[:1] == ["ready"], (home / "stderr.txt").read_text()
        yield GatewayProcess(home, process, line[1], line[2])
    finally:
        process.terminate()
        try:
            process.wait(timeout=PATIENCE_SECONDS)
        finally:
            process.kill()
            process.stdout.close()
    assert process.returncode == code

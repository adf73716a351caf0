"""Behaves as ngrok's agent does, as far as its log and its end go; what it says is written by each test.

The lines are those that version 3 writes with `--log stdout --log-format json`.
"""

import json
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ("BEGINNING", "failed", "main", "refused", "started")

BEGINNING = (
    {"lvl": "info", "msg": "no configuration paths supplied", "t": "2026-01-01T00:00:00Z"},
    {
        "err": "<nil>",
        "lvl": "info",
        "msg": "open config file",
        "path": "ngrok.yml",
        "t": "2026-01-01T00:00:00Z",
    },
    {"addr": "127.0.0.1:4040", "allow_hosts": [], "lvl": "info", "msg": "starting web service", "obj": "web"},
    {"id": "7f", "lvl": "info", "msg": "client session established", "obj": "tunnels.session"},
)


def started(url: str) -> dict[str, Any]:
    """The line that tells where the tunnel is reached."""
    told = {"addr": "http://127.0.0.1:3334", "lvl": "info", "msg": "started tunnel", "name": "command_line"}
    return {**told, "obj": "tunnels", "t": "2026-01-01T00:00:01Z", "url": url}


def refused(sentence: str, code: str) -> dict[str, Any]:
    """The line that tells that the service refuses."""
    return {"err": f"{sentence}\r\n\r\n{code}\r\n", "lvl": "crit", "msg": "command failed"}


def failed(problem: str) -> dict[str, Any]:
    """The line that tells that the service is not reached; the agent goes on trying."""
    return {"err": problem, "lvl": "eror", "msg": "failed to reconnect session", "obj": "tunnels.session"}


def main(arguments: Sequence[str], folder: Path) -> int:
    """Do what the plan of this start says: `say`, `cry` (stderr), `await` a file, `deaf`, `exit`; else stay."""
    del arguments
    starts = len((folder / "ngrok.starts").read_text().splitlines())
    plans = json.loads((folder / "ngrok.json").read_text())
    for step in plans[min(starts, len(plans)) - 1]:
        ((word, value),) = step.items()
        if word == "say":
            text = value if isinstance(value, str) else json.dumps(value)
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        elif word == "cry":
            sys.stderr.write(value)
            sys.stderr.flush()
        elif word == "await":
            while not (folder / value).exists():
                time.sleep(0.002)
        elif word == "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        elif word == "exit":
            return int(value)
    while True:
        time.sleep(60)

"""Plays a recording with whatever player this machine has."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

import anyio

__all__ = ("PLAYERS", "play")

PLAYERS: Final = (
    ("aplay", "-q"),
    ("paplay",),
    ("afplay",),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "quiet"),
)
"""Programs that play a WAV file, each with its options; the first that is installed is used."""


async def play(recording: Path) -> str:
    """Play *recording* to its end; return what kept it from being heard, empty if nothing did."""
    for name, *options in PLAYERS:
        program = shutil.which(name)
        if program is None:
            continue
        done = await anyio.run_process(
            [program, *options, str(recording)], stderr=subprocess.DEVNULL, check=False
        )
        return "" if done.returncode == 0 else f"{name} could not play it (exit code {done.returncode})"
    return f"none of {', '.join(name for name, *_ in PLAYERS)} is installed"

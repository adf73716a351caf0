"""`voicecall-http`: the gateway as a program of its own; the same as `voicecall serve`."""

import functools
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from voice_entrypoints.event_loop import run
from voice_entrypoints.logs import set_up_logs
from voice_entrypoints.program_exit import exit_code, warn
from voice_entrypoints.program_options import named_settings_file
from voice_entrypoints.settings_source import home, load_settings

__all__ = ("main",)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the gateway and return the exit code; errors are one sentence on standard error."""
    words = sys.argv[1:] if arguments is None else arguments
    config = named_settings_file("voicecall-http", "Run the gateway.", words)
    return exit_code(functools.partial(_run, config), words=words)


def _run(config: Path | None) -> int:
    loaded = load_settings(config, os.environ)
    set_up_logs(loaded.settings)
    warn(loaded.warnings)
    from voice_entrypoints.http.serve import serve

    return run(functools.partial(serve, loaded, home=home(os.environ), announce=_announce))


def _announce(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

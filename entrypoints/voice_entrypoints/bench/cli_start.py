"""How long the command line takes to begin, in fresh processes."""

import statistics
import subprocess
import sys
import time
from typing import Any, Final

__all__ = ("measure",)

_HELP: Final = ("-m", "voice_entrypoints.cli.main", "--help")
_COMMAND_HELP: Final = ("-m", "voice_entrypoints.cli.main", "call", "--help")
_IMPORT: Final = (
    "import time; began = time.perf_counter(); import {}; print((time.perf_counter() - began) * 1000)"
)
_WHOLE_DOMAIN: Final = (
    "import time, pkgutil, importlib; began = time.perf_counter(); import voice_domain;"
    "[importlib.import_module(each.name) for each in pkgutil.walk_packages(voice_domain.__path__, 'voice_domain.')];"
    "print((time.perf_counter() - began) * 1000)"
)


def measure(runs: int = 7) -> dict[str, Any]:
    """Return medians of *runs* in milliseconds; processes are counted from start to end, imports alone."""
    return {
        "rows": [
            _row("voicecall --help", _whole_ms(_HELP, runs), aim=120.0),
            _row("voicecall call --help", _whole_ms(_COMMAND_HELP, runs)),
            _row("python -c pass, for comparison", _whole_ms(("-c", "pass"), runs)),
            _row("import voice_domain", _told_ms(_IMPORT.format("voice_domain"), runs), aim=60.0),
            _row("import every module of voice_domain", _told_ms(_WHOLE_DOMAIN, runs), aim=60.0),
            _row("import voice_entrypoints.embed", _told_ms(_IMPORT.format("voice_entrypoints.embed"), runs)),
        ]
    }


def _row(what: str, value: float, *, aim: float | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"what": what, "value": round(value, 1), "unit": "ms"}
    return row if aim is None else row | {"aim": aim, "better": "less"}


def _whole_ms(arguments: tuple[str, ...], runs: int) -> float:
    return statistics.median(_one_ms(arguments) for _ in range(runs))


def _one_ms(arguments: tuple[str, ...]) -> float:
    began = time.perf_counter()
    _output_of(arguments)
    return (time.perf_counter() - began) * 1000


def _told_ms(program: str, runs: int) -> float:
    return statistics.median(float(_output_of(("-c", program))) for _ in range(runs))


def _output_of(arguments: tuple[str, ...]) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    return done.stdout

"""How much memory this process holds."""

import resource
import sys
from pathlib import Path

__all__ = ("resident_kib",)

_STATUS = Path("/proc/self/status")


def resident_kib() -> float:
    """Return what it holds now where the system tells; elsewhere the most that it ever held."""
    if _STATUS.exists():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmRSS:"))
        return float(line.split()[1])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 if sys.platform == "darwin" else most

"""Everything that passed the gateway's boundaries, in order, as one number that two runs can be compared by."""

import hashlib
from collections import Counter, deque
from typing import Final

import anyio

from voice_entrypoints.simulation.faults import Fault

__all__ = ("Trace",)

_KEPT: Final = 40


class Trace:
    """Takes lines; keeps a digest of all and the last forty themselves.

    *aloud* keeps every line.
    """

    def __init__(self, *, aloud: bool = False) -> None:
        self._digest = hashlib.sha256()
        self.lines: deque[str] = deque(maxlen=None if aloud else _KEPT)
        self.injected: Counter[str] = Counter()
        """How often each kind of fault struck."""
        self.struck: set[int] = set()
        """The numbers of the faults that did."""

    def note(self, *words: object) -> None:
        """Take a line: the time and *words*."""
        line = f"{anyio.current_time():.6f} " + " ".join(map(str, words))
        self._digest.update(line.encode("utf-8", "surrogatepass") + b"\n")
        self.lines.append(line)

    def strike(self, fault: Fault) -> None:
        """Take note that *fault* strikes now."""
        self.injected[fault.kind.value] += 1
        self.struck.add(fault.number)
        self.note("fault", fault.number, fault.kind.value)

    @property
    def digest(self) -> str:
        """The digest so far, in hexadecimal digits."""
        return self._digest.hexdigest()

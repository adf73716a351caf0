"""One promise of a carrier as a check that runs by itself, and what came of it."""

from collections.abc import Awaitable, Callable
from enum import Enum

import attrs

from voice_contracts.conformance.about import Area
from voice_contracts.conformance.promise import BrokenPromiseError
from voice_contracts.conformance.virtual_time import run_check

__all__ = ("Check", "Finding", "Verdict")


class Verdict(Enum):
    """What came of a check."""

    KEPT = "kept"
    BROKEN = "broken"
    REFUSED = "refused"
    """The carrier does not claim the ability, and refuses what belongs to it."""
    NOT_SHOWN = "not shown"
    """There is nothing to check it on; the sentence says what is missing."""


@attrs.frozen
class Finding:
    """What came of one check."""

    area: Area
    check: str
    verdict: Verdict
    sentence: str = ""
    """What was promised and what came instead, or what is missing; empty for a promise that was kept."""


@attrs.frozen
class Check:
    """One check, ready to be run, any number of times."""

    area: Area
    name: str
    """A sentence without its capital letter and its full stop."""
    verdict: Verdict
    """What it is if the check finds nothing wrong."""
    action: Callable[[], Awaitable[None]]
    real_time: bool = False
    missing: str = ""
    """What is missing to show it; empty if nothing is."""

    def __str__(self) -> str:
        return f"{self.area}: {self.name}"

    def run(self) -> None:
        """Check it, on an event loop of its own.

        Raises:
            BrokenPromiseError: if the promise is not kept.
        """
        finding = self.finding()
        if finding.verdict is Verdict.BROKEN:
            raise BrokenPromiseError(finding.sentence)

    def finding(self) -> Finding:
        """Check it, and return what came of it."""
        try:
            run_check(self.action, real_time=self.real_time)
        # A stage may run its carrier in a task group; and whatever is raised, the promise was not kept.
        except Exception as error:  # noqa: BLE001 - told as a finding
            return Finding(self.area, self.name, Verdict.BROKEN, " / ".join(_told(error)))
        return Finding(self.area, self.name, self.verdict, self.missing)


def _told(error: BaseException) -> list[str]:
    """Return the promises in an error, which may be a group of several."""
    if isinstance(error, BaseExceptionGroup):
        return [sentence for each in error.exceptions for sentence in _told(each)]
    return [str(error) if isinstance(error, BrokenPromiseError) else f"{type(error).__name__}: {error}"]

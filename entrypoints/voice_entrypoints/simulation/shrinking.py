"""Makes a plan that fails smaller: fewer calls, then fewer faults, as long as it fails in the same way."""

from collections.abc import Callable, Sequence
from typing import Final

from voice_entrypoints.simulation.plan import Plan

__all__ = ("shrunk",)

_MOST_RUNS: Final = 60

Fails = Callable[[Plan], bool]


def shrunk(plan: Plan, fails: Fails, *, most_runs: int = _MOST_RUNS) -> Plan:
    """Return a part of *plan* for which *fails* still holds; the same plan is always made smaller in the same way.

    Halves are left out first, then quarters, and so on; *fails* is asked *most_runs* times at most.
    """
    budget = _Budget(fails, most_runs)
    calls = [call.number for call in plan.calls]
    kept = _fewer(calls, lambda some: budget.fails(plan.keeping(frozenset(some), None)))
    smaller = plan.keeping(frozenset(kept), None)
    faults = [fault.number for fault in smaller.faults]
    left = _fewer(faults, lambda some: budget.fails(smaller.keeping(None, frozenset(some))))
    return smaller.keeping(None, frozenset(left))


class _Budget:
    def __init__(self, fails: Fails, runs: int) -> None:
        self._fails = fails
        self._runs = runs

    def fails(self, plan: Plan) -> bool:
        if self._runs <= 0:
            return False
        self._runs -= 1
        return self._fails(plan)


def _fewer(numbers: Sequence[int], fails: Callable[[list[int]], bool]) -> list[int]:
    """Return a part of *numbers* without which *fails* would not hold, as far as trying shows (Zeller's ddmin)."""
    left, parts = list(numbers), 2
    if left and fails([]):
        return []
    while len(left) > 1:
        size = -(-len(left) // parts)
        chunks = [left[at : at + size] for at in range(0, len(left), size)]
        smaller = next((chunk for chunk in chunks if fails(chunk)), None)
        if smaller is not None:
            left, parts = smaller, 2
            continue
        without = ([one for one in left if one not in chunk] for chunk in chunks)
        smaller = next((rest for rest in without if len(chunks) > 2 and fails(rest)), None)
        if smaller is not None:
            left, parts = smaller, max(2, parts - 1)
        elif size == 1:
            break
        else:
            parts = min(len(left), 2 * parts)
    return left

"""Checks the same signatures by turns with our code and with the vendor's, and compares the middle windows."""

import statistics
import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Final

from voice_entrypoints.bench.signatures.contest import REQUESTS, Check, Contest
from voice_entrypoints.bench.signatures.contests import CONTESTS

__all__ = ("measure",)

_WINDOWS: Final = 15
_ROUNDS: Final = 4


def measure(
    *, windows: int = _WINDOWS, rounds: int = _ROUNDS, contests: Sequence[Contest] = CONTESTS
) -> dict[str, Any]:
    """Return what one check costs on each side, in microseconds, and ours to theirs; the aim is not to be slower.

    Where the vendor's library is missing, the row says how to install it.
    """
    rows: list[dict[str, Any]] = []
    missing: list[str] = []
    for contest in contests:
        theirs = _their_check(contest)
        if theirs is None:
            missing.append(contest.install)
        rows += _rows(contest, theirs, windows, rounds)
    return {"rows": rows, "missing": missing}


def _their_check(contest: Contest) -> Check | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the vendor's library warns of is not ours to mend
        try:
            return contest.theirs()
        except ImportError:
            return None


def _rows(contest: Contest, theirs: Check | None, windows: int, rounds: int) -> list[dict[str, Any]]:
    checks = {"ours": contest.ours(), **({} if theirs is None else {"theirs": theirs})}
    took = _middles(checks, windows, rounds)
    if theirs is None:
        what = f"{contest.what}, ours (no yardstick: pip install '{contest.install}')"
        return [_row(what, took["ours"], "µs")]
    return [
        _row(f"{contest.what}, ours", took["ours"], "µs"),
        _row(f"{contest.what}, {contest.install}", took["theirs"], "µs"),
        _row(f"{contest.what}, ours to theirs", took["ours"] / took["theirs"], "x")
        | {"aim": 1.0, "better": "less"},
    ]


def _row(what: str, value: float, unit: str) -> dict[str, Any]:
    return {"what": what, "value": round(value, 2), "unit": unit}


def _middles(checks: Mapping[str, Check], windows: int, rounds: int) -> dict[str, float]:
    """Return the CPU time of one check on each side: by turns, so that a busy machine is busy for both."""
    found: dict[str, list[float]] = {side: [] for side in checks}
    for _ in range(windows + 1):
        for side, check in checks.items():
            found[side].append(_window(check, rounds))
    return {side: statistics.median(times[1:]) for side, times in found.items()}  # the first one warms up


def _window(check: Check, rounds: int) -> float:
    began = time.process_time_ns()
    for _ in range(rounds):
        for number in range(REQUESTS):
            check(number)
    return (time.process_time_ns() - began) / 1000 / (rounds * REQUESTS)

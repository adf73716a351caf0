"""Break the carriers line by line, and see whether a test notices: `python .ci/mutate_carriers.py [--sample N] [WORD]`.

What decides whether a webhook is believed, how numbers are written, and why a call is over: each condition is turned
round, each bound moved, each constant changed, each part and result dropped, each reason swapped. Every mutant lives
in a child process that runs the tests of its module. Returns 1 if one survives that is not in `EQUIVALENT`, or if
something is listed there that is no mutant. With `--sample N` only N mutants are made, spread evenly; with a WORD
only those whose name holds it. A whole run takes some minutes. Needs a system that can fork.
"""

import argparse
import os
import signal
import sys
from collections import Counter

import pytest
from carrier_equivalents import EQUIVALENT
from carrier_mutants import Mutant, mutants_of, untouched
from carrier_targets import ROOT, TARGETS, Target
from grafted_code import graft

__all__ = ("main",)

_PATIENCE_SECONDS = 120
_LAST_PLACE = 250
"""Exit codes end at 255, so that of a longer row of tests only these can be named by one."""


class Trial:
    """A pytest plugin that runs the collected tests once for each mutant, in a child that ends with it."""

    def __init__(self, chosen: list[tuple[Target, Mutant]]) -> None:
        self.chosen = chosen
        self.unsound: list[str] = []
        """The targets whose tests fail without any mutant."""
        self.survivors: list[str] = []
        self._tests: dict[Target, list[pytest.Item]] = {}

    def pytest_configure(self) -> None:
        """Have hypothesis try the same examples each time, look for no smaller one, and take as long as it takes."""
        from hypothesis import HealthCheck, Phase, settings

        settings.register_profile(
            "mutants",
            phases=[Phase.explicit, Phase.generate],
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of the ordinary run."""
        if session.testsfailed:
            self.unsound = ["the collection"]
            return True
        for target in dict.fromkeys(target for target, _ in self.chosen):
            files = target.files()
            self._tests[target] = [item for item in session.items if item.path in files]
        self.unsound = [target.title for target in self._tests if self._notices(session, target, None)]
        for target, mutant in () if self.unsound else self.chosen:
            if not self._notices(session, target, mutant):
                self.survivors.append(mutant.name)
                sys.stdout.write(f"survived: line {mutant.line} of {mutant.name}\n")
                sys.stdout.flush()
        return True

    def _notices(self, session: pytest.Session, target: Target, mutant: Mutant | None) -> bool:
        """Whether a test of *target* fails in a child process that has the mutant."""
        child = os.fork()
        if child == 0:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            signal.alarm(_PATIENCE_SECONDS)  # a mutant may go round for ever
            try:
                _install(target, mutant)
                code = self._place_of_failure(session, target)
            except BaseException:  # noqa: BLE001 - a mutant may break anything in any way: all that counts is that it shows
                code = 255
            os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if 0 < code <= _LAST_PLACE:  # what noticed this mutant may well notice the next
            self._tests[target].insert(0, self._tests[target].pop(code - 1))
        return code != 0

    def _place_of_failure(self, session: pytest.Session, target: Target) -> int:
        """Run the tests of a target until one fails; return which one it was, counted from 1, and 0 if none did."""
        for place, item in enumerate(self._tests[target], 1):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if session.testsfailed:
                return min(place, _LAST_PLACE + 1)
        return 0


def _install(target: Target, mutant: Mutant | None) -> None:
    """Give a module the mutant's code; without any, its own once more, which no test may notice."""
    for tree in untouched(target.source(), target.only) if mutant is None else (mutant.tree(),):
        graft(tree, sys.modules[target.module], below=ROOT)


def _spread(found: list[tuple[Target, Mutant]], sample: int) -> list[tuple[Target, Mutant]]:
    count = min(sample, len(found)) if sample else len(found)
    return [found[place * len(found) // count] for place in range(count)]


def _report(trial: Trial, equivalent: list[str]) -> None:
    made = Counter(target.group for target, _ in trial.chosen)
    listed = Counter(name.partition("/")[0] for name in equivalent)
    lines = [f"{len(trial.chosen)} mutants of the carriers"]
    lines += [f"  {group}: {count}, and {listed[group]} equivalent" for group, count in made.items()]
    lines += [f"{len(trial.survivors)} survivors ({len(equivalent)} equivalent, listed)", *trial.survivors]
    sys.stdout.write("\n".join(lines) + "\n")


def main(arguments: list[str]) -> int:
    """Run all mutants, or some; return 1 if one survives, 2 if the tests fail without any."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="make N mutants only")
    parser.add_argument("word", nargs="?", default="", help="only mutants whose name holds this")
    asked = parser.parse_args(arguments)
    every = [
        (target, each)
        for target in TARGETS
        for each in mutants_of(target.title, target.source(), target.only)
    ]
    stale = EQUIVALENT.keys() - {mutant.name for _, mutant in every}
    if stale:
        sys.stderr.write(
            "\n".join(("These are listed as equivalent, and are no mutants:", *sorted(stale), ""))
        )
        return 1
    matching = [(target, mutant) for target, mutant in every if asked.word in mutant.name]
    equivalent = [mutant.name for _, mutant in matching if mutant.name in EQUIVALENT]
    trial = Trial(_spread([each for each in matching if each[1].name not in EQUIVALENT], asked.sample))
    files = sorted({str(file) for target, _ in trial.chosen for file in target.files()})
    options = ["-q", "-s", "-p", "no:cacheprovider", f"--rootdir={ROOT}", "-c", str(ROOT / "pyproject.toml")]
    pytest.main([*options, *files], plugins=[trial])
    if trial.unsound:
        sys.stderr.write(
            f"These fail without any mutant, run their tests first: {', '.join(trial.unsound)}\n"
        )
        return 2
    _report(trial, equivalent)
    return 1 if trial.survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

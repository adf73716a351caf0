"""Break the carriers line by line, and see whether a test notices: `python .ci/mutate_carriers.py [--sample N] [WORD]`.

What decides whether a webhook is believed, how numbers are written, and why a call is over: each condition is turned
round, each constant changed, each result dropped, each reason swapped. Every mutant lives in a child process that
runs the carrier's own tests. Returns 1 if one survives that is not in `HARMLESS`. With `--sample N`
only N mutants are made, spread evenly; with a WORD only those whose name holds it. A whole run takes some minutes.
Needs a system that can fork.
"""

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

import pytest
from carrier_mutants import Mutant, mutants_of

__all__ = ("main",)

ROOT = Path(__file__).resolve().parents[1]
CARRIERS = ROOT / "adapters" / "voice_adapters" / "carriers"
_PATIENCE_SECONDS = 60


class Target(NamedTuple):
    """A module whose lines matter, and the files of tests that hold it."""

    module: str
    tests: tuple[str, ...]
    only: tuple[str, ...] = ()
    """The functions that matter; empty for all of the module."""

    def files(self) -> set[Path]:
        """Return where its tests are."""
        folder = ROOT / "tests" / "adapters" / "carriers" / self.module.partition("/")[0]
        return {folder / f"test_{name}.py" for name in self.tests}


TARGETS = (
    Target("twilio/signature", ("signature", "ports")),
    Target("twilio/statuses", ("statuses", "webhooks")),
    Target("twilio/fields", ("webhooks",), ("caller", "callee")),
    Target("telnyx/signature", ("signature",)),
    Target("telnyx/public_key", ("signature",)),
    Target("telnyx/causes", ("causes",)),
    Target("telnyx/fields", ("webhooks", "fields"), ("caller", "callee", "direction_of_leg")),
    Target("plivo/signature", ("signature",)),
    Target("plivo/causes", ("causes",)),
    Target("plivo/client", ("client",), ("plain_number",)),
    Target("plivo/fields", ("webhooks",), ("caller", "callee", "_number")),
    Target("aliyun/callback_token", ("webhooks",)),
    Target("aliyun/signature", ("signature",)),
    Target("aliyun/numbers", ("dialling",)),
    Target("aliyun/statuses", ("statuses", "webhooks")),
)
HARMLESS: dict[str, str] = {
    "twilio:7'": "the name of a key only has to be the same each time",
    "telnyx:7'": "the name of a key only has to be the same each time",
    "plivo:7'": "the name of a key only has to be the same each time",
    "aliyun:7'": "the name of a key only has to be the same each time",
    "left out: continue": "the loop goes on all the same",
    "257 for 256": "no octet is 256",
    "returns None: return ()": "no form is as good as an empty one",
    "returns None: return False": "nothing fits is as good as does not fit",
}
"""By a part of their names, mutants that change nothing anybody could notice, and why."""


class Trial:
    """A pytest plugin that runs the collected tests once for each mutant, in a child that ends with it."""

    def __init__(self, chosen: list[tuple[Target, Mutant]]) -> None:
        self.chosen = chosen
        self.unsound: list[str] = []
        """The targets whose tests fail without any mutant."""
        self.survivors: list[str] = []

    def pytest_configure(self) -> None:
        """Have hypothesis try the same examples each time, and look for no smaller one: that it shows is enough."""
        from hypothesis import Phase, settings

        phases = [Phase.explicit, Phase.generate]
        settings.register_profile("mutants", phases=phases, derandomize=True, database=None)
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of the ordinary run."""
        if session.testsfailed:
            self.unsound = ["the collection"]
            return True
        targets = dict.fromkeys(target for target, _ in self.chosen)
        self.unsound = [target.module for target in targets if _notices(session, target, None)]
        for target, mutant in () if self.unsound else self.chosen:
            if not _notices(session, target, mutant):
                self.survivors.append(mutant.name)
                sys.stdout.write(f"survived: {mutant.name}\n")
                sys.stdout.flush()
        return True


def _notices(session: pytest.Session, target: Target, mutant: Mutant | None) -> bool:
    """Whether a test of *target* fails in a child process that has the mutant."""
    child = os.fork()
    if child == 0:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        signal.alarm(_PATIENCE_SECONDS)  # a mutant may go round for ever
        try:
            if mutant is not None:
                _install(target, mutant)
            noticed = _fails(session, target)
        except BaseException:  # noqa: BLE001 - a mutant may break anything in any way: all that counts is that it shows
            noticed = True
        os._exit(1 if noticed else 0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def _fails(session: pytest.Session, target: Target) -> bool:
    """Run the tests of a target until one fails."""
    files = target.files()
    for item in session.items:
        if item.path in files:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if session.testsfailed:
                return True
    return False


def _install(target: Target, mutant: Mutant) -> None:
    """Run the mutant's code in its module, and put what came of it wherever the module's own was."""
    module = sys.modules["voice_adapters.carriers." + target.module.replace("/", ".")]
    before = dict(vars(module))
    exec(compile(mutant.tree(), str(module.__file__), "exec"), vars(module))  # noqa: S102 - that is a mutant
    own = {name: old for name, old in before.items() if not name.startswith("__")}
    for name, old in own.items():
        new = vars(module)[name]
        _turn_into(old, new)
        if isinstance(old, type) or callable(old):
            continue  # it has the new code now, whoever holds it
        for other in [each for each in sys.modules.values() if hasattr(each, "__dict__")]:
            for alias, held in list(vars(other).items()):
                if held is old and alias == name:
                    setattr(other, alias, new)


def _turn_into(old: Any, new: Any) -> None:
    """Give a function, or the functions of a class, the code of another."""
    if isinstance(old, type) and old is not new:
        for name, member in vars(old).items():
            if isinstance(member, str | int) and not name.startswith("__"):
                setattr(old, name, vars(new)[name])
            elif not name.startswith("__"):
                _turn_into(member, vars(new).get(name))
    elif isinstance(old, property) and new is not None:
        _turn_into(old.fget, new.fget)
    elif hasattr(old, "__wrapped__") and new is not None:
        _turn_into(old.__wrapped__, new.__wrapped__)
    elif isinstance(old, FunctionType) and isinstance(new, FunctionType):
        old.__code__ = new.__code__


def _all_mutants(word: str) -> Iterator[tuple[Target, Mutant]]:
    for target in TARGETS:
        source = (CARRIERS / f"{target.module}.py").read_text(encoding="utf-8")
        for mutant in mutants_of(target.module, source, target.only):
            if word in mutant.name and not any(part in mutant.name for part in HARMLESS):
                yield target, mutant


def _spread(found: list[tuple[Target, Mutant]], sample: int) -> list[tuple[Target, Mutant]]:
    count = min(sample, len(found)) if sample else len(found)
    return [found[place * len(found) // count] for place in range(count)]


def main(arguments: list[str]) -> int:
    """Run all mutants, or some; return 1 if one survives, 2 if the tests fail without any."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="make N mutants only")
    parser.add_argument("word", nargs="?", default="", help="only mutants whose name holds this")
    asked = parser.parse_args(arguments)
    trial = Trial(_spread(list(_all_mutants(asked.word)), asked.sample))
    files = sorted({str(file) for target, _ in trial.chosen for file in target.files()})
    options = ["-q", "-s", "-p", "no:cacheprovider", f"--rootdir={ROOT}", "-c", str(ROOT / "pyproject.toml")]
    pytest.main([*options, *files], plugins=[trial])
    if trial.unsound:
        sys.stderr.write(
            f"These fail without any mutant, run their tests first: {', '.join(trial.unsound)}\n"
        )
        return 2
    told = [
        f"{len(trial.chosen)} mutants of the carriers",
        f"survivors: {len(trial.survivors)}",
        *trial.survivors,
    ]
    sys.stdout.write("\n".join(told) + "\n")
    return 1 if trial.survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Change the tables of a call cell by cell, and see whether a test notices: `python .ci/mutate_tables.py [--sample N]`.

Every cell of the line, floor and gate tables and of the word table is deleted and set to every other value, every
mode rule is turned round. Each mutant lives in a child process that runs the quick tests of the domain. It is held
against three witnesses: decisions (what `decide` does), histories (what a fold of events does, and properties of the
tables), and the page that is rendered from the tables. Returns 1 if one survives the first two. A whole run takes
some minutes; with `--sample N` only N mutants are made, spread evenly. Needs a system that can fork.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import attrs
import pytest

__all__ = ("main",)

ROOT = Path(__file__).resolve().parents[1]
DECISIONS = (
    "test_decide_line.py",
    "test_decide_playback.py",
    "test_decide_hearing.py",
    "test_decide_turns.py",
    "test_decide_commands.py",
    "test_decide_timers.py",
    "test_long_conversation.py",
)
HISTORIES = ("test_evolve.py", "test_states.py")
PAGE = ("test_call_states_page.py",)
CALLS = 25
"""How many calls the state machine plays with a mutant that the sentences have not noticed."""


class Mutant(NamedTuple):
    """One change to one table."""

    name: str
    apply: Callable[[], object]


def mutants() -> Iterator[Mutant]:
    """Yield every change that a test must notice."""
    from voice_domain import states

    verdicts = [states.IGNORED, states.ILLEGAL]
    yield from _cells("line", states.LINE_TABLE, [*verdicts, *states.Line])
    yield from _cells("floor", states.FLOOR_TABLE, [*verdicts, *states.Floor])
    yield from _cells("gate", states.GATE_TABLE, list(states.Gate))
    words = sorted({word for row in states.WORD_TABLE.values() for word in row.values()})
    yield from _cells("word", states.WORD_TABLE, words)
    yield from _modes()


def _cells(table: str, rows: Mapping[Any, Any], values: list[Any]) -> Iterator[Mutant]:
    for state, row in rows.items():
        for fact, now in row.items():
            name = f"{table}: {state.value} × {fact.value} = {_shown(now)}"
            yield Mutant(f"{name}, deleted", partial(row.pop, fact))
            for other in values:
                if other is not now:
                    change = f"{name}, set to {_shown(other)}"
                    yield Mutant(change, partial(row.update, {fact: other}))


def _shown(value: Any) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)


def _modes() -> Iterator[Mutant]:
    from voice_domain import call
    from voice_domain.mode_rules import MODE_RULES, ModeRules

    for mode, rules in MODE_RULES.items():
        others = {each: known for each, known in MODE_RULES.items() if each is not mode}
        yield Mutant(f"mode: {mode}, deleted", partial(setattr, call, "MODE_RULES", others))
        for field in attrs.fields(ModeRules):
            turned = attrs.evolve(rules, **{field.name: not getattr(rules, field.name)})
            table = {**MODE_RULES, mode: turned}
            name = f"mode: {mode} × {field.name}, turned round"
            yield Mutant(name, partial(setattr, call, "MODE_RULES", table))


class Trial:
    """A pytest plugin that runs the collected tests once for each mutant, in a child that ends with it."""

    def __init__(self, sample: int) -> None:
        self.sample = sample
        self.sound = False
        self.noticed: dict[str, set[str]] = {}
        """By mutant, the witnesses that noticed it."""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of the ordinary run."""
        if session.testsfailed:
            return True
        # Loaded before any child is, so that no child can take a fault of ours for a mutant's.
        from support.call_machine import play_calls

        self.play_calls = play_calls
        self.sound = not _in_child(lambda: self._witnesses(session))
        if self.sound:
            for mutant in _spread(list(mutants()), self.sample):
                self.noticed[mutant.name] = _in_child(partial(self._judged, mutant, session))
        return True

    def _judged(self, mutant: Mutant, session: pytest.Session) -> set[str]:
        mutant.apply()
        return self._witnesses(session)

    def _witnesses(self, session: pytest.Session) -> set[str]:
        noticed = {"page"} if _fails(session, PAGE) else set()
        if _fails(session, DECISIONS) or _machine_fails(self.play_calls):
            return noticed | {"decisions"}
        return noticed | ({"histories"} if _fails(session, HISTORIES) else set())


def _spread(all_mutants: list[Mutant], sample: int) -> list[Mutant]:
    if not sample:
        return all_mutants
    count = min(sample, len(all_mutants))
    return [all_mutants[place * len(all_mutants) // count] for place in range(count)]


def _fails(session: pytest.Session, files: tuple[str, ...]) -> bool:
    """Run the tests of these files until one fails."""
    for item in session.items:
        if item.path.name in files:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if session.testsfailed:
                session.testsfailed = 0
                return True
    return False


def _machine_fails(play_calls: Callable[[int], int]) -> bool:
    try:
        play_calls(CALLS)
    except Exception:  # noqa: BLE001 - a mutant may break anything in any way: all that counts is that it shows
        return True
    return False


def _in_child(work: Callable[[], set[str]]) -> set[str]:
    """Do *work* in a child process, whose changes die with it; return the witnesses that it names."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        try:
            told = ",".join(work())
        except BaseException:  # noqa: BLE001 - the child must tell, whatever happened to it
            told = "decisions"
        os.write(writing, told.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read().decode()
    os.waitpid(child, 0)
    return set(filter(None, told.split(",")))


def _report(trial: Trial) -> int:
    """Tell what survived; return how many mutants neither decisions nor histories noticed."""
    seen = trial.noticed
    unseen = [name for name, noticed in seen.items() if not noticed & {"decisions", "histories"}]
    by_histories = [name for name, noticed in seen.items() if "histories" in noticed]
    _tell(f"{len(seen)} mutants of the tables of a call")
    _tell(f"  noticed by decisions: {sum('decisions' in noticed for noticed in seen.values())}")
    _tell(
        f"  noticed by histories and properties, though not by decisions: {len(by_histories)}", *by_histories
    )
    _tell(f"  noticed by the page: {sum('page' in noticed for noticed in seen.values())}")
    _tell(f"  survivors, page included: {sum('page' not in seen[name] for name in unseen)}")
    _tell(f"  survivors, page left out: {len(unseen)}", *unseen)
    return len(unseen)


def _tell(line: str, *names: str) -> None:
    sys.stdout.write("\n      ".join((line, *names)) + "\n")


def main(arguments: list[str]) -> int:
    """Run all mutants, or a sample; return 1 if one survives, 2 if the tests fail without any."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="make N mutants only")
    trial = Trial(parser.parse_args(arguments).sample)
    files = [str(ROOT / "tests" / "domain" / name) for name in (*DECISIONS, *HISTORIES, *PAGE)]
    options = ["-q", "-s", "-p", "no:cacheprovider", f"--rootdir={ROOT}", "-c", str(ROOT / "pyproject.toml")]
    pytest.main([*options, *files], plugins=[trial])
    if not trial.sound:
        sys.stderr.write("The tests of the domain fail without any mutant: run them first\n")
        return 2
    return 1 if _report(trial) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

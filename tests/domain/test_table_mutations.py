"""A change to a cell of the tables does not pass unnoticed; `.ci/mutate_tables.py` tries them all."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_few_mutants_from_all_over_the_tables_are_noticed_by_behaviour_alone() -> None:
    done = subprocess.run(
        [sys.executable, ".ci/mutate_tables.py", "--sample", "5"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "5 mutants of the tables of a call" in done.stdout, done.stderr
    assert "survivors, page left out: 0" in done.stdout, done.stdout
    assert done.returncode == 0

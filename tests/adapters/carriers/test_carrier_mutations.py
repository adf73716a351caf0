"""A broken line of a carrier does not pass unnoticed; `.ci/mutate_carriers.py` breaks them all."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_a_few_mutants_of_signatures_and_tables_are_noticed() -> None:
    done = subprocess.run(
        [sys.executable, ".ci/mutate_carriers.py", "--sample", "3", "/causes"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "3 mutants of the carriers" in done.stdout, done.stderr
    assert "0 survivors (0 equivalent, listed)" in done.stdout, done.stdout
    assert done.returncode == 0

"""Measurements beside their aims."""

import pytest

from voice_entrypoints.bench import cli_start
from voice_entrypoints.cli.commands.bench import bench_text, judged

ROWS = {
    "rows": [
        {"what": "quick", "value": 12.5, "unit": "ms", "aim": 20.0, "better": "less"},
        {"what": "slow", "value": 30.0, "unit": "ms", "aim": 20.0, "better": "less"},
        {"what": "many", "value": 40_000, "unit": "events/s", "aim": 30_000, "better": "more"},
        {"what": "few", "value": 20_000, "unit": "events/s", "aim": 30_000, "better": "more"},
        {"what": "peer", "value": 3, "unit": "ms"},
    ]
}


def test_the_table_says_which_aims_were_reached() -> None:
    table = bench_text({"mine": ROWS}).splitlines()

    assert [line.split()[1] for line in table[1:]] == ["quick", "slow", "many", "few", "peer"]
    assert [line.split()[-1] for line in table[1:]] == ["reached", "MISSED", "reached", "MISSED", "ms"]
    assert "≥ 30,000" in table[3]


def test_programs_are_told_whether_an_aim_was_reached() -> None:
    rows = judged({**ROWS, "machine": "mine"})

    assert [row.get("reached") for row in rows["rows"]] == [True, False, True, False, None]
    assert rows["machine"] == "mine"


def test_the_start_of_the_command_line_is_measured() -> None:
    rows = {row["what"]: row for row in cli_start.measure(runs=1)["rows"]}

    assert rows["voicecall --help"]["aim"] == 120.0
    assert rows["import voice_domain"]["aim"] == 60.0
    assert all(row["value"] > 0 for row in rows.values())
    assert rows["voicecall --help"]["value"] > rows["python -c pass, for comparison"]["value"] * 0.5


@pytest.mark.parametrize("results", [{}, {"empty": {}}])
def test_no_measurement_is_a_table_without_rows(results: dict[str, dict[str, object]]) -> None:
    assert len(bench_text(results).splitlines()) == 1

"""Rows of the hardening checklist that are about what does not happen."""

import re
from pathlib import Path

from support.sources import sources
from support.stranger import Place


def test_reading_starts_nothing(tmp_path: Path) -> None:
    place = Place.made(tmp_path, {})
    before = {path.name for path in place.home.iterdir()}

    status, history, plan = place.run_all(
        ("voicecall", "status", "--json"),
        ("voicecall", "history", "--json"),
        ("voicecall", "plan", "--to", "+12025550123", "--json"),
    )

    assert (status.json, history.json, plan.json["allowed"]) == ({"calls": []}, {"calls": []}, True)
    assert {path.name for path in place.home.iterdir()} == before


def test_no_carrier_is_asked_to_record() -> None:
    asking = [
        source.at(number)
        for source in sources()
        if source.name.startswith("voice_adapters.carriers")
        for number, line in enumerate(source.text.splitlines(), start=1)
        if re.search(r"record_start|<Record|RecordingStatusCallback|[\"']Record[\"']|recordingUrl", line)
    ]

    assert asking == []

"""Adding a carrier touches its own folders, the container, the settings and the pages: nothing else names one."""

import re

from support.sources import sources

from voice_contracts.settings import CARRIERS

# The built-in one without a network is no company's, and defaults and tests of hosts name it.
NAMES = re.compile("|".join(name for name in CARRIERS if name != "mock"), re.IGNORECASE)
MAY_NAME = {
    "voice_adapters.carriers.": "a carrier's own folder",
    "voice_contracts.twins.": "a carrier's own folder, and what its twin shares with others",
    "voice_contracts.settings": "what a user writes, and what is checked of it",
    "voice_entrypoints.wiring_carriers": "the container's table",
    "voice_entrypoints.bench.": "what is measured is a carrier's own wire",
}


def test_only_what_belongs_to_a_carrier_names_one() -> None:
    named = [
        f"{source.at(number)} {line.strip()}"
        for source in sources()
        if not source.name.startswith(tuple(MAY_NAME)) and NAMES.search(source.text)
        for number, line in enumerate(source.text.splitlines(), start=1)
        if NAMES.search(line)
    ]

    assert named == []


def test_carriers_do_not_name_each_other() -> None:
    named = [
        f"{source.at(number)} {line.strip()}"
        for source in sources()
        if source.name.startswith("voice_adapters.carriers.")
        for number, line in enumerate(source.text.splitlines(), start=1)
        for other in NAMES.findall(line)
        if not source.name.startswith(f"voice_adapters.carriers.{other.lower()}")
    ]

    assert named == []


def test_whoever_may_name_carriers_does() -> None:
    silent = [
        start
        for start in MAY_NAME
        if not any(source.name.startswith(start) and NAMES.search(source.text) for source in sources())
    ]

    assert silent == []

"""Adding a carrier touches its own folders, the container, the settings and the pages: nothing else names one.

A carrier's own is a folder or a module that has exactly its name, and all that is in it.
"""

import re
from collections.abc import Iterator

from support.sources import Source, sources

from voice_contracts.settings import CARRIERS

# The built-in one without a network is no company's, and defaults and tests of hosts name it.
COMPANIES = tuple(name for name in CARRIERS if name != "mock")
NAMES = re.compile("|".join(COMPANIES), re.IGNORECASE)
MAY_NAME = {
    "voice_contracts.settings": "what a user writes, and what is checked of it",
    "voice_entrypoints.wiring_carriers": "the container's table",
}


def owners(source: Source) -> tuple[str, ...]:
    """Return the carriers that a module belongs to: one, or none."""
    return tuple(name for name in COMPANIES if name in source.name.split("."))


def named(source: Source) -> Iterator[tuple[str, str]]:
    """Yield each carrier that a module names, with the line."""
    if not NAMES.search(source.text):
        return
    for number, line in enumerate(source.text.splitlines(), start=1):
        for found in NAMES.findall(line):
            yield found.lower(), f"{source.at(number)} {line.strip()}"


def may_name_all(source: Source) -> bool:
    return any(source.name == each or source.name.startswith(f"{each}_") for each in MAY_NAME)


def test_only_what_belongs_to_a_carrier_names_one() -> None:
    strays = [
        line
        for source in sources()
        if not owners(source) and not may_name_all(source)
        for _, line in named(source)
    ]

    assert strays == []


def test_what_belongs_to_a_carrier_names_no_other() -> None:
    strays = [
        line
        for source in sources()
        if owners(source)
        for name, line in named(source)
        if (name,) != owners(source)
    ]

    assert strays == []


def test_only_a_carriers_own_modules_have_it_in_their_names() -> None:
    assert [
        source.name for source in sources() if NAMES.search(source.name) and len(owners(source)) != 1
    ] == []


def test_whoever_may_name_carriers_does() -> None:
    silent = [each for each in MAY_NAME if not any(source.name == each for source in sources())]
    silent += [
        source.name for source in sources() if source.name in MAY_NAME and not NAMES.search(source.text)
    ]

    assert silent == []

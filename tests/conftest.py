"""What every test stands on: both event loops in virtual time, and a look at what a test leaves behind."""

import os
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.fuzz_tally import FUZZ_TALLY
from support.leftovers import names_of_tasks_left, task_ids
from support.virtual_time import virtual_backend

_BACKENDS = ("asyncio", "trio")
_SEED = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a failure that depends on trio's order be seen again."""
    parser.addoption("--trio-seed", type=int, default=None, help="the order in which trio takes its tasks")
    parser.addoption("--fuzz-minutes", type=float, default=0, help="how long each kind of input is spoiled")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how to see a failure again."""
    tally = terminalreporter.config.stash[FUZZ_TALLY]
    if tally and terminalreporter.config.getoption("--fuzz-minutes"):
        terminalreporter.write_line(f"inputs sent: {sum(tally.values())}, of which {tally}")
    if terminalreporter.stats.get("failed") or terminalreporter.stats.get("error"):
        terminalreporter.write_line(f"trio's order was --trio-seed={terminalreporter.config.stash[_SEED]}")


def pytest_configure(config: pytest.Config) -> None:
    """Declare our markers, choose trio's order, and let no developer's own language change what is expected."""
    os.environ["LC_ALL"] = "C.UTF-8"
    wanted = config.getoption("--trio-seed")
    config.stash[FUZZ_TALLY] = {}
    config.stash[_SEED] = random.randrange(1_000_000) if wanted is None else wanted
    config.addinivalue_line(
        "markers",
        "real_time: the test needs sockets, processes or slow threads, so its clock is the machine's",
    )
    config.addinivalue_line(
        "markers",
        "asyncio_only(reason): the test, or one case of it, does not run on trio; the reason says why",
    )
    config.addinivalue_line(
        "markers", "needs(ability, …): the journey is played on carriers that can do this"
    )
    config.addinivalue_line(
        "markers", "lacks(ability, …): the journey is played on carriers that cannot do this"
    )
    config.addinivalue_line(
        "markers", "one_carrier(reason): the journey is played on one carrier; the reason says why"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every asynchronous test on both event loops."""
    if "anyio_backend" not in metafunc.fixturenames:
        return
    lonely = metafunc.definition.get_closest_marker("asyncio_only")
    names = ("asyncio",) if lonely and lonely.args[0] else _BACKENDS
    metafunc.parametrize("anyio_backend", names, indirect=True, ids=names)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out on trio the single cases of a test that are marked asyncio_only."""
    items[:] = [item for item in items if not _is_for_asyncio_only(item)]


def _is_for_asyncio_only(item: pytest.Item) -> bool:
    case = getattr(item, "callspec", None)
    on_trio = case is not None and case.params.get("anyio_backend") == "trio"
    return on_trio and item.get_closest_marker("asyncio_only") is not None


@pytest.fixture
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """The event loop of this test, with a clock of its own: virtual, unless the test is marked real_time."""
    if request.node.get_closest_marker("real_time"):
        return request.param, {}
    return virtual_backend(request.param, seed=request.config.stash[_SEED])


@pytest.fixture
async def no_task_left() -> AsyncIterator[None]:
    """Fails the test if a task that it started outlives it."""
    before = task_ids()
    yield
    left = await names_of_tasks_left(before)
    assert not left, f"the test left tasks behind: {', '.join(left)}"


@pytest.fixture(autouse=True)
def _leaves_nothing(request: pytest.FixtureRequest) -> None:
    # Asked for by name, so that tests that are not asynchronous stay out of any event loop.
    if "anyio_backend" in request.fixturenames:
        request.getfixturevalue("no_task_left")
